// Writes a JSON text member by member, without a tree in between.
// Must not know what is written; a missing comma or an unclosed bracket is impossible by its shape.

/// A JSON text that grows.
public struct JSONText: Sendable {
    public private(set) var bytes: [UInt8] = []
    private var needsComma = false

    public init(capacity: Int = 256) { bytes.reserveCapacity(capacity) }

    public var string: String { String(decoding: bytes, as: UTF8.self) }

    // MARK: Values

    public mutating func object(_ members: (inout JSONText) -> Void) { enclose(0x7B, 0x7D, members) }
    public mutating func array(_ elements: (inout JSONText) -> Void) { enclose(0x5B, 0x5D, elements) }

    public mutating func value(_ value: String) {
        separate()
        quote(value)
    }
    public mutating func value(_ value: Bool) { raw(value ? "true" : "false") }
    public mutating func value(_ value: some BinaryInteger) { raw("\(value)") }

    /// A number with at most three digits after the point. What JSON cannot write becomes `null`.
    public mutating func value(_ value: Double) {
        guard value.isFinite, abs(value) < 1e15 else { return null() }
        let thousandths = Int64((value * 1_000).rounded())
        if thousandths % 1_000 == 0 { return raw("\(thousandths / 1_000)") }
        let rest = abs(thousandths % 1_000)
        var digits = "\(rest + 1_000)".dropFirst()
        while digits.last == "0" { digits.removeLast() }
        raw("\(thousandths < 0 ? "-" : "")\(abs(thousandths) / 1_000).\(digits)")
    }
    public mutating func null() { raw("null") }

    /// A JSON text as it is.
    public mutating func raw(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
    }
    public mutating func raw(_ text: JSONText) {
        separate()
        bytes.append(contentsOf: text.bytes)
    }

    public mutating func value(_ tree: JSONTree) {
        switch tree {
        case .null: null()
        case .bool(let bool): value(bool)
        case .number(let number): value(number)
        case .string(let string): value(string)
        case .array(let elements): array { for element in elements { $0.value(element) } }
        case .object(let members):
            object { for member in members { $0.member(member.key) { $0.value(member.value) } } }
        }
    }

    // MARK: Members

    public mutating func member(_ key: String, _ value: (inout JSONText) -> Void) {
        separate()
        quote(key)
        bytes.append(0x3A)
        needsComma = false
        value(&self)
        needsComma = true
    }
    public mutating func member(_ key: String, _ text: String?) { member(key) { if let text { $0.value(text) } else { $0.null() } } }
    public mutating func member(_ key: String, _ flag: Bool) { member(key) { $0.value(flag) } }
    public mutating func member(_ key: String, _ number: some BinaryInteger) { member(key) { $0.value(number) } }
    public mutating func member(_ key: String, _ number: Double) { member(key) { $0.value(number) } }

    // MARK: Parts

    private mutating func enclose(_ open: UInt8, _ close: UInt8, _ body: (inout JSONText) -> Void) {
        separate()
        bytes.append(open)
        needsComma = false
        body(&self)
        bytes.append(close)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(0x2C) }
        needsComma = true
    }

    private mutating func quote(_ text: String) {
        bytes.append(0x22)
        for byte in text.utf8 {
            switch byte {
            case 0x22, 0x5C: bytes.append(contentsOf: [0x5C, byte])
            case 0x0A: bytes.append(contentsOf: [0x5C, 0x6E])
            case 0..<0x20, 0x7F:
                let digits = Array("0123456789abcdef".utf8)
                bytes.append(contentsOf: [0x5C, 0x75, 0x30, 0x30, digits[Int(byte >> 4)], digits[Int(byte & 15)]])
            default: bytes.append(byte)
            }
        }
        bytes.append(0x22)
    }
}
