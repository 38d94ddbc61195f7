// Table headers that begin with something that cannot begin a key, like [.a] or [=], found before the text is parsed: the parser's
// assertion would end the program at them. Must not check anything else; what it does not recognise is the parser's to refuse.

/// The first such header of a TOML text.
struct HeaderShape {
    private let bytes: [UInt8]
    private var index = 0
    /// Brackets and braces that are open.
    private var depth = 0

    static func firstBad(in text: String) -> SourcePosition? {
        var shape = HeaderShape(bytes: Array(text.utf8))
        return shape.scan()
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func scan() -> SourcePosition? {
        var isLineStart = true
        while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case 10: isLineStart = true
            case 9, 13, 32: break
            case UInt8(ascii: "#"):
                while index + 1 < bytes.count, bytes[index + 1] != 10 { index += 1 }
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                skipString(byte)
                isLineStart = false
            default:
                if isLineStart, depth == 0, byte == UInt8(ascii: "["), let bad = badStart() { return position(bad) }
                isLineStart = false
                if byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{") { depth += 1 }
                if byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}") { depth = max(0, depth - 1) }
            }
            index += 1
        }
        return nil
    }

    /// Where the header at `index` has something else than a key; its end is the parser's to refuse.
    private func badStart() -> Int? {
        var position = index + 1
        if position < bytes.count, bytes[position] == UInt8(ascii: "[") { position += 1 }
        while position < bytes.count, bytes[position] == 32 || bytes[position] == 9 { position += 1 }
        guard position < bytes.count else { return nil }
        switch bytes[position] {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "]"):
            return nil
        default: return position
        }
    }

    /// Leaves `index` at the closing quote. A string of one line that is not closed ends with the line.
    private mutating func skipString(_ quote: UInt8) {
        let isLong = bytes[index...].starts(with: [quote, quote, quote])
        index += isLong ? 3 : 1
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                index += 1
            } else if bytes[index] == quote {
                if !isLong { return }
                if bytes[index...].starts(with: [quote, quote, quote]) {
                    index += 2
                    return
                }
            } else if !isLong, bytes[index] == 10 {
                index -= 1
                return
            }
            index += 1
        }
    }

    private func position(_ index: Int) -> SourcePosition {
        var position = SourcePosition()
        for byte in bytes[..<index] {
            if byte == 10 {
                position.line += 1
                position.column = 1
            } else if byte & 0xC0 != 0x80 {
                position.column += 1
            }
        }
        return position
    }
}
