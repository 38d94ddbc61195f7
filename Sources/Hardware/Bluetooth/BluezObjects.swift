// The objects that BlueZ has on the bus: what it said of them last. Kept by its signals, in order.
// Must not know what they are needed for. What does not fit is left out: the bus is as foreign as a client.

import DBus

struct BluezAdapter: Hashable {
    var path: String
    var isPowered = false

    /// "hci0".
    var name: Substring { path.split(separator: "/").last ?? "" }
}

struct BluezDevice: Hashable {
    var path: String
    var address = ""
    var adapter = ""
    var name: String?
    var makers: [MakerData] = []
    var services: [UUID128] = []
    /// It advertises now.
    var isAdvertising = false
    var isConnected = false
    var isResolved = false
    /// What was said of it to the core above.
    var told: Candidate?

    var candidate: Candidate { Candidate(address: address, name: name, makers: makers, services: services) }
}

struct BluezService: Hashable {
    var path: String
    var uuid: UUID128
}

/// What a characteristic can do (BlueZ doc/org.bluez.GattCharacteristic, "Flags").
struct GattFlags: OptionSet, Hashable, Sendable {
    let rawValue: UInt8
    static let read = GattFlags(rawValue: 1)
    static let write = GattFlags(rawValue: 2)
    static let plain = GattFlags(rawValue: 4)
    static let notify = GattFlags(rawValue: 8)

    init(rawValue: UInt8) { self.rawValue = rawValue }
    init(_ names: [String]) {
        self = []
        for name in names {
            switch name {
            case "read", "encrypt-read", "encrypt-authenticated-read", "secure-read": insert(.read)
            case "write", "encrypt-write", "encrypt-authenticated-write", "secure-write", "reliable-write": insert(.write)
            case "write-without-response": insert(.plain)
            case "notify", "indicate": insert(.notify)
            default: break
            }
        }
    }
}

struct BluezCharacteristic: Hashable {
    var path: String
    var service: String
    var uuid: UUID128
    var flags: GattFlags
}

struct BluezObjects {
    /// What a message changed.
    enum Change {
        case nothing
        case adapters
        /// The device with this path.
        case device(String)
        /// It is gone.
        case removed(BluezDevice)
        /// A characteristic has a new value.
        case value(path: String, [UInt8])
    }

    private(set) var adapters: [BluezAdapter] = []
    private(set) var devices: [BluezDevice] = []
    private(set) var services: [BluezService] = []
    private(set) var characteristics: [BluezCharacteristic] = []

    /// Devices beyond these are not taken in: an advertiser can have any number of addresses.
    static let devicesMax = 1_024
    /// Services, and characteristics, of all devices.
    static let attributesMax = 8_192
    private static let servicesMax = 64
    private static let makersMax = 16

    func index(of path: String) -> Int? { devices.firstIndex { $0.path == path } }
    func device(at path: String) -> BluezDevice? { devices.first { $0.path == path } }
    func device(withAddress address: String, of adapter: String) -> BluezDevice? {
        devices.first { $0.address == address && $0.adapter == adapter }
    }
    /// The device as the adapter that has it connected knows it.
    func connected(_ address: String) -> BluezDevice? {
        devices.first { $0.address == address && $0.isConnected && isReachable($0.path) }
    }
    /// Whether the adapter above a device is there and on.
    func isReachable(_ device: String) -> Bool { adapters.contains { $0.isPowered && device.hasPrefix($0.path + "/") } }
    mutating func tell(_ candidate: Candidate?, at index: Int) { devices[index].told = candidate }

    /// The services and characteristics below a device.
    func attributes(of device: String) -> (services: [BluezService], characteristics: [BluezCharacteristic]) {
        let prefix = device + "/"
        return (services.filter { $0.path.hasPrefix(prefix) }, characteristics.filter { $0.path.hasPrefix(prefix) })
    }

    // MARK: Signals

    /// What a signal says has changed; nil for one that says nothing of objects.
    mutating func take(_ signal: DBusMessage) -> Change? {
        switch signal.member {
        case "InterfacesAdded":
            guard let values = signal.values("oa{sa{sv}}"), let path = values[0].text, let interfaces = values[1].dictionary else {
                return nil
            }
            return add(path, interfaces)
        case "InterfacesRemoved":
            guard let values = signal.values("oas"), let path = values[0].text, let interfaces = values[1].texts else { return nil }
            return remove(path, interfaces)
        case "PropertiesChanged":
            if let bytes = signal.onlyOctets(of: "Value", in: Bluez.characteristicName) { return .value(path: signal.path, bytes) }
            guard let values = signal.values("sa{sv}as"), let interface = values[0].text, let facts = values[1].dictionary else {
                return nil
            }
            return change(signal.path, interface, facts, gone: values[2].texts ?? [])
        default: return nil
        }
    }

