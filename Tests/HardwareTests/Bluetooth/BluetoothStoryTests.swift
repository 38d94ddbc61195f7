// Bluetooth devices through the whole backend, on a simulated bus: from a scan to zero.
import Buttplug
import Host
import SimHost
import Testing

@testable import Hardware

/// Simulated peripherals and one backend.
struct BluetoothStory {
    let host = SimHost()
    let bluez: SimBluez
    let bus: SimBus
    let owner: RecordingOwner
    private(set) var troubles: () -> [String]
    /// What was found, as who looks is told.
    private(set) var sightings: () -> [HardwareSighting]

    init(_ peripherals: [SimPeripheral], adapters: [SimAdapter] = [SimAdapter("hci0")]) { self.init(SimBluez(peripherals, adapters)) }

    init(_ bluez: SimBluez, uses choice: BluetoothChoice = .automatic) {
        self.bluez = bluez
        bus = host.plug(bluez, at: "/bus")
        var configuration = HardwareConfiguration()
        configuration.bluetooth = choice
        configuration.bus = "/bus"
        final class Said {
            var texts: [String] = []
            var sightings: [HardwareSighting] = []
        }
        let said = Said()
        troubles = { said.texts }
        sightings = { said.sightings }
        let made = configuration.backends(on: host) { subject, problem, _ in if let problem { said.texts.append("\(subject): \(problem)") }
        }
        made.watch { sighting, _ in said.sightings.append(sighting) }
        owner = RecordingOwner(made.backends[0], on: host)
    }

    func run(for interval: Interval) {
        host.at(host.now) {}
        host.run(for: interval)
    }

    /// Does something to BlueZ, and lets it be told.
    func change(_ change: (SimBluez, Instant) -> Void) {
        change(bluez, host.now)
        bus.pump()
    }

    func write(_ value: Int32, to device: BackendDevice = 0, feature: UInt32 = 0, ticket: UInt32 = 1) {
        let target = DeviceTarget(backend: 3, device: device, deviceIndex: 0, feature: feature)
        let writes = [DeviceWrite(to: target, type: .vibrate, value: value, ticket: ticket)]
        writes.withUnsafeBufferPointer { owner.backend.perform($0, at: host.now) }
    }

    /// What a device was told last.
    func last(_ number: Int = 0) -> String {
        String(decoding: bluez.peripherals[number].written["50300002-0023-4bd4-bbd5-a6920e4c5653"] ?? [], as: UTF8.self)
    }
}

@Suite struct BluetoothStoryTests {
    private let one = "C0:00:00:00:00:01"

    @Test("A device is found, told zero, seen, driven, asked for its battery, stopped and let go.")
    func story() throws {
        let story = BluetoothStory([.asking(one, name: "LVS-Z001")])
        story.run(for: .seconds(1))
        #expect(story.owner.devices.isEmpty)
        story.owner.backend.handle(.startScanning, at: story.host.now)
        story.run(for: .seconds(5))
        let device = try #require(story.owner.devices[0])
        #expect(device.identity == "bluetooth:\(one)")
        #expect(story.last() == "Vibrate:0;")
        story.write(9)
        story.run(for: .milliseconds(50))
        #expect(story.last() == "Vibrate:9;")
        #expect(story.owner.answers[1] == [.done])
        story.owner.backend.handle(.stopOutputs, at: story.host.now)
        story.run(for: .milliseconds(50))
        #expect(story.last() == "Vibrate:0;")
        story.write(4)
        story.owner.backend.stop(at: story.host.now)
        story.run(for: .seconds(1))
        #expect(!story.bluez.peripherals[0].isConnected)
        #expect(story.bluez.openDescriptors == [])
        #expect(story.troubles() == [])
    }

    @Test("The end of the router leaves BlueZ the time to read the last zeros before the descriptors are closed.")
    func lastZeros() {
        let story = BluetoothStory([.asking(one, name: "LVS-P011", kind: "P")])
        story.bluez.readTime = .milliseconds(20)
        story.run(for: .seconds(1))
        story.owner.backend.handle(.startScanning, at: story.host.now)
        story.run(for: .seconds(5))
        story.write(9)
        story.write(4, feature: 1, ticket: 2)
        story.run(for: .seconds(1))
        _ = story.bluez.takeJournal()
        story.owner.backend.stop(at: story.host.now)
        story.run(for: .milliseconds(30))
        #expect(story.bluez.openDescriptors.count == 1)
        story.run(for: .seconds(2))
        let journal = story.bluez.takeJournal()
        #expect(!journal.contains { $0.hasPrefix("dropped") })
        let written = journal.filter { $0.hasPrefix("write") }
        #expect(written == ["write \(one) Vibrate1:0; by descriptor", "write \(one) Vibrate2:0; by descriptor"])
        #expect(story.bluez.openDescriptors == [])
        #expect(story.owner.backend.deadline == .never)
        #expect(!story.bluez.peripherals[0].isConnected)
    }

