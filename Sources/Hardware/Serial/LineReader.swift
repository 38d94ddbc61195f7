// Lines out of bytes that come in any pieces.
// Must not know what a line says.

/// Gathers bytes until a line ends.
struct LineReader: Sendable {
    /// Bytes of a line; a longer one is dropped.
    static let lineMax = 1_024

    private var line: [UInt8] = []
    private var isTooLong = false

    /// Takes bytes, and returns the lines that they end, without what ends them.
    mutating func take(_ bytes: RawSpan) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        for offset in 0..<bytes.byteCount {
            let byte = bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
            if byte == UInt8(ascii: "\n") {
                if !isTooLong { lines.append(line.last == UInt8(ascii: "\r") ? line.dropLast() : line) }
                line.removeAll(keepingCapacity: true)
                isTooLong = false
            } else if line.count == Self.lineMax {
                isTooLong = true
            } else if !isTooLong {
                line.append(byte)
            }
        }
        return lines
    }
}
