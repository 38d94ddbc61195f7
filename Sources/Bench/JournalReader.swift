// Reads the router's journal of device writes as it grows: which device and feature was told which value.
// Must not know files, clocks or what the lines are wanted for.

/// One write to a device, as far as a measurement must know.
public struct JournalWrite: Hashable, Sendable {
    public var device: UInt32
    public var feature: UInt32
    public var value: Int32
}

/// Takes a growing file apart into lines. A line that ends in a later piece is kept until then.
public struct JournalReader {
    private var rest: [UInt8] = []

    public init() {}

    /// Calls `body` with each write whose line ends in this piece.
    public mutating func read(_ piece: UnsafeRawBufferPointer, _ body: (JournalWrite) -> Void) {
        var start = 0
        for end in piece.indices where piece[end] == UInt8(ascii: "\n") {
            let line = UnsafeRawBufferPointer(rebasing: piece[start..<end])
            if rest.isEmpty {
                if let write = Self.write(line) { body(write) }
            } else {
                rest += line
                if let write = rest.withUnsafeBytes({ Self.write($0) }) { body(write) }
                rest.removeAll(keepingCapacity: true)
            }
            start = end + 1
        }
        rest += piece[start...]
    }

    /// The write that a line reports; nil for any other line. A quotation mark within a name is escaped, so no name looks like a key.
    static func write(_ line: UnsafeRawBufferPointer) -> JournalWrite? {
        guard let device = number(",\"device\":", line), let feature = number(",\"feature\":", line),
            let value = number(",\"value\":", line)
        else { return nil }
        guard let device = UInt32(exactly: device), let feature = UInt32(exactly: feature), let value = Int32(exactly: value) else {
            return nil
        }
        return JournalWrite(device: device, feature: feature, value: value)
    }

    /// The number after a key.
    private static func number(_ key: StaticString, _ line: UnsafeRawBufferPointer) -> Int64? {
        let length = key.utf8CodeUnitCount
        guard line.count > length else { return nil }
        let name = UnsafeRawBufferPointer(start: key.utf8Start, count: length)
        // Most keys differ in the fourth byte.
        for start in 0..<(line.count - length) where line[start] == name[0] && line[start + 2] == name[2] && line[start + 3] == name[3] {
            guard line[start..<(start + length)].elementsEqual(name) else { continue }
            var at = start + length
            let isNegative = line[at] == UInt8(ascii: "-")
            if isNegative { at += 1 }
            var value: Int64 = 0
            let first = at
            while at < line.count, line[at] >= 0x30, line[at] <= 0x39, at - first < 11 {
                value = value * 10 + Int64(line[at] - 0x30)
                at += 1
            }
            return at > first ? (isNegative ? -value : value) : nil
        }
        return nil
    }
}
