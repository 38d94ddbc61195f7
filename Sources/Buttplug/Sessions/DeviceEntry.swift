// One device as an entry of a list of version 4: how a router describes it to another router.
// Must not know who is told.

import Host

extension DeviceInfo {
    /// The entry, as JSON. What a list does not say (identity, kept gap, wished index) is not in it.
    public var listEntry: [UInt8] {
        var buffer = MessageBuffer(capacity: 2_048)
        let start = buffer.begin()
        buffer.append("{")
        V4Dialect.appendDevice(self, LegacyDevice(description), into: &buffer)
        buffer.append("}")
        buffer.end(start)
        var entry: [UInt8] = []
        let run = buffer.run(start, buffer.count)
        run.forEach { _, payload, length in entry = Array(run.bytes[payload..<payload + length]) }
        return entry
    }

    /// Reads an entry; nil when it is none. Its identity is its index, as of a device in an upstream's list.
    public init?(listEntry: [UInt8]) {
        let bytes = listEntry.span.bytes
        var reader = ServerTextReader(bytes)
        guard let info = try? reader.clientDeviceV4(nil), reader.json.isAtEnd() else { return nil }
        self = info
    }
}
