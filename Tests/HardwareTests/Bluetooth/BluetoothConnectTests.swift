// From a scan to a ready device, and every error on the way.
import Buttplug
import Host
import SimHost
import Testing

@testable import Hardware

@Suite struct BluetoothConnectTests {
    private let one = BluetoothRig.address(1)

    @Test("A scan finds what advertises, a connection makes it ready, and a packet leaves by a descriptor.")
    func ready() {
        var rig = BluetoothRig(SimBluez([.asking(one, name: "LVS-Z1")]))
        rig.run(for: .milliseconds(100))
        #expect(rig.troubles == [])
        rig.scan()
        rig.run(for: .milliseconds(200))
        #expect(rig.took() == ["found \(one)"])
        rig.connect(1)
        rig.run(for: .milliseconds(500))
        #expect(rig.took() == ["1 is lovense", "ready 1"])
        // Discovery rests during the Connect, and goes on.
        #expect(rig.bluez.takeJournal() == ["scan", "rest", "connect \(one)", "scan", "acquired \(one)"])
        #expect(rig.write("Vibrate:10;", to: 1) == .done)
        #expect(rig.bluez.takeJournal() == ["write \(one) Vibrate:10; by descriptor"])
        rig.subscribe(1)
        #expect(rig.write("Battery;", to: 1) == .done)
        rig.run(for: .milliseconds(50))
        #expect(rig.took() == ["from 1 rx OK;", "from 1 rx 85;"])
        rig.leave(1)
        rig.run(for: .milliseconds(50))
        #expect(rig.bluez.takeJournal() == ["write \(one) Battery; by descriptor", "disconnect \(one)", "down \(one)"])
        #expect(rig.bluez.openDescriptors == [])
        #expect(rig.write("Vibrate:1;", to: 1) == .gone)
        #expect(rig.took() == [])
        #expect(rig.failures == [])
    }

    @Test("A scan ends after its time, and sooner when nobody wants it any more.")
    func scanTime() {
        var rig = BluetoothRig.found()
        rig.run(for: .seconds(31))
        #expect(rig.took() == ["scan ended"])
        #expect(!rig.bluez.isScanning)
        rig.scan()
        rig.run(for: .milliseconds(10))
        #expect(rig.bluez.isScanning)
        rig.scan(false)
        rig.run(for: .milliseconds(10))
        #expect(!rig.bluez.isScanning)
        #expect(rig.took() == ["found \(one)"])
    }

