// What differs from one spec version to the next: which messages there are, what they mean, how devices are listed.
// Must not know sessions; each version is a file of its own, and no version is built on another.

import Host

/// What a session and the router have to know of a version. A set that is empty belongs to a session without a version.
public struct DialectFacts: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8
    @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// `OutputCmd` exists: a text may be tried as one.
    @inlinable public static var outputCommands: DialectFacts { DialectFacts(rawValue: 1) }
    /// A change is told as the whole `DeviceList`; without this as one message per device that came or went.
    @inlinable public static var wholeLists: DialectFacts { DialectFacts(rawValue: 2) }
    /// `StopScanning` is followed by a `ScanningFinished` of the client's own scan.
    @inlinable public static var confirmsStoppedScans: DialectFacts { DialectFacts(rawValue: 4) }
    /// The handshake names the version by `ProtocolVersionMajor`; without this by `MessageVersion`.
    @inlinable public static var namedByMajor: DialectFacts { DialectFacts(rawValue: 8) }
}

/// One spec version. The meaning of everything is that of v4.
protocol Dialect {
    static var facts: DialectFacts { get }
    /// Whether a client of this version may send such a message.
    static func has(_ kind: MessageKind) -> Bool
    /// What a message asks for. `subcommands` of `batch` hold its list, if it has one.
    static func body(
        _ kind: MessageKind, _ fields: MessageFields, _ devices: DeviceTable, _ batch: inout RequestBatch
    ) -> Request.Body
    static func appendServerInfo(_ id: UInt32, serverName: String, maxPingTime: UInt32, into buffer: inout MessageBuffer)
    /// A complete `DeviceList`.
    static func appendDeviceList(_ id: UInt32, _ view: DeviceView, into buffer: inout MessageBuffer)
    /// The object that describes one device, without its braces.
    static func appendDevice(_ device: DeviceInfo, _ legacy: LegacyDevice, into buffer: inout MessageBuffer)
}

extension Dialect {
    /// What the messages that every version has ask for.
    @inline(__always)
    static func commonBody(_ kind: MessageKind) -> Request.Body {
        switch kind {
        case .ping: .ping
        case .startScanning: .startScanning
        case .stopScanning: .stopScanning
        case .requestDeviceList: .deviceList
        case .requestServerInfo: .failed(.handshakeRepeated)
        default: .failed(.notImplemented(kind.name))
        }
    }
}