    @Test("After bluetoothd's end a device is gone at once, and is back with its number and at zero when bluetoothd is.")
    func restart() {
        let story = BluetoothStory([.asking(one, name: "LVS-Z001"), .asking("C0:00:00:00:00:02", name: "LVS-Z002")])
        story.run(for: .seconds(1))
        story.owner.backend.handle(.startScanning, at: story.host.now)
        story.run(for: .seconds(8))
        #expect(story.owner.devices.keys.sorted() == [0, 1])
        for _ in 1...5 {
            story.write(7)
            story.run(for: .milliseconds(50))
            story.change { $0.stop(at: $1) }
            story.run(for: .milliseconds(10))
            #expect(story.owner.devices.isEmpty)
            story.change { $0.start(at: $1) }
            story.run(for: .seconds(8))
            #expect(story.owner.devices.keys.sorted() == [0, 1])
            #expect(story.last(0) == "Vibrate:0;")
            #expect(story.bluez.openDescriptors.count == 2)
        }
    }

    @Test("A device that ran when its adapter went off is at zero when that is on again, also when another adapter was used meanwhile.")
    func otherAdapter() {
        let story = BluetoothStory([.asking(one, name: "LVS-Z001")], adapters: [SimAdapter("hci0"), SimAdapter("hci1")])
        story.run(for: .seconds(1))
        story.owner.backend.handle(.startScanning, at: story.host.now)
        story.run(for: .seconds(5))
        story.write(7)
        story.run(for: .milliseconds(50))
        #expect(story.last() == "Vibrate:7;")
        story.change { $0.power(false, at: $1) }
        story.run(for: .seconds(3))
        #expect(story.owner.devices.isEmpty)
        story.change { $0.power(true, at: $1) }
        story.run(for: .seconds(8))
        #expect(story.owner.devices.count == 1)
        #expect(story.last() == "Vibrate:0;")
    }

    @Test(
        "A device that an earlier router left running at another adapter is adopted and told zero, and then driven there.",
        arguments: [BluetoothChoice.automatic, .named("hci0"), .named("hci2"), .named("hci9")])
    func leftAtOtherAdapter(_ choice: BluetoothChoice) {
        // hci2 is off, and there is no hci9. The first adapter knows the device, too.
        var near = SimPeripheral.asking(one, name: "LVS-Z001")
        var far = near
        far.adapter = "hci1"
        (near.isOn, far.isOn) = (false, true)
        let bluez = SimBluez([near, far], [SimAdapter("hci0"), SimAdapter("hci1"), SimAdapter("hci2", isPowered: false)])
        var earlier = BluetoothRig(bluez, adapter: "hci1")
        earlier.now = .zero
        earlier.scan()
        earlier.connect(1)
        earlier.run(for: .seconds(2))
        _ = earlier.write("Vibrate:14;", to: 1)
        #expect(earlier.took().contains("ready 1"))
        for descriptor in bluez.openDescriptors { bluez.released(descriptor, at: earlier.now) }
        bluez.closed(at: earlier.now)

        let story = BluetoothStory(bluez, uses: choice)
        #expect(story.last(1) == "Vibrate:14;")
        story.run(for: .seconds(8))
        #expect(story.last(1) == "Vibrate:0;")
        #expect(story.owner.devices.count == 1)
        story.write(3)
        story.run(for: .milliseconds(50))
        #expect(story.last(1) == "Vibrate:3;")
        story.owner.backend.stop(at: story.host.now)
        story.run(for: .seconds(1))
        #expect(story.last(1) == "Vibrate:0;")
    }

