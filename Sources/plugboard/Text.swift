// Text as logs, refusals and tables need it: quoted, made harmless, padded.
// Must not know what a text says.

/// Text in double quotes; quotes, backslashes and control characters escaped in the way TOML and JSON share.
func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case "\n": result += "\\n"
        case "\r": result += "\\r"
        case "\t": result += "\\t"
        case _ where isUnprintable(scalar):
            result += escaped(scalar)
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}

/// Whether a character would disturb a line of a log: controls, line separators, marks that turn the writing direction.
func isUnprintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F...0x9F, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
    default: false
    }
}

/// Text for one line of a terminal: what would disturb it is written as an escape.
func printable(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isUnprintable) else { return text }
    return text.unicodeScalars.map { isUnprintable($0) ? escaped($0) : String($0) }.joined()
}

/// `\u001b`. Everything unprintable lies below U+10000, so four digits are enough.
private func escaped(_ scalar: Unicode.Scalar) -> String { "\\u" + hexadecimal(UInt16(scalar.value)).lowercased() }

/// Four digits.
func hexadecimal(_ number: UInt16) -> String {
    let digits = String(number, radix: 16, uppercase: true)
    return String(repeating: "0", count: 4 - digits.utf8.count) + digits
}

/// With spaces after it, if it is shorter.
func padded(_ text: String, to width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }

/// Without the spaces and tabs before and after it.
func trimmed(_ text: some StringProtocol) -> String {
    let isBlank = { (character: Character) in character == " " || character == "\t" }
    var rest = text.drop(while: isBlank)
    while let last = rest.last, isBlank(last) { rest.removeLast() }
    return String(rest)
}
