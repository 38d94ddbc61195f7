// Bluetooth as the router finds it: the bus, BlueZ, two adapters and the devices, and what goes wrong with what they share.
// Must not know the router.

import Host
import SimHost

final class SimulatedBluetooth {
    static let path = "/bus"
    let bluez: SimBluez
    private let bus: SimBus
    private unowned let host: SimHost
    let note: (String) -> Void
    private(set) var toys: [SimulatedToy] = []

    /// So many devices, of every kind in turn. Each third is known to the other adapter, too; kinds that come again have the same name.
    init(_ count: Int, on host: SimHost, _ monitor: HardwareMonitor, note: @escaping (String) -> Void) {
        (self.host, self.note) = (host, note)
        var peripherals: [SimPeripheral] = []
        let rows = (0..<count).map { number in
            let digits = String(number, radix: 16).uppercased()
            return (
                kind: ToyKind(rawValue: number % ToyKind.allCases.count)!, address: "C0:00:00:00:00:\(digits.count < 2 ? "0" : "")\(digits)"
            )
        }
        for (number, row) in rows.enumerated() {
            peripherals.append(row.kind.peripheral(row.address))
            guard number % 3 == 2 else { continue }
            var twin = row.kind.peripheral(row.address)
            twin.adapter = "hci1"
            peripherals.append(twin)
        }
        bluez = SimBluez(peripherals, [SimAdapter("hci0"), SimAdapter("hci1")])
        bluez.keepsJournal = false
        bluez.readTime = .milliseconds(1)
        bus = host.plug(bluez, at: Self.path)
        toys = rows.map { SimulatedToy($0.kind, $0.address, in: self, on: host, monitor) }
        bluez.onEvent = { [unowned self] address, event, now in
            for toy in toys where toy.address == address { toy.happened(event, at: now) }
        }
    }

    /// Descriptors that the other side has, and those that belong to a connection that there is.
    var descriptors: (open: Int, due: Int) {
        (bluez.openDescriptors.count, bluez.peripherals.reduce(0) { $0 + $1.descriptorCount })
    }

    // MARK: One device

    func drop(_ address: String, isVanished: Bool) {
        bluez.drop(address, isVanished: isVanished, at: host.now)
        bus.pump()
    }

    func appear(_ address: String) {
        bluez.appear(address, at: host.now)
        bus.pump()
    }

    func say(_ address: String, _ bytes: [UInt8]) {
        bluez.notify(address, bytes, at: host.now)
        bus.pump()
    }

    // MARK: What they share

    func suffer(_ random: inout SimRandom) {
        let adapter = random.below(3) == 0 ? "hci1" : "hci0"
        switch random.below(14) {
        case 0: bluez.stop(at: host.now)
        case 1, 2: bluez.start(at: host.now)
        case 3: bluez.power(false, adapter, at: host.now)
        case 4, 5: bluez.power(true, adapter, at: host.now)
        case 6: bluez.plug(false, adapter, at: host.now)
        case 7, 8: bluez.plug(true, adapter, at: host.now)
        case 9: bluez.sendGarbage((0..<random.below(300)).map { _ in UInt8(truncatingIfNeeded: random.next()) })
        case 10: bluez.sendStrayDescriptor()
        case 11: bus.end()
        case 12: bluez.refusal = random.below(2) == 0 ? "org.freedesktop.DBus.Error.AccessDenied" : nil
        default: bus.isThere = true
        }
        note("bluez \(bluez.isRunning) \(bluez.adapters.map { $0.isThere && $0.isPowered }) bus \(bus.isThere)")
        bus.pump()
    }

    func mend() {
        bus.isThere = true
        bluez.refusal = nil
        bluez.start(at: host.now)
        for adapter in bluez.adapters {
            if !adapter.isThere { bluez.plug(true, adapter.name, at: host.now) }
            if !adapter.isPowered { bluez.power(true, adapter.name, at: host.now) }
        }
        bus.pump()
    }
}
