// A Bluetooth LE device that is not there: what it advertises, what it has, how it answers, and what goes wrong with it.
// Must not know D-Bus; `SimBluez` has it on its bus.

import Host

/// A simulated peripheral.
public struct SimPeripheral {
    /// What becomes of a Connect.
    public enum Outcome: Hashable, Sendable {
        case ok
        /// The link comes up for a moment and is gone after the error.
        case aborted
        /// No answer ever.
        case silent
        /// An error of BlueZ: "Failed", with its text.
        case error(String, String)
    }

    public struct Characteristic: Hashable, Sendable {
        public var uuid: String
        public var flags: [String]
        public var value: [UInt8]

        public init(_ uuid: String, _ flags: [String], value: [UInt8] = []) { (self.uuid, self.flags, self.value) = (uuid, flags, value) }
    }

    public struct Service: Hashable, Sendable {
        public var uuid: String
        public var characteristics: [Characteristic]

        public init(_ uuid: String, _ characteristics: [Characteristic]) { (self.uuid, self.characteristics) = (uuid, characteristics) }
    }

    public struct Reply: Hashable, Sendable {
        /// What a write begins with.
        public var to: [UInt8]
        public var answer: [UInt8]

        public init(to: [UInt8], _ answer: [UInt8]) { (self.to, self.answer) = (to, answer) }
    }

    public struct Faults: Hashable, Sendable {
        /// What becomes of the first, second… Connect; afterwards ok.
        public var connects: [Outcome] = []
        public var neverResolves = false
        /// The link is lost after so many writes.
        public var dropsAfterWrites = 0
        /// AcquireWrite is not supported.
        public var hasNoAcquire = false
        /// So many writes by call find another one under way.
        public var busyWrites = 0
        /// Another program holds every characteristic.
        public var isHeld = false
        /// How long a write by call takes.
        public var writeTime = Interval.milliseconds(10)
        /// No write by call is answered.
        public var isMute = false
        /// Every write by call fails with this error of BlueZ.
        public var writeError: String?

        public init() {}
    }

    /// What becomes of the next calls of Connect; afterwards ok.
    public mutating func planConnects(_ outcomes: [Outcome]) { (faults.connects, connects) = (outcomes, 0) }

    public var address: String
    /// The adapter that it is known by. A device that two adapters receive is two of these, with one address.
    public var adapter = "hci0"
    public var name: String?
    /// Manufacturer data by company.
    public var makers: [(company: UInt16, data: [UInt8])] = []
    /// Services that it advertises.
    public var advertised: [String] = []
    public var services: [Service]
    public var replies: [Reply] = []
    public var appears = Interval.milliseconds(50)
    public var connectTime = Interval.milliseconds(80)
    public var resolveTime = Interval.milliseconds(60)
    public var faults = Faults()

    // What it is now.

    /// Switched on and in reach.
    public var isOn = true
    public internal(set) var isConnected = false
    /// Characteristics that somebody has a descriptor of.
    public var descriptorCount: Int { acquired.count }
    /// What was written last to each characteristic, by its UUID.
    public internal(set) var written: [String: [UInt8]] = [:]
    var isKnown = false
    var isResolved = false
    var connects = 0
    var writes = 0
    /// How often it was connected: what was planned in an earlier connection does not happen.
    var life = 0
    /// Characteristics by path: what notifies, what has a descriptor out, what has a request open.
    var notifying: Set<String> = []
    var acquired: [String: Int32] = [:]
    var writing: Set<String> = []
    /// Those of them that another process asked for.
    var lettered: Set<String> = []
    /// Those that are commands.
    var commanding: Set<String> = []

    mutating func endWrites() { (writing, lettered, commanding) = ([], [], []) }

    mutating func wrote(to path: String) {
        writing.remove(path)
        lettered.remove(path)
        commanding.remove(path)
    }

    public init(_ address: String, name: String?, services: [Service] = []) {
        (self.address, self.name, self.services) = (address, name, services)
    }

    /// One that answers as those of a well-known maker do: "DeviceType;" and "Battery;".
    public static func asking(_ address: String, name: String, kind: String = "Z") -> SimPeripheral {
        let base = "0023-4bd4-bbd5-a6920e4c5653"
        var one = SimPeripheral(
            address, name: name,
            services: [
                Service(
                    "50300001-" + base,
                    [
                        Characteristic("50300002-" + base, ["write", "write-without-response"]),
                        Characteristic("50300003-" + base, ["notify"]),
                    ])
            ])
        one.advertised = ["50300001-" + base]
        one.replies = [
            Reply(to: Array("DeviceType;".utf8), Array("\(kind):11:\(address.filter { $0 != ":" });".utf8)),
            Reply(to: Array("Battery;".utf8), Array("85;".utf8)), Reply(to: [], Array("OK;".utf8)),
        ]
        return one
    }

    var adapterPath: String { "/org/bluez/" + adapter }
    var path: String { adapterPath + "/dev_" + address.map { $0 == ":" ? "_" : String($0) }.joined() }

    /// Every characteristic with its path and its service's.
    var attributes: [(service: String, path: String, characteristic: Characteristic)] {
        services.enumerated().flatMap { place, service in
            let parent = "\(path)/service\(place)"
            return service.characteristics.enumerated().map { (parent, "\(parent)/char\($0)", $1) }
        }
    }
}
