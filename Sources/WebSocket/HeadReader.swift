// The lines of an HTTP/1.1 head (RFC 9112 §2, §5), byte by byte and strictly: a byte that is not allowed at its position is refused
// as soon as it is seen. Must not know what the lines mean; requests and responses share it.

/// How much of a head is accepted.
public struct HeadLimits: Hashable, Sendable {
    /// Bytes of the head, with its line ends.
    public var bytes: Int
    /// Header lines.
    public var lines: Int

    public init(bytes: Int = 16 * 1024, lines: Int = 100) {
        self.bytes = max(1, bytes)
        self.lines = max(0, lines)
    }
}

/// What can be wrong with a head as such.
package enum HeadFault: Error {
    case badByte(StaticString)
    case tooManyBytes
    case tooManyLines
}

/// Reads a head and keeps one line of it at a time.
package struct HeadReader {
    package enum Step {
        /// The byte belongs to a line that goes on.
        case more
        /// `text` is the start line.
        case start
        /// `name` and `value` are a header line.
        case field
        /// The head is whole.
        case end
        case failed(HeadFault)
    }

    private enum Position {
        /// Before the first byte. Can turn into: `start`.
        case begin
        /// In the start line. Can turn into: `lineFeed`.
        case start
        /// After the CR of a line. Can turn into: `lineBegin`.
        case lineFeed
        /// Before the first byte of a header line, or the empty line. Can turn into: `name`, `lastLineFeed`.
        case lineBegin
        /// In a header's name. Can turn into: `value`.
        case name
        /// In a header's value. Can turn into: `lineFeed`.
        case value
        /// After the CR of the empty line. Can turn into: `done`.
        case lastLineFeed
        /// After the head. Final.
        case done
    }

    private let limits: HeadLimits
    private var position = Position.begin
    private var line: [UInt8] = []
    private var colon = 0
    private var bytes = 0
    private var lines = 0

    package init(_ limits: HeadLimits) { self.limits = limits }

    /// The start line.
    package var text: String { String(decoding: line, as: UTF8.self) }
    /// The header's name in lower case.
    package var name: String { String(decoding: line[..<colon].map(ASCII.lowercased), as: UTF8.self) }
    /// The header's value without the white space round it.
    package var value: String { String(decoding: ASCII.trimmed(line[(colon + 1)...]), as: UTF8.self) }

    /// Takes the next byte. After `start` and `field` the line is there until the next call.
    package mutating func take(_ byte: UInt8) -> Step {
        bytes += 1
        guard bytes <= limits.bytes else { return .failed(.tooManyBytes) }
        switch position {
        case .begin:
            guard ASCII.isToken(byte) else { return .failed(.badByte("not an HTTP request")) }
            position = .start
            line.append(byte)
        case .start:
            if byte == ASCII.cr { return lineEnds() }
            guard byte >= 0x20, byte < 0x7F else { return .failed(.badByte("a byte that is not allowed in the first line")) }
            line.append(byte)
        case .lineFeed:
            guard byte == ASCII.lf else { return .failed(.badByte("CR without LF")) }
            position = .lineBegin
            return colon == 0 ? .start : .field
        case .lineBegin:
            line.removeAll(keepingCapacity: true)
            if byte == ASCII.cr {
                position = .lastLineFeed
                return .more
            }
            lines += 1
            guard lines <= limits.lines else { return .failed(.tooManyLines) }
            guard byte != ASCII.space, byte != ASCII.tab else { return .failed(.badByte("folded header line")) }
            guard ASCII.isToken(byte) else { return .failed(.badByte("a byte that is not allowed in a header's name")) }
            position = .name
            line.append(byte)
        case .name: return takeName(byte)
        case .value:
            if byte == ASCII.cr { return lineEnds() }
            guard byte >= 0x20 && byte != 0x7F || byte == ASCII.tab else {
                return .failed(.badByte(byte == ASCII.lf ? "LF without CR" : "a control character in a header"))
            }
            line.append(byte)
        case .lastLineFeed:
            guard byte == ASCII.lf else { return .failed(.badByte("CR without LF")) }
            position = .done
            line = []
            return .end
        case .done: return .end
        }
        return .more
    }

    private mutating func takeName(_ byte: UInt8) -> Step {
        if byte == ASCII.colon {
            colon = line.count
            position = .value
        } else if !ASCII.isToken(byte) {
            return .failed(.badByte("a byte that is not allowed in a header's name"))
        }
        line.append(byte)
        return .more
    }

    private mutating func lineEnds() -> Step {
        position = .lineFeed
        return .more
    }
}
