// The adapters of the simulated BlueZ: power and discovery.
// Must not know connections, but that they end with their adapter.

import DBus
import Host

/// A simulated Bluetooth adapter.
public struct SimAdapter: Hashable, Sendable {
    /// "hci0".
    public let name: String
    /// It is plugged in.
    public internal(set) var isThere: Bool
    public internal(set) var isPowered: Bool
    /// It listens for advertisements.
    public internal(set) var isScanning = false

    public init(_ name: String, isThere: Bool = true, isPowered: Bool = true) {
        (self.name, self.isThere, self.isPowered) = (name, isThere, isPowered)
    }

    var path: String { "/org/bluez/" + name }

    var facts: DBusValue {
        .entries([
            DBusEntry(
                .string("org.bluez.Adapter1"),
                .entries([DBusEntry("Powered", "b", .boolean(isPowered)), DBusEntry("Address", "s", .string("00:1A:7D:00:00:01"))]))
        ])
    }
}

extension SimBluez {
    /// Whether any adapter listens.
    public var isScanning: Bool { adapters.contains(where: \.isScanning) }

    func endScans() { for place in adapters.indices { adapters[place].isScanning = false } }

    /// The adapter that a peripheral is known by; nil while it is not there.
    func adapter(of one: SimPeripheral) -> SimAdapter? { adapters.first { $0.isThere && $0.name == one.adapter } }

    /// Whether somebody receives what it advertises. Nobody advertises while connected, by another adapter either.
    func hasEar(_ one: SimPeripheral) -> Bool {
        one.isOn && adapter(of: one)?.isScanning == true && !peripherals.contains { $0.address == one.address && $0.isConnected }
    }

    /// A device has one connection.
    func isConnectedElsewhere(_ index: Int) -> Bool {
        peripherals.indices.contains { $0 != index && peripherals[$0].address == peripherals[index].address && peripherals[$0].isConnected }
    }

    func adapterCalled(_ place: Int, _ call: DBusMessage) {
        switch call.member {
        case "StartDiscovery":
            guard adapters[place].isPowered else { return refuse(call, "NotReady") }
            guard !adapters[place].isScanning else { return refuse(call, "InProgress", "Operation already in progress") }
            adapters[place].isScanning = true
            note("scan")
            answer(call)
            for index in peripherals.indices where peripherals[index].adapter == adapters[place].name {
                later(peripherals[index].appears) { [self] in advertised(index) }
            }
        case "StopDiscovery":
            guard adapters[place].isScanning else { return refuse(call, "Failed", "No discovery started") }
            adapters[place].isScanning = false
            note("rest")
            answer(call)
            for one in peripherals where one.isKnown && !one.isConnected && one.adapter == adapters[place].name {
                changed(one.path, "Device1", [], gone: ["RSSI"])
            }
        default: answer(call)
        }
    }

    /// It advertises, and somebody may listen.
    func advertised(_ index: Int) {
        guard isRunning, hasEar(peripherals[index]) else { return }
        if peripherals[index].isKnown { return changed(peripherals[index].path, "Device1", [DBusEntry("RSSI", "n", .int16(-60))]) }
        peripherals[index].isKnown = true
        added(peripherals[index].path, facts(peripherals[index]))
    }

    // MARK: What tests do to them

    /// Switches an adapter.
    public func power(_ isOn: Bool, _ name: String = "hci0", at now: Instant) {
        self.now = now
        guard let place = adapters.firstIndex(where: { $0.name == name }), adapters[place].isThere else { return }
        if !isOn { loseAll(of: name) }
        (adapters[place].isPowered, adapters[place].isScanning) = (isOn, false)
        changed(adapters[place].path, "Adapter1", [DBusEntry("Powered", "b", .boolean(isOn))])
    }

    /// Plugs an adapter in, or pulls it out.
    public func plug(_ isThere: Bool, _ name: String = "hci0", at now: Instant) {
        self.now = now
        guard let place = adapters.firstIndex(where: { $0.name == name }) else { return }
        if !isThere {
            loseAll(of: name)
            for index in peripherals.indices where peripherals[index].adapter == name && peripherals[index].isKnown {
                peripherals[index].isKnown = false
                removed(peripherals[index].path, Self.device)
            }
        }
        (adapters[place].isThere, adapters[place].isScanning) = (isThere, false)
        if isThere {
            emit("/", DBusNames.objects, "InterfacesAdded", "oa{sa{sv}}", [.path(adapters[place].path), adapters[place].facts])
        } else {
            emit(
                "/", DBusNames.objects, "InterfacesRemoved", "oas",
                [.path(adapters[place].path), .list([.string("org.bluez.Adapter1")])])
        }
    }

    private func loseAll(of name: String) { for index in peripherals.indices where peripherals[index].adapter == name { lose(index) } }
}
