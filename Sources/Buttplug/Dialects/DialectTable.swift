// The versions and their dialects: the only place that lists them. A new version is its dialect's file, a case of `SpecVersion`, and a
// row in each of the two lists here.
// Must not know what a dialect does.

import Host

extension SpecVersion {
    /// What sessions and the router have to know of the version.
    public var facts: DialectFacts { dialect.facts }

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

extension ServerSession {
    /// Reads one message of a version. A list of its own, so that the reading is compiled for each dialect.
    @inline(never)
    static func readByVersion(
        _ kind: MessageKind, _ version: SpecVersion, _ reader: inout JSONReader, _ devices: DeviceTable, _ limits: MessageLimits,
        into batch: inout RequestBatch
    ) throws(JSONProblem) {
        switch version {
        case .v0: try readMessage(kind, V0Dialect.self, &reader, devices, limits, into: &batch)
        case .v1: try readMessage(kind, V1Dialect.self, &reader, devices, limits, into: &batch)
        case .v2: try readMessage(kind, V2Dialect.self, &reader, devices, limits, into: &batch)
        case .v3: try readMessage(kind, V3Dialect.self, &reader, devices, limits, into: &batch)
        case .v4: try readMessage(kind, V4Dialect.self, &reader, devices, limits, into: &batch)
        }
    }
}
