// What differs from one spec version to the next: which messages there are, what they mean, how devices are listed.
// Must not know sessions; each version is a file of its own, and no version is built on another.

import Host

/// One spec version. The meaning of everything is that of v4.
protocol Dialect {
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

extension SpecVersion {
    /// The version's dialect.
    var dialect: any Dialect.Type {
        switch self {
        case .v0: V0Dialect.self
        case .v1: V1Dialect.self
        case .v2: V2Dialect.self
        case .v3: V3Dialect.self
        case .v4: V4Dialect.self
        }
    }
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
