// What spec versions 0 to 3 have in common, as defaults of their dialects.
// Must not know which messages a version has.

import Host

/// A version before 4: devices are listed in an array, and changes come one device at a time.
protocol LegacyDialect: Dialect {
    /// The number in `MessageVersion`.
    static var number: UInt32 { get }
    /// `ServerInfo` ends in the three numbers of the server's own version.
    static var tellsServerVersion: Bool { get }
}

extension LegacyDialect {
    static var facts: DialectFacts { .confirmsStoppedScans }
    static var tellsServerVersion: Bool { false }

    static func appendServerInfo(_ id: UInt32, serverName: String, maxPingTime: UInt32, into buffer: inout MessageBuffer) {
        LegacyLists.appendServerInfo(
            id, version: number, serverName: serverName, maxPingTime: maxPingTime, tellsServerVersion: tellsServerVersion, into: &buffer)
    }

    static func appendDeviceList(_ id: UInt32, _ view: DeviceView, into buffer: inout MessageBuffer) {
        LegacyLists.appendDeviceList(Self.self, id, view, into: &buffer)
    }
}
