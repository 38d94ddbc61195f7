// The places of a device that bytes go to and come from, by the names that device configurations use.
// Must not know what a transport calls them.

/// A place of a device that is written, read or subscribed: over Bluetooth LE a characteristic. A link with one channel has `tx` and `rx`.
struct DeviceEndpoint: Hashable, Sendable, CustomStringConvertible {
    /// Below 64, so that a set of endpoints is one word.
    let rawValue: UInt8

    private init(_ rawValue: UInt8) { self.rawValue = rawValue }

    /// Of the number of another endpoint; a number that none has becomes `tx`.
    init(rawValue: UInt8) { self.rawValue = rawValue < Self.namesCount + Self.genericsMax ? rawValue : 0 }

    static let tx = DeviceEndpoint(0)
    static let rx = DeviceEndpoint(1)
    static let command = DeviceEndpoint(2)
    static let firmware = DeviceEndpoint(3)
    static let rxaccel = DeviceEndpoint(4)
    static let rxblebattery = DeviceEndpoint(5)
    static let rxblemodel = DeviceEndpoint(6)
    static let rxpressure = DeviceEndpoint(7)
    static let rxtouch = DeviceEndpoint(8)
    static let txmode = DeviceEndpoint(9)
    static let txshock = DeviceEndpoint(10)
    static let txvibrate = DeviceEndpoint(11)
    static let txvendorcontrol = DeviceEndpoint(12)
    static let whitelist = DeviceEndpoint(13)

    /// `generic0` to `generic31`.
    static func generic(_ number: UInt8) -> DeviceEndpoint { DeviceEndpoint(namesCount + min(number, genericsMax - 1)) }

    /// By its name in a device configuration; nil for one that nobody has.
    init?(named name: some StringProtocol) {
        if let found = Self.names.firstIndex(where: { $0 == name }) {
            self.init(UInt8(found))
        } else if name.hasPrefix("generic"), let number = UInt8(name.dropFirst(7)), number < Self.genericsMax,
            name.dropFirst(7).utf8.count == (number < 10 ? 1 : 2), !name.utf8.contains(UInt8(ascii: "+"))
        {
            self = .generic(number)
        } else {
            return nil
        }
    }

    /// Whether it is there to be written, by its name.
    var isWritten: Bool { ![.rx, .rxaccel, .rxblebattery, .rxblemodel, .rxpressure, .rxtouch].contains(self) }

    /// The name in a device configuration.
    var description: String {
        rawValue < Self.namesCount ? Self.names[Int(rawValue)] : "generic\(rawValue - Self.namesCount)"
    }

    private static let genericsMax: UInt8 = 32
    private static let namesCount = UInt8(names.count)
    private static let names = [
        "tx", "rx", "command", "firmware", "rxaccel", "rxblebattery", "rxblemodel", "rxpressure", "rxtouch", "txmode", "txshock",
        "txvibrate", "txvendorcontrol", "whitelist",
    ]
}

/// The endpoints that a device has.
struct EndpointSet: Hashable, Sendable, ExpressibleByArrayLiteral {
    private(set) var bits: UInt64 = 0

    init() {}
    init(arrayLiteral endpoints: DeviceEndpoint...) { for endpoint in endpoints { insert(endpoint) } }

    mutating func insert(_ endpoint: DeviceEndpoint) { bits |= 1 << UInt64(endpoint.rawValue) }
    func contains(_ endpoint: DeviceEndpoint) -> Bool { bits >> UInt64(endpoint.rawValue) & 1 == 1 }
}
