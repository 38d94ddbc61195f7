// What messages of D-Bus carry: the specification's types as values, and what their signatures say.
// Must not know bytes.

/// A value of D-Bus (specification 0.43, "Type System").
public indirect enum DBusValue: Hashable, Sendable {
    case byte(UInt8)
    case boolean(Bool)
    case int16(Int16)
    case uint16(UInt16)
    case int32(Int32)
    case uint32(UInt32)
    case int64(Int64)
    case uint64(UInt64)
    case double(Double)
    case string(String)
    case path(String)
    case signature(String)
    /// Its place among the message's descriptors.
    case descriptor(Int)
    /// `ay`.
    case bytes([UInt8])
    /// Any other array.
    case list([DBusValue])
    case structure([DBusValue])
    /// A dictionary, in the order of the message. A key may come twice.
    case entries([DBusEntry])
    /// A value that names its own type.
    case variant(String, DBusValue)

    /// A variant with a text.
    public static func variant(_ text: String) -> DBusValue { .variant("s", .string(text)) }
}

/// One entry of a dictionary.
public struct DBusEntry: Hashable, Sendable {
    public var key: DBusValue
    public var value: DBusValue

    public init(_ key: DBusValue, _ value: DBusValue) { (self.key, self.value) = (key, value) }
    /// An entry of `a{sv}`, `type` being its value's.
    public init(_ key: String, _ type: String, _ value: DBusValue) { self.init(.string(key), .variant(type, value)) }
}

/// What a value is, without the variants around it; nil when it is something else.
extension DBusValue {
    /// Without the variants around it.
    public var plain: DBusValue {
        var value = self
        while case .variant(_, let inner) = value { value = inner }
        return value
    }

    /// A string or the path of an object.
    public var text: String? {
        switch plain {
        case .string(let text), .path(let text): text
        default: nil
        }
    }

    public var truth: Bool? { if case .boolean(let truth) = plain { truth } else { nil } }

    public var integer: Int? {
        switch plain {
        case .byte(let number): Int(number)
        case .int16(let number): Int(number)
        case .uint16(let number): Int(number)
        case .int32(let number): Int(number)
        case .uint32(let number): Int(number)
        case .int64(let number): Int(number)
        case .uint64(let number): Int(exactly: number)
        default: nil
        }
    }

    public var octets: [UInt8]? { if case .bytes(let bytes) = plain { bytes } else { nil } }

    /// The elements of an array or a structure. An `ay` has none: it is `octets`.
    public var elements: [DBusValue]? {
        switch plain {
        case .list(let values), .structure(let values): values
        default: nil
        }
    }

    /// The entries of a dictionary.
    public var dictionary: [DBusEntry]? { if case .entries(let entries) = plain { entries } else { nil } }

    /// The strings of an `as` or `ao`; others in it are left out.
    public var texts: [String]? { elements?.compactMap(\.text) }

    /// The value of a dictionary's entry with this key; the last one counts.
    public subscript(key: String) -> DBusValue? { dictionary?.last { $0.key.text == key }?.value }
}

/// What a signature says (specification, "Summary of types").
enum DBusSignature {
    /// Arrays and structures in each other: the specification's 32 of each are more than anything needs.
    static let depthMax = 32

    /// Where the complete type ends that begins at `start`; nil when there is none.
    static func end(of signature: ArraySlice<UInt8>, at start: Int, depth: Int = 0) -> Int? {
        guard start < signature.endIndex, depth <= depthMax else { return nil }
        switch signature[start] {
        case UInt8(ascii: "a"):
            guard start + 1 < signature.endIndex, signature[start + 1] == UInt8(ascii: "{") else {
                return end(of: signature, at: start + 1, depth: depth + 1)
            }
            guard start + 2 < signature.endIndex, alignment(signature[start + 2]) != nil, !isContainer(signature[start + 2]),
                let close = end(of: signature, at: start + 3, depth: depth + 2), close < signature.endIndex,
                signature[close] == UInt8(ascii: "}")
            else { return nil }
            return close + 1
        case UInt8(ascii: "("):
            var place = start + 1
            while place < signature.endIndex, signature[place] != UInt8(ascii: ")") {
                guard let next = end(of: signature, at: place, depth: depth + 1) else { return nil }
                place = next
            }
            return place < signature.endIndex && place > start + 1 ? place + 1 : nil
        case UInt8(ascii: "{"): return nil
        default: return alignment(signature[start]) == nil ? nil : start + 1
        }
    }

    private static func isContainer(_ code: UInt8) -> Bool {
        [UInt8(ascii: "a"), UInt8(ascii: "("), UInt8(ascii: "{"), UInt8(ascii: "v")].contains(code)
    }

    /// A type's alignment by its first letter; nil when there is no such type.
    static func alignment(_ code: UInt8) -> Int? {
        switch UnicodeScalar(code) {
        case "y", "g", "v": 1
        case "n", "q": 2
        case "b", "i", "u", "h", "s", "o", "a": 4
        case "x", "t", "d", "(", "{": 8
        default: nil
        }
    }
}
