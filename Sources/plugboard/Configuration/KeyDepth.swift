// How many parts the dotted keys of a TOML text have, found before the text is parsed: the parser follows them by recursion.
// Must not know what a key means; it counts dots outside quotes and comments.

/// The first position where a key has more parts than any sensible file has.
enum KeyDepth {
    /// Ours have three.
    static let partsMax = 16

    static func firstTooDeep(in text: String) -> SourcePosition? {
        var line = 1
        var column = 0
        var parts = 1
        var quote: UInt8?
        var isEscaped = false
        var isComment = false
        for byte in text.utf8 {
            column += 1
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 0
                isComment = false
                if quote == nil { parts = 1 }
                continue
            }
            if isComment { continue }
            if let open = quote {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\"), open == UInt8(ascii: "\"") {
                    isEscaped = true
                } else if byte == open {
                    quote = nil
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "'"): quote = byte
            case UInt8(ascii: "#"): isComment = true
            case UInt8(ascii: "."):
                parts += 1
                if parts > partsMax { return SourcePosition(line: line, column: column) }
            case UInt8(ascii: "="), UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"): parts = 1
            default: break
            }
        }
        return nil
    }
}