    @Test("A Connect that is aborted twice is tried a third time, with discovery running.")
    func aborted() {
        var rig = BluetoothRig.found { $0.faults.connects = [.aborted, .aborted] }
        rig.scan(false)
        rig.connect(1)
        rig.run(for: .seconds(2))
        #expect(rig.took() == ["1 is lovense", "ready 1"])
        #expect(
            rig.bluez.takeJournal().filter { $0.hasPrefix("connect") } == ["connect \(one)", "connect \(one)", "connect \(one) scanning"])
        #expect(!rig.bluez.isScanning)
    }

    @Test("A third abort is the end of the attempt: the device is lost, and nothing is told.")
    func abortedThrice() {
        var rig = BluetoothRig.found { $0.faults.connects = [.aborted, .aborted, .aborted] }
        rig.connect(1)
        rig.run(for: .seconds(3))
        #expect(rig.took() == ["lost 1"])
        #expect(rig.failures == [])
    }

    @Test(
        "A Connect that something is in the way of is repeated once, a second later.",
        arguments: [("InProgress", ""), ("Failed", "le-connection-busy"), ("Failed", "le-connection-concurrent-connection-limit")])
    func busy(name: String, text: String) {
        var rig = BluetoothRig.found { $0.faults.connects = [.error(name, text)] }
        rig.connect(1)
        rig.run(for: .milliseconds(900))
        #expect(rig.took() == [])
        rig.run(for: .milliseconds(900))
        #expect(rig.took() == ["1 is lovense", "ready 1"])
        var other = BluetoothRig.found { $0.faults.connects = [.error(name, text), .error(name, text)] }
        other.connect(1)
        other.run(for: .seconds(3))
        #expect(other.took() == ["lost 1"])
        #expect(other.failures == (text.contains("limit") ? ["the adapter takes no more devices"] : []))
    }

    @Test("An adapter that is off is waited for, and then the device is connected.")
    func off() {
        var rig = BluetoothRig.found { $0.faults.connects = [.error("NotReady", "Resource Not Ready")] }
        rig.bluez.power(false, at: rig.now)
        rig.connect(1)
        rig.run(for: .seconds(3))
        #expect(rig.took() == [])
        #expect(rig.troubles.last == "the Bluetooth adapter hci0 is off: bluetoothctl power on")
        rig.bluez.power(true, at: rig.now)
        rig.run(for: .seconds(3))
        #expect(rig.took().suffix(2) == ["1 is lovense", "ready 1"])
        #expect(rig.troubles.last == "well")
    }

    @Test("A characteristic that another program holds is asked for each second for five, and then given up and told.")
    func held() {
        var rig = BluetoothRig.found { $0.faults.isHeld = true }
        rig.connect(1)
        rig.run(for: .seconds(3))
        rig.bluez.change(one) { $0.faults.isHeld = false }
        rig.run(for: .milliseconds(1_100))
        #expect(rig.took() == ["1 is lovense", "ready 1"])
        var other = BluetoothRig.found { $0.faults.isHeld = true }
        other.connect(1)
        other.run(for: .milliseconds(4_900))
        #expect(other.took() == ["1 is lovense"])
        other.run(for: .seconds(2))
        #expect(other.took() == ["lost 1"])
        #expect(other.failures == ["another program writes to it: end that program's connection"])
        #expect(other.bluez.takeJournal().contains("disconnect \(one)"))
    }

    @Test(
        "A device that wants to be paired is told with the command.",
        arguments: [("NotAuthorized", ""), ("AuthenticationFailed", ""), ("Failed", "Not paired")])
    func unpaired(name: String, text: String) {
        var rig = BluetoothRig.found { $0.faults.connects = [.error(name, text)] }
        rig.connect(1)
        rig.run(for: .seconds(1))
        #expect(rig.took() == ["lost 1"])
        #expect(rig.failures == ["the device wants to be paired: bluetoothctl pair \(one)"])
    }

    @Test("A Connect without an answer is given up after twenty seconds, and others are not held up.")
    func silent() {
        var rig = BluetoothRig.found(3) { if $0.address.hasSuffix("1") { $0.faults.connects = Array(repeating: .silent, count: 9) } }
        for number in 1...3 { rig.connect(number) }
        rig.run(for: .seconds(6))
        #expect(rig.took() == ["2 is lovense", "ready 2", "3 is lovense", "ready 3"])
        rig.run(for: .milliseconds(13_900))
        #expect(rig.took() == [])
        rig.run(for: .milliseconds(200))
        #expect(rig.took() == ["lost 1"])
        #expect(rig.bluez.takeJournal().contains("disconnect \(one)"))
    }

    @Test("A device that may run is connected before those that only wait, however many of them do not answer.")
    func mayRun() {
        var rig = BluetoothRig.found(9) { if !$0.address.hasSuffix("9") { $0.faults.connects = Array(repeating: .silent, count: 99) } }
        for number in 1...8 { rig.connect(number) }
        rig.connect(9, goesFirst: true)
        rig.run(for: .seconds(5))
        #expect(rig.took() == ["9 is lovense", "ready 9"])
    }

    @Test("One that may run and does not answer takes turns with the others.")
    func mayRunSilent() {
        var rig = BluetoothRig.found(5) {
            if ["1", "2"].contains($0.address.suffix(1)) { $0.faults.connects = Array(repeating: .silent, count: 99) }
        }
        rig.connect(1, goesFirst: true)
        rig.connect(2)
        for number in 3...5 { rig.connect(number) }
        rig.run(for: .milliseconds(19_500))
        let connects = rig.bluez.takeJournal().filter { $0.hasPrefix("connect ") }.map { String($0.suffix(1)) }
        #expect(connects == ["1", "2", "1", "3", "4", "5", "2", "1"])
        #expect(rig.took().filter { $0.hasPrefix("ready") } == ["ready 3", "ready 4", "ready 5"])
    }

    @Test("Services that are never there are waited for ten seconds.")
    func neverResolved() {
        var rig = BluetoothRig.found { $0.faults.neverResolves = true }
        rig.connect(1)
        rig.run(for: .milliseconds(10_000))
        #expect(rig.took() == [])
        rig.run(for: .milliseconds(200))
        #expect(rig.took() == ["lost 1"])
        #expect(rig.bluez.takeJournal().suffix(2) == ["disconnect \(one)", "down \(one)"])
    }

    @Test("The first protocol whose services are there is the device's; when none is, what is missing is told.")
    func endpointMissing() throws {
        let absent = try #require(UUID128("6e400002-b5a3-f393-e0a9-e50e24dcca9e"))
        let other = BluetoothRig.facts("other", ["\(absent)"])
        var rig = BluetoothRig(SimBluez([.asking(one, name: "X")]), facts: { _ in [other, BluetoothRig.lovense] })
        rig.scan()
        rig.connect(1)
        rig.run(for: .seconds(2))
        #expect(rig.took().suffix(2) == ["1 is lovense", "ready 1"])
        var none = BluetoothRig(SimBluez([.asking(one, name: "X")]), facts: { _ in [other] })
        none.connect(1)
        none.run(for: .seconds(2))
        #expect(none.took().last == "lost 1")
        #expect(none.failures == ["none of its protocols fits: it has no \(absent)"])
    }

    @Test("A device that is connected already is taken over without a scan and without a Connect.")
    func adopted() {
        let bluez = SimBluez([.asking(one, name: "LVS-Z1")])
        var first = BluetoothRig(bluez)
        first.connect(1)
        first.run(for: .seconds(2))
        #expect(first.took().last == "ready 1")
        // The program ends without a word: the descriptors with it, the connection not.
        for descriptor in bluez.openDescriptors { bluez.released(descriptor, at: first.now) }
        bluez.closed(at: first.now)
        _ = bluez.takeJournal()
        var second = BluetoothRig(bluez)
        second.now = first.now
        second.run(for: .milliseconds(100))
        #expect(second.took() == ["found \(one)"])
        second.connect(1)
        second.run(for: .milliseconds(200))
        #expect(second.took() == ["1 is lovense", "ready 1"])
        #expect(bluez.takeJournal() == ["acquired \(one)"])
    }

    @Test("Ten devices are connected one after the other, never two at once.")
    func ten() {
        var rig = BluetoothRig.found(10)
        for number in 1...10 { rig.connect(number) }
        rig.run(for: .seconds(5))
        #expect(rig.took().filter { $0.hasPrefix("ready") } == (1...10).map { "ready \($0)" })
        let connects = rig.bluez.takeJournal().filter { $0.hasPrefix("connect") || $0.hasPrefix("acquired") }
        #expect(connects.count == 20)
        #expect(rig.bluez.openDescriptors.count == 10)
    }
}
