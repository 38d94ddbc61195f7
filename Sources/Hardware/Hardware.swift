// Hardware for a router: which devices there are to be, and the backends that drive them.
// Must not know a configuration file; the application that embeds the router fills this in.

import Buttplug
import Host

/// Which ways to hardware a router has. As it comes, none.
public struct HardwareConfiguration: Hashable, Sendable {
    /// Serial ports with a device each.
    public var serial: [SerialPort] = []

    /// Programs that may dial in as devices. The application has to listen for them: `HardwareBackends.socketOwner`.
    public var sockets: [SocketDevice] = []
    /// Which Bluetooth adapter is used, if any.
    public var bluetooth = BluetoothChoice.off
    /// The socket of the system's D-Bus, for Bluetooth.
    public var bus = "/run/dbus/system_bus_socket"
    /// How long a scan looks for devices.
    public var scanTime = Interval.seconds(30)

    /// What is set for single devices, and a user's file, which may also add names, models and programs that dial in.
    public var rules = DeviceRules()
    /// What is known of devices, instead of the built-in catalogue.
    public var baseFile: DeviceFile?

    public init() {}

    /// Whether there is none.
    public var isEmpty: Bool { serial.isEmpty && expectedSockets.isEmpty && bluetooth == .off }

    /// The programs that may dial in: those named here, then those of the files. Of two with one name the first counts.
    public var expectedSockets: [SocketDevice] {
        var all = sockets
        for device in (rules.file?.socketDevices ?? []) + (baseFile?.socketDevices ?? []) {
            let isUsable = Self.knows(protocol: device.protocolName) && !all.contains { $0.identifier == device.identifier }
            if isUsable { all.append(device) }
        }
        return all
    }

    private var catalogue: Catalogue {
        let base = baseFile?.catalogue(over: Builtin.catalogue) ?? Builtin.catalogue
        return rules.file?.catalogue(over: base) ?? base
    }

    /// A book with the configuration's rows, and what is known and set.
    private func book(_ rows: [String: DeviceMatch], _ catalogue: Catalogue = Catalogue()) -> DeviceBook {
        var book = DeviceBook()
        (book.rows, book.catalogue, book.rules) = (rows, catalogue, rules)
        return book
    }

    /// A backend for each way. With no way nothing is made.
    /// - Parameters:
    ///   - host: The world; it opens the wires.
    ///   - onNotice: Gets what the operator should know: the device or port, and what is wrong and what to do, or nil when that is over.
    public func backends(
        on host: any WireOpener, onNotice: @escaping (_ subject: String, _ problem: String?, Instant) -> Void
    ) -> HardwareBackends {
        var made = HardwareBackends()
        if !serial.isEmpty { made.add(serialBackend(on: host, onNotice), "serial") }
        let sockets = expectedSockets
        if !sockets.isEmpty {
            let (backend, owner) = socketsBackend(sockets, onNotice)
            made.add(backend, "websocket")
            made.socketOwner = owner
        }
        if bluetooth != .off { made.add(bluetoothBackend(on: host, onNotice), "bluetooth") }
        return made
    }

    /// The names of protocols, in order.
    public static var protocolNames: [String] { DeviceBook.protocolNames }
    /// Whether there is a protocol of this name.
    public static func knows(protocol name: String) -> Bool { protocolNames.contains(name) }

    private var times: HardwareTimes {
        var times = HardwareTimes()
        times.scan = scanTime
        return times
    }

    private func serialBackend(on host: any WireOpener, _ onNotice: @escaping (String, String?, Instant) -> Void) -> any Backend {
        var rows: [String: DeviceMatch] = [:]
        for port in serial { rows[port.path] = DeviceMatch(port.protocolName, model: port.axes) }
        // A T-code device says itself what it has.
        let isKnown = serial.contains { $0.protocolName != TCode.name }
        let book = isKnown ? book(rows, catalogue) : book(rows)
        let core = HardwareCore("serial", SerialCore(serial), book: book, gapMilliseconds: 20, times: times)
        let backend = HardwareBackend(core) { onNotice($0.subject, $0.problem, $1) }
        return TransportBackend(backend, on: host)
    }

    private func bluetoothBackend(on host: any WireOpener, _ onNotice: @escaping (String, String?, Instant) -> Void) -> any Backend {
        let catalogue = catalogue
        var settings = BluetoothCore.Settings(bus: bus, adapter: bluetooth.adapter) { catalogue.matches($0) }
        settings.scanTime = scanTime
        let core = HardwareCore("bluetooth", BluetoothCore(settings), book: book([:], catalogue), gapMilliseconds: 75, times: times)
        let backend = HardwareBackend(core) { onNotice($0.subject, $0.problem, $1) }
        return TransportBackend(backend, on: host)
    }

    private func socketsBackend(
        _ sockets: [SocketDevice], _ onNotice: @escaping (String, String?, Instant) -> Void
    ) -> (any Backend, any LinkOwner) {
        var rows: [String: DeviceMatch] = [:]
        for device in sockets { rows[device.identifier] = DeviceMatch(device.protocolName, model: device.model) }
        let core = HardwareCore("websocket", SocketsCore(sockets), book: book(rows, catalogue), gapMilliseconds: 0, times: times)
        let backend = HardwareBackend(core) { onNotice($0.subject, $0.problem, $1) }
        let rim = SocketRim(backend)
        backend.rim = rim
        return (TransportBackend(backend), rim)
    }
}

/// Which Bluetooth adapter a router uses.
public enum BluetoothChoice: Hashable, Sendable {
    case off
    /// The first that is powered.
    case automatic
    /// By its name: "hci0".
    case named(String)

    /// By the word of a configuration: "off", "auto" or the name of an adapter; nil for anything else.
    public init?(_ word: String) {
        switch word {
        case "off": self = .off
        case "auto": self = .automatic
        default:
            guard word.hasPrefix("hci"), let number = UInt16(word.dropFirst(3)), word == "hci\(number)" else { return nil }
            self = .named(word)
        }
    }

    /// The word of a configuration.
    public var word: String {
        switch self {
        case .off: "off"
        case .automatic: "auto"
        case .named(let name): name
        }
    }

    var adapter: String? { if case .named(let name) = self { name } else { nil } }
}

/// The backends of a configuration, and who gets the connections of devices that dial in.
public struct HardwareBackends {
    public private(set) var backends: [any Backend] = []
    /// The word for each of them, with which the identities of its devices begin: "serial", "websocket", "bluetooth".
    public private(set) var kinds: [String] = []
    /// For the host's listener; nil when no device may dial in.
    public var socketOwner: (any LinkOwner)?

    public init() {}

    fileprivate mutating func add(_ backend: any Backend, _ kind: String) {
        backends.append(backend)
        kinds.append(kind)
    }

    /// Tells the watchdog of all devices. To be called once, before the host runs.
    package func use(_ wills: any Wills) {
        for (number, backend) in backends.enumerated() { (backend as? any WillsOwner)?.use(wills, as: UInt8(number)) }
    }
}
