// What is missing on the way to BlueZ, what ends there, and what a bus must not say.
import Buttplug
import Host
import SimHost
import Testing

@testable import Hardware

@Suite struct BluetoothBusTests {
    private let one = BluetoothRig.address(1)

    @Test("Without a bus that is told once, a scan ends at once, and the bus is dialled again without haste.")
    func noBus() {
        var rig = BluetoothRig(SimBluez([.asking(one, name: "LVS-Z1")]))
        rig.hasBus = false
        rig.run(for: .seconds(1))
        rig.scan()
        #expect(rig.took() == ["scan ended"])
        rig.run(for: .seconds(60))
        #expect(rig.troubles == ["there is no D-Bus at /bus"])
        #expect(rig.wakes < 20)
        rig.hasBus = true
        rig.run(for: .seconds(11))
        #expect(rig.troubles == ["there is no D-Bus at /bus", "well"])
        rig.scan()
        rig.run(for: .seconds(1))
        #expect(rig.took().contains("found \(one)"))
    }

    @Test("A scan that is asked for before it is known what there is to scan with ends as soon as it is known that there is nothing.")
    func earlyScan() {
        let devices = [SimPeripheral.asking(one, name: "LVS-Z1")]
        for missing in [SimBluez(devices, isRunning: false), SimBluez(devices, hasAdapter: false), SimBluez(devices, isPowered: false)] {
            var rig = BluetoothRig(missing)
            rig.scan()
            rig.run(for: .seconds(1))
            #expect(rig.took() == ["scan ended"])
        }
        var none = BluetoothRig(SimBluez(devices))
        none.hasBus = false
        none.scan()
        none.run(for: .seconds(1))
        #expect(none.took() == ["scan ended"])
        var good = BluetoothRig(SimBluez(devices))
        good.scan()
        good.run(for: .seconds(1))
        #expect(good.took() == ["found \(one)"])
    }

