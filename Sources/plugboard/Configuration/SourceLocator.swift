// Finds where each key and value of a TOML text is, so that a refusal can name line and column.
// Must not check the text: it has been parsed already, and what is not recognised here is passed over.

/// A position in a text, counted from 1; columns count characters (Unicode scalars).
struct SourcePosition: Hashable, Sendable {
    var line = 1
    var column = 1
}

/// The positions of everything in one text. Paths are written `rule[0].match.client`.
struct SourceLocator {
    /// Where each key or table header begins.
    private(set) var keys: [String: SourcePosition] = [:]
    /// Where each value begins.
    private(set) var values: [String: SourcePosition] = [:]

    private let bytes: [UInt8]
    private var index = 0
    private var position = SourcePosition()
    /// How many elements each array of tables has so far.
    private var counts: [String: Int] = [:]

    init(_ text: String) {
        bytes = Array(text.utf8)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
        var prefix = ""
        while skipBlank(newlines: true), index < bytes.count {
            let start = (index, position)
            if peek == UInt8(ascii: "[") {
                prefix = header()
            } else {
                assignment(under: prefix)
            }
            skipLine()
            if index == start.0 { break }
        }
    }

    // MARK: Structure

    /// `[a.b]` or `[[a.b]]`; returns the path of what it opens.
    private mutating func header() -> String {
        let start = position
        step()
        let isArray = peek == UInt8(ascii: "[")
        if isArray { step() }
        skipBlank(newlines: false)
        let parts = key()
        var path = ""
        for (number, part) in parts.enumerated() {
            path = Self.join(path, part)
            keys[path] = keys[path] ?? start
            if isArray && number == parts.count - 1 {
                counts[path, default: 0] += 1
            }
            if let count = counts[path] { path += "[\(count - 1)]" }
        }
        keys[path] = start
        return path
    }

    private mutating func assignment(under prefix: String) {
        let start = position
        let parts = key()
        var path = prefix
        for part in parts {
            path = Self.join(path, part)
            keys[path] = keys[path] ?? start
        }
        skipBlank(newlines: false)
        guard peek == UInt8(ascii: "=") else { return }
        step()
        skipBlank(newlines: false)
        value(at: path)
    }

    private mutating func value(at path: String) {
        values[path] = position
        switch peek {
        case UInt8(ascii: "\""), UInt8(ascii: "'"): _ = string()
        case UInt8(ascii: "["): list(at: path)
        case UInt8(ascii: "{"): inlineTable(at: path)
        default:
            while let byte = peek, !",]}#\n\r".utf8.contains(byte) { step() }
        }
    }

    private mutating func list(at path: String) {
        step()
        var count = 0
        while skipBlank(newlines: true), let byte = peek, byte != UInt8(ascii: "]") {
            let before = index
            if byte == UInt8(ascii: ",") {
                step()
            } else {
                value(at: "\(path)[\(count)]")
                count += 1
            }
            if index == before { return }
        }
        if peek != nil { step() }
    }

    private mutating func inlineTable(at path: String) {
        step()
        while skipBlank(newlines: true), let byte = peek, byte != UInt8(ascii: "}") {
            let before = index
            if byte == UInt8(ascii: ",") { step() } else { assignment(under: path) }
            if index == before { return }
        }
        if peek != nil { step() }
    }

    // MARK: Tokens

    /// A bare, quoted or dotted key.
    private mutating func key() -> [String] {
        var parts: [String] = []
        while let byte = peek {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                parts.append(string())
            } else {
                let start = index
                while let byte = peek, Self.isBare(byte) { step() }
                guard index > start else { break }
                parts.append(String(decoding: bytes[start..<index], as: UTF8.self))
            }
            skipBlank(newlines: false)
            guard peek == UInt8(ascii: ".") else { break }
            step()
            skipBlank(newlines: false)
        }
        return parts
    }

    /// A string of any of the four kinds; escapes stay as they are written.
    private mutating func string() -> String {
        guard let quote = peek else { return "" }
        let isLong = index + 2 < bytes.count && bytes[index + 1] == quote && bytes[index + 2] == quote
        for _ in 0..<(isLong ? 3 : 1) { step() }
        let start = index
        while let byte = peek {
            if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                step()
            } else if byte == quote {
                let end = index
                if !isLong {
                    step()
                    return String(decoding: bytes[start..<end], as: UTF8.self)
                }
                // Up to two quotes may come directly before the closing three.
                while peek == quote { step() }
                if index - end >= 3 { return String(decoding: bytes[start..<(index - 3)], as: UTF8.self) }
                continue
            } else if !isLong && byte == UInt8(ascii: "\n") {
                break
            }
            step()
        }
        return ""
    }

    private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func step() {
        guard index < bytes.count else { return }
        if bytes[index] == UInt8(ascii: "\n") {
            position.line += 1
            position.column = 1
        } else if bytes[index] & 0xC0 != 0x80 {
            position.column += 1
        }
        index += 1
    }

    /// Passes blanks and, when asked, line ends and comments. Always true, so that it can be part of a condition.
    @discardableResult
    private mutating func skipBlank(newlines: Bool) -> Bool {
        while let byte = peek {
            if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || (newlines && (byte == 10 || byte == 13)) {
                step()
            } else if newlines && byte == UInt8(ascii: "#") {
                skipLine()
            } else {
                break
            }
        }
        return true
    }

    private mutating func skipLine() {
        while index < bytes.count, bytes[index] != UInt8(ascii: "\n") { step() }
    }

    private static func isBare(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func join(_ prefix: String, _ part: String) -> String { prefix.isEmpty ? part : prefix + "." + part }
}
