// What the router must remember across restarts: device indices, the emergency stop, remembered consents, and how they are written down.
// Must not know files: bytes go in and out, and the router's owner reads and writes them.

/// The router's memory.
///
/// As text: a first line naming the format, then one fact per line, then `end`; control characters and `%` in an identity are
/// escaped as `%` and two hexadecimal digits. A file cut short has no `end` and is refused.
public struct RouterState: Hashable, Sendable {
    public var indices = IndexTable()
    /// What the operator has answered for good.
    public var consents = ConsentMemory()
    /// The emergency stop was raised and not cleared.
    public var isStopped = false

    public init() {}

    /// Why bytes are not a state, and where.
    public struct Malformed: Error, Hashable, Sendable, CustomStringConvertible {
        public let line: Int
        public let reason: String
        public var description: String { "line \(line): \(reason)" }
    }

    private static let title = "plugboard-state 1"

    public func encoded() -> [UInt8] {
        var text = Self.title + "\n"
        text += isStopped ? "emergency-stop raised\n" : "emergency-stop clear\n"
        for entry in indices.entries { text += "device \(entry.index) \(Self.escaped(entry.identity))\n" }
        for entry in consents.entries {
            let token = entry.token.map { Self.escaped($0).replacing(" ", with: "%20") + "#" + Self.digits(entry.tokenIdentity) } ?? "-"
            text += "consent \(entry.isGiven ? "give" : "deny") \(token) \(Self.escaped(entry.client))\n"
        }
        text += "end\n"
        return Array(text.utf8)
    }

    /// Reads what `encoded` wrote. What could be read in two ways is refused: a guess could lose an emergency stop, or give a device
    /// another one's index.
    public static func decoded(_ bytes: [UInt8]) throws(Malformed) -> RouterState {
        var state = RouterState()
        var isStopped: Bool?
        var number = 0
        var hasEnded = false
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            guard let text = String(validating: line, as: UTF8.self) else { throw Malformed(line: number, reason: "not UTF-8") }
            if number == 1 {
                guard text == title else {
                    throw Malformed(line: 1, reason: "not a state of this version; the first line must be '\(title)'")
                }
            } else if hasEnded {
                guard text.isEmpty else { throw Malformed(line: number, reason: "more text after 'end'") }
            } else if text == "end" {
                hasEnded = true
                guard let isStopped else {
                    throw Malformed(line: number, reason: "no line says 'emergency-stop raised' or 'emergency-stop clear'")
                }
                state.isStopped = isStopped
            } else if text == "emergency-stop raised" || text == "emergency-stop clear" {
                guard isStopped == nil else { throw Malformed(line: number, reason: "a second line about the emergency stop") }
                isStopped = text == "emergency-stop raised"
            } else if !text.isEmpty {
                try state.take(text, line: number)
            }
        }
        guard hasEnded else { throw Malformed(line: number, reason: "cut short: no 'end'") }
        return state
    }

    private mutating func take(_ text: String, line: Int) throws(Malformed) {
        if text.hasPrefix("consent ") { return try takeConsent(text, line: line) }
        let words = text.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard words.count == 3, words[0] == "device", words[1].first != "+", let index = UInt32(words[1]),
            let identity = Self.unescaped(words[2])
        else { throw Malformed(line: line, reason: "not a fact this version knows") }
        guard indices.restore(IndexTable.Entry(index: index, identity: identity)) else {
            throw Malformed(line: line, reason: "device \(index): the index is too high, or an earlier line has it or the identity")
        }
    }

    private mutating func takeConsent(_ text: String, line: Int) throws(Malformed) {
        let words = text.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
        guard words.count == 4, words[1] == "give" || words[1] == "deny", let client = Self.unescaped(words[3]),
            let (token, identity) = Self.token(words[2])
        else { throw Malformed(line: line, reason: "not a consent: 'give' or 'deny', a token's name or '-', a client's name") }
        // A name alone does not say which token of that name was meant: its client is asked about again.
        guard let identity else { return }
        guard consents.answer(client: client, token: token, tokenIdentity: identity) == nil else {
            throw Malformed(line: line, reason: "an earlier line has this client and token")
        }
        consents.add(
            RememberedConsent(client: client, token: token, tokenIdentity: identity, isGiven: words[1] == "give"), atMost: .max)
    }

    /// A token's name and which of that name it is: "guest#0123456789abcdef", or "-" for none; without digits it is not known which.
    private static func token(_ word: Substring) -> (name: String?, identity: UInt64?)? {
        if word == "-" { return (nil, 0) }
        guard let mark = word.lastIndex(of: "#") else { return unescaped(word).map { ($0, nil) } }
        guard let name = unescaped(word[..<mark]), word[mark...].count == 17, let identity = UInt64(word[mark...].dropFirst(), radix: 16)
        else { return nil }
        return (name, identity)
    }

    /// Sixteen hexadecimal digits.
    private static func digits(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private static func escaped(_ text: String) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if byte < 0x20 || byte == 0x7f || byte == UInt8(ascii: "%") {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func unescaped(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8
        while let byte = rest.popFirst() {
            if byte != UInt8(ascii: "%") {
                bytes.append(byte)
                continue
            }
            guard let high = Self.digit(rest.popFirst()), let low = Self.digit(rest.popFirst()) else { return nil }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8?) -> UInt8? {
        byte.flatMap { Character(Unicode.Scalar($0)).hexDigitValue }.map { UInt8($0) }
    }
}
