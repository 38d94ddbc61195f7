// A JSON text as a tree of values: for device lists while a run is set up, and for the results of earlier runs.
// Must not be used per message; it allocates for every value.

/// A JSON value. Members keep their order.
public indirect enum JSONTree: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONTree])
    case object([Member])

    public struct Member: Hashable, Sendable {
        public var key: String
        public var value: JSONTree
    }

    /// Reads one value, and white space around it; nil when the text is not JSON by RFC 8259, when values are nested more than 64 deep,
    /// when a number is too large for a `Double`, and when half of a surrogate pair stands alone (no text can hold it).
    public init?(_ text: some Sequence<UInt8>) {
        do throws(JSONTreeProblem) { try self.init(reading: text) } catch { return nil }
    }

    /// The same, and says where the text stops being JSON.
    public init(reading text: some Sequence<UInt8>) throws(JSONTreeProblem) {
        var reader = Reader(bytes: Array(text))
        let value = reader.value(depth: 0)
        if value != nil { reader.skipSpace() }
        guard let value, reader.at == reader.bytes.count else { throw JSONTreeProblem(in: reader.bytes, at: reader.at) }
        self = value
    }

    /// An object's member; nil when there is none, or when this is no object.
    public subscript(key: String) -> JSONTree? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }

    public var members: [Member] { if case .object(let members) = self { members } else { [] } }
    public var elements: [JSONTree] { if case .array(let elements) = self { elements } else { [] } }
    public var number: Double? { if case .number(let number) = self { number } else { nil } }
    public var string: String? { if case .string(let string) = self { string } else { nil } }

    /// A number without a fraction, in the range of the type.
    public func integer<Kind: FixedWidthInteger>(_: Kind.Type = Kind.self) -> Kind? { number.flatMap { Kind(exactly: $0) } }
}

/// Where a text stops being JSON, as editors count.
public struct JSONTreeProblem: Error, Hashable, Sendable {
    /// From 1.
    public var line: Int
    /// In bytes, from 1.
    public var column: Int

    fileprivate init(in bytes: [UInt8], at offset: Int) {
        let before = bytes[..<min(offset, bytes.count)]
        line = before.count { $0 == 0x0A } + 1
        column = before.count - (before.lastIndex(of: 0x0A) ?? -1)
    }
}

/// Takes what RFC 8259 allows and nothing else: who reads a text more widely than others do reads another text than they.
private struct Reader {
    let bytes: [UInt8]
    var at = 0

    static let depthMax = 64

    mutating func skipSpace() {
        while at < bytes.count, bytes[at] == 0x20 || bytes[at] == 0x09 || bytes[at] == 0x0A || bytes[at] == 0x0D { at += 1 }
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard at < bytes.count, bytes[at] == UInt8(ascii: character) else { return false }
        at += 1
        return true
    }

    mutating func value(depth: Int) -> JSONTree? {
        skipSpace()
        guard at < bytes.count, depth < Self.depthMax else { return nil }
        switch bytes[at] {
        case UInt8(ascii: "{"): return object(depth)
        case UInt8(ascii: "["): return array(depth)
        case UInt8(ascii: "\""): return string().map { .string($0) }
        case UInt8(ascii: "t"): return word("true") ? .bool(true) : nil
        case UInt8(ascii: "f"): return word("false") ? .bool(false) : nil
        case UInt8(ascii: "n"): return word("null") ? .null : nil
        default: return number()
        }
    }

    private mutating func word(_ word: String) -> Bool {
        guard bytes[at...].starts(with: word.utf8) else { return false }
        at += word.utf8.count
        return true
    }

    private mutating func object(_ depth: Int) -> JSONTree? {
        var members: [JSONTree.Member] = []
        guard take("{") else { return nil }
        if take("}") { return .object([]) }
        repeat {
            skipSpace()
            guard let key = string(), take(":"), let value = value(depth: depth + 1) else { return nil }
            members.append(JSONTree.Member(key: key, value: value))
        } while take(",")
        return take("}") ? .object(members) : nil
    }

    private mutating func array(_ depth: Int) -> JSONTree? {
        var elements: [JSONTree] = []
        guard take("[") else { return nil }
        if take("]") { return .array([]) }
        repeat {
            guard let value = value(depth: depth + 1) else { return nil }
            elements.append(value)
        } while take(",")
        return take("]") ? .array(elements) : nil
    }

    /// RFC 8259, section 6. `Double` itself reads more: `0x10`, `-inf`, `1.`, `01`.
    private mutating func number() -> JSONTree? {
        let start = at
        skip("-")
        if !skip("0") {
            guard digits() else { return nil }
        }
        if skip(".") {
            guard digits() else { return nil }
        }
        if skip("e") || skip("E") {
            if !skip("+") { skip("-") }
            guard digits() else { return nil }
        }
        guard let number = Double(String(decoding: bytes[start..<at], as: UTF8.self)), number.isFinite else { return nil }
        return .number(number)
    }

    @discardableResult
    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard at < bytes.count, bytes[at] == UInt8(ascii: character) else { return false }
        at += 1
        return true
    }

    /// At least one.
    private mutating func digits() -> Bool {
        let start = at
        while at < bytes.count, bytes[at] >= 0x30, bytes[at] <= 0x39 { at += 1 }
        return at > start
    }

    private mutating func string() -> String? {
        guard take("\"") else { return nil }
        var text: [UInt8] = []
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            switch byte {
            case 0..<0x20: return nil
            case UInt8(ascii: "\""): return String(validating: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let scalar = escaped() else { return nil }
                text += Array(String(Character(scalar)).utf8)
            default: text.append(byte)
            }
        }
        return nil
    }

    /// What follows a backslash.
    private mutating func escaped() -> Unicode.Scalar? {
        guard at < bytes.count else { return nil }
        let byte = bytes[at]
        at += 1
        switch byte {
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "u"): break
        default: return nil
        }
        guard let high = hex() else { return nil }
        guard high >= 0xD800, high < 0xDC00 else { return Unicode.Scalar(high) }
        guard skip("\\"), skip("u"), let low = hex(), low >= 0xDC00, low < 0xE000 else { return nil }
        return Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
    }

    private mutating func hex() -> UInt32? {
        guard at + 4 <= bytes.count else { return nil }
        var value: UInt32 = 0
        for byte in bytes[at..<(at + 4)] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
            value = value << 4 + UInt32(digit)
        }
        at += 4
        return value
    }
}