    /// `InterfacesAdded`, and each object of `GetManagedObjects`.
    mutating func add(_ path: String, _ interfaces: [DBusEntry]) -> Change {
        var change = Change.nothing
        for entry in interfaces {
            guard let facts = entry.value.dictionary else { continue }
            switch entry.key.text {
            case Bluez.adapter:
                if !adapters.contains(where: { $0.path == path }) {
                    adapters.append(BluezAdapter(path: path))
                    adapters.sort { $0.path < $1.path }
                }
                change = self.change(path, Bluez.adapter, facts, gone: [])
            case Bluez.device:
                if index(of: path) == nil {
                    guard devices.count < Self.devicesMax, let address = entry.value["Address"]?.text, Self.isAddress(address) else {
                        continue
                    }
                    devices.append(BluezDevice(path: path, address: address, adapter: entry.value["Adapter"]?.text ?? ""))
                }
                change = self.change(path, Bluez.device, facts, gone: [])
            case Bluez.service:
                guard services.count < Self.attributesMax, let uuid = entry.value["UUID"]?.text.flatMap({ UUID128($0) }) else { continue }
                services.removeAll { $0.path == path }
                services.append(BluezService(path: path, uuid: uuid))
            case Bluez.characteristic:
                guard characteristics.count < Self.attributesMax, let uuid = entry.value["UUID"]?.text.flatMap({ UUID128($0) }) else {
                    continue
                }
                characteristics.removeAll { $0.path == path }
                characteristics.append(
                    BluezCharacteristic(
                        path: path, service: entry.value["Service"]?.text ?? "", uuid: uuid,
                        flags: GattFlags(entry.value["Flags"]?.texts ?? [])))
            default: break
            }
        }
        return change
    }

    /// `InterfacesRemoved`.
    mutating func remove(_ path: String, _ interfaces: [String]) -> Change {
        var change = Change.nothing
        for interface in interfaces {
            switch interface {
            case Bluez.adapter:
                adapters.removeAll { $0.path == path }
                change = .adapters
            case Bluez.device:
                if let index = index(of: path) { change = .removed(devices.remove(at: index)) }
            case Bluez.service: services.removeAll { $0.path == path }
            case Bluez.characteristic: characteristics.removeAll { $0.path == path }
            default: break
            }
        }
        return change
    }

    /// `PropertiesChanged`.
    mutating func change(_ path: String, _ interface: String, _ facts: [DBusEntry], gone: [String]) -> Change {
        switch interface {
        case Bluez.adapter:
            guard let index = adapters.firstIndex(where: { $0.path == path }) else { return .nothing }
            for fact in facts where fact.key.text == "Powered" { adapters[index].isPowered = fact.value.truth ?? false }
            return .adapters
        case Bluez.device:
            guard let index = index(of: path) else { return .nothing }
            for fact in facts { devices[index].take(fact) }
            for name in gone { devices[index].lose(name) }
            return .device(path)
        case Bluez.characteristic:
            guard let bytes = facts.last(where: { $0.key.text == "Value" })?.value.octets else { return .nothing }
            return .value(path: path, bytes)
        default: return .nothing
        }
    }

    /// "C0:11:22:33:44:55".
    private static func isAddress(_ text: String) -> Bool {
        text.utf8.count == 17
            && text.utf8.enumerated().allSatisfy { place, byte in
                place % 3 == 2 ? byte == UInt8(ascii: ":") : Character(Unicode.Scalar(byte)).isHexDigit
            }
    }

    fileprivate static func makers(_ value: DBusValue) -> [MakerData] {
        (value.dictionary ?? []).prefix(makersMax).compactMap { entry in
            guard let company = entry.key.integer.flatMap({ UInt16(exactly: $0) }), let data = entry.value.octets else { return nil }
            return MakerData(company: company, data: data)
        }
    }

    fileprivate static func services(_ value: DBusValue) -> [UUID128] {
        (value.texts ?? []).prefix(servicesMax).compactMap { UUID128($0) }
    }
}

extension BluezDevice {
    fileprivate mutating func take(_ fact: DBusEntry) {
        switch fact.key.text {
        // No name of Bluetooth is longer.
        case "Name": name = fact.value.text.map { String($0.unicodeScalars.prefix(248)) }
        case "ManufacturerData": makers = BluezObjects.makers(fact.value)
        case "UUIDs": services = BluezObjects.services(fact.value)
        case "RSSI": isAdvertising = true
        case "Connected":
            let isNow = fact.value.truth ?? false
            // It has to advertise again before it is connected again.
            if isConnected, !isNow { isAdvertising = false }
            isConnected = isNow
        case "ServicesResolved": isResolved = fact.value.truth ?? false
        default: break
        }
    }

    fileprivate mutating func lose(_ fact: String) {
        switch fact {
        case "Name": name = nil
        case "ManufacturerData": makers = []
        case "UUIDs": services = []
        // Not the RSSI: it goes with every pause of discovery, also for a device that is there.
        default: break
        }
    }
}