    @Test("Without BlueZ, without an adapter, with one that is off: each is told once and over when it is over.")
    func missing() {
        let bluez = SimBluez([.asking(one, name: "LVS-Z1")], hasAdapter: false, isPowered: false, isRunning: false)
        var rig = BluetoothRig(bluez)
        rig.run(for: .seconds(30))
        bluez.start(at: rig.now)
        rig.run(for: .seconds(30))
        bluez.plug(true, at: rig.now)
        rig.run(for: .seconds(30))
        rig.scan()
        #expect(rig.took() == ["scan ended"])
        bluez.power(true, at: rig.now)
        rig.run(for: .seconds(1))
        bluez.plug(false, at: rig.now)
        rig.run(for: .seconds(30))
        #expect(
            rig.troubles == [
                "BlueZ does not run: systemctl start bluetooth", "there is no Bluetooth adapter",
                "the Bluetooth adapter hci0 is off: bluetoothctl power on", "well", "there is no Bluetooth adapter",
            ])
        #expect(rig.wakes < 10)
    }

    @Test("A named adapter that is not there is told by its name.")
    func named() {
        var rig = BluetoothRig(SimBluez([]), adapter: "hci7")
        rig.run(for: .seconds(1))
        #expect(rig.troubles == ["there is no Bluetooth adapter hci7"])
    }

    @Test("A user who may not use BlueZ is told what to do.")
    func denied() {
        let bluez = SimBluez([])
        bluez.refusal = "org.freedesktop.DBus.Error.AccessDenied"
        var rig = BluetoothRig(bluez)
        rig.run(for: .seconds(60))
        #expect(rig.troubles.count == 1)
        #expect(rig.troubles.first?.contains("add the user to the group bluetooth") == true)
        #expect(rig.wakes < 10)
        bluez.refusal = nil
        rig.run(for: .seconds(11))
        #expect(rig.troubles.last == "well")
    }

    @Test("When bluetoothd ends every device is lost in that turn; all come back, and no descriptor is left.")
    func restart() {
        var rig = BluetoothRig.found(10)
        rig.scan(false)
        for number in 1...10 { rig.connect(number) }
        rig.run(for: .seconds(5))
        _ = rig.took()
        for _ in 1...20 {
            rig.bluez.stop(at: rig.now)
            rig.settle()
            #expect(Set(rig.took()).isSuperset(of: (1...10).map { "lost \($0)" }))
            #expect(rig.bluez.openDescriptors == [])
            for number in 1...10 { rig.connect(number) }
            rig.run(for: .milliseconds(500))
            rig.bluez.start(at: rig.now)
            rig.run(for: .seconds(5))
            #expect(Set(rig.took()).isSuperset(of: (1...10).map { "ready \($0)" }))
            #expect(rig.bluez.openDescriptors.count == 10)
        }
        for number in 1...10 { rig.leave(number) }
        rig.settle()
        #expect(rig.bluez.openDescriptors == [])
    }

    @Test("A scan that is wanted goes on when BlueZ is back, and when the adapter is on again.")
    func votesKept() {
        var rig = BluetoothRig.found()
        rig.bluez.stop(at: rig.now)
        rig.run(for: .milliseconds(100))
        rig.bluez.start(at: rig.now)
        rig.run(for: .milliseconds(100))
        #expect(rig.bluez.isScanning)
        rig.bluez.power(false, at: rig.now)
        rig.run(for: .milliseconds(100))
        rig.bluez.power(true, at: rig.now)
        rig.run(for: .milliseconds(100))
        #expect(rig.bluez.isScanning)
    }

    @Test("Bytes that are no D-Bus, and a message of more than four MiB, end the connection, which is dialled again.")
    func garbage() {
        for bytes in [Array(repeating: UInt8(0xFF), count: 64), [0x6C, 4, 0, 1, 1, 0, 0x40, 0, 1, 0, 0, 0, 0, 0, 0, 0]] {
            var rig = BluetoothRig.found()
            rig.connect(1)
            rig.run(for: .seconds(1))
            #expect(rig.took().last == "ready 1")
            rig.bluez.sendGarbage(bytes)
            rig.run(for: .milliseconds(10))
            #expect(rig.took() == ["lost 1"])
            #expect(rig.bluez.openDescriptors == [])
            rig.run(for: .seconds(1))
            #expect(rig.troubles.suffix(2) == ["what came from /bus is not D-Bus", "well"])
        }
    }

    @Test("Descriptors that nobody asked for are closed.")
    func strayDescriptors() {
        var rig = BluetoothRig.found()
        for _ in 1...100 { rig.bluez.sendStrayDescriptor() }
        rig.run(for: .milliseconds(10))
        #expect(rig.bluez.openDescriptors == [])
        #expect(rig.troubles == [])
    }

    @Test("The bus ends while devices are in use: they are lost, their descriptors closed, and they can be connected again.")
    func busEnds() {
        var rig = BluetoothRig.found(2)
        rig.connect(1)
        rig.run(for: .seconds(1))
        rig.connect(2)
        _ = rig.took()
        rig.endBus()
        #expect(rig.took() == ["lost 2", "lost 1"])
        rig.hasBus = true
        for number in 1...2 { rig.connect(number) }
        rig.run(for: .seconds(3))
        #expect(Set(rig.took()).isSuperset(of: ["ready 1", "ready 2"]))
        #expect(rig.bluez.openDescriptors.count == 2)
    }

    @Test("What a bus that reads slowly has not taken leaves later, in order, and nothing twice.")
    func slowBus() {
        var rig = BluetoothRig.found { $0.faults.hasNoAcquire = true }
        rig.connect(1)
        rig.run(for: .seconds(1))
        _ = rig.took()
        _ = rig.bluez.takeJournal()
        rig.isBlocked = true
        #expect(rig.write("Vibrate:5;", to: 1) == .pending)
        rig.subscribe(1)
        rig.read(.tx, of: 1)
        rig.run(for: .milliseconds(100))
        #expect(rig.took() == [])
        rig.unblock()
        rig.run(for: .milliseconds(100))
        #expect(rig.took() == ["from 1 tx ", "wrote 1", "from 1 rx OK;"])
        #expect(rig.bluez.takeJournal() == ["write \(one) Vibrate:5; by command"])
    }
}