    @Test("A device at another adapter is driven on while the adapter in use goes off and comes back, and is lost with its own.")
    func ownAdapter() {
        let bluez = SimBluez([.asking(one, name: "LVS-Z001")], [SimAdapter("hci0"), SimAdapter("hci1")])
        bluez.change(one) { $0.adapter = "hci1" }
        var rig = BluetoothRig(bluez, adapter: "hci1")
        rig.scan()
        rig.connect(1)
        rig.run(for: .seconds(2))
        for descriptor in bluez.openDescriptors { bluez.released(descriptor, at: rig.now) }
        bluez.closed(at: rig.now)
        let story = BluetoothStory(bluez)
        story.run(for: .seconds(8))
        #expect(story.owner.devices.count == 1)
        story.change { $0.power(false, "hci0", at: $1) }
        story.run(for: .seconds(1))
        story.change { $0.power(true, "hci0", at: $1) }
        story.run(for: .seconds(1))
        #expect(story.owner.devices.count == 1)
        story.write(5)
        story.run(for: .milliseconds(50))
        #expect(story.last() == "Vibrate:5;")
        story.change { $0.power(false, "hci1", at: $1) }
        story.run(for: .seconds(1))
        #expect(story.owner.devices.isEmpty)
    }

    @Test("The watchdog gets a device's zero and its descriptor, and gives them back before the descriptor is closed.")
    func letter() throws {
        let story = BluetoothStory([.asking(one, name: "LVS-Z001")])
        let wills = RecordingWills()
        try #require(story.owner.backend as? any WillsOwner).use(wills, as: 2)
        story.run(for: .seconds(1))
        story.owner.backend.handle(.startScanning, at: story.host.now)
        story.run(for: .seconds(5))
        let set = try #require(wills.takeSaid().first)
        #expect(set.hasPrefix(#"set 2 0 ["Vibrate:0;"] "#))
        story.write(9)
        #expect(wills.takeSaid() == ["runs true"])
        story.change { $0.drop(one, at: $1) }
        story.run(for: .milliseconds(50))
        #expect(wills.takeSaid().contains("clear 2 0"))
        #expect(story.troubles() == [])
    }

    @Test("A device that only calls can stop has a letter, too, and nothing is told to the operator.")
    func letterByCall() throws {
        var peripheral = SimPeripheral.asking(one, name: "LVS-Z001")
        peripheral.faults.hasNoAcquire = true
        let story = BluetoothStory([peripheral])
        let wills = RecordingWills()
        try #require(story.owner.backend as? any WillsOwner).use(wills, as: 2)
        story.run(for: .seconds(1))
        story.owner.backend.handle(.startScanning, at: story.host.now)
        story.run(for: .seconds(5))
        #expect(story.owner.devices.count == 1)
        let set = try #require(wills.takeSaid().first { $0.hasPrefix("set 2 0 ") })
        #expect(set.contains("WriteValue") && set.contains("Vibrate:0;") && set.hasSuffix(" 2000000001"))
        #expect(story.troubles() == [])
    }

    @Test("A device that only calls can stop, on a bus that takes no second connection, is told to the operator.")
    func withoutLetter() throws {
        var peripheral = SimPeripheral.asking(one, name: "LVS-Z001")
        peripheral.faults.hasNoAcquire = true
        let story = BluetoothStory([peripheral])
        story.bus.takesGuests = false
        let wills = RecordingWills()
        try #require(story.owner.backend as? any WillsOwner).use(wills, as: 2)
        story.run(for: .seconds(1))
        story.owner.backend.handle(.startScanning, at: story.host.now)
        story.run(for: .seconds(5))
        #expect(story.owner.devices.count == 1)
        #expect(!wills.takeSaid().contains { $0.hasPrefix("set") })
        #expect(story.troubles().count == 1)
        #expect(story.troubles().first?.contains("the watchdog cannot stop it") == true)
    }

    @Test("What advertises and is no known device is neither connected nor counted.")
    func strangers() {
        let many = (1...90).map { number in
            SimPeripheral.asking("D0:00:00:00:00:\(number < 10 ? "0" : "")\(number)", name: "Lamp")
        }.map { one in
            var one = one
            one.advertised = []
            return one
        }
        let story = BluetoothStory(many + [.asking(one, name: "LVS-Z001")])
        story.run(for: .seconds(1))
        story.owner.backend.handle(.startScanning, at: story.host.now)
        story.run(for: .seconds(8))
        #expect(story.owner.devices.count == 1)
        #expect(story.bluez.takeJournal().filter { $0.hasPrefix("connect D0") } == [])
        #expect(story.troubles() == [])
    }
}
