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
    /// A text that has nothing to escape, as the names of the protocol.
    public mutating func value(_ text: StaticString) {
        separate()
        quote(text)
    }
    /// Two numbers as one text: "3-17".
    public mutating func value(_ first: UInt32, dash second: UInt32) {
        separate()
        bytes.append(0x22)
        digits(UInt64(first))
        bytes.append(0x2D)
        digits(UInt64(second))
        bytes.append(0x22)
    }
    public mutating func value(_ value: Bool) {
        separate()
        append(value ? "true" : "false")
    }
    /// An integer; what 64 bits with a sign cannot hold becomes the nearest that they can.
    @inlinable
    public mutating func value(_ value: some BinaryInteger) { number(Int64(clamping: value)) }

    @usableFromInline
    mutating func number(_ value: Int64) {
        separate()
        if value < 0 { bytes.append(0x2D) }
        digits(value.magnitude)
    }

    /// A number with at most three digits after the point. What JSON cannot write becomes `null`.
    public mutating func value(_ value: Double) {
        guard value.isFinite, abs(value) < 1e15 else { return null() }
        let thousandths = Int64((value * 1_000).rounded())
        separate()
        if thousandths < 0 { bytes.append(0x2D) }
        digits(thousandths.magnitude / 1_000)
        var rest = thousandths.magnitude % 1_000
        guard rest != 0 else { return }
        bytes.append(0x2E)
        var weight: UInt64 = 100
        while rest != 0 {
            bytes.append(0x30 + UInt8(rest / weight))
            rest %= weight
            weight /= 10
        }
    }
    public mutating func null() {
        separate()
        append("null")
    }

    /// A JSON text as it is.
    public mutating func raw(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
    }
    /// What stands between two JSON texts; what comes next begins another one.
    public mutating func verbatim(_ text: StaticString) {
        append(text)
        needsComma = false
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

    // Keys in the source are plain and are not searched for what JSON escapes; keys that a program makes are.

    public mutating func member(_ key: StaticString, _ value: (inout JSONText) -> Void) {
        begin(key)
        value(&self)
        needsComma = true
    }
    public mutating func member(_ key: StaticString, _ text: String?) {
        begin(key)
        if let text { value(text) } else { null() }
    }
    public mutating func member(_ key: StaticString, _ flag: Bool) {
        begin(key)
        value(flag)
    }
    @inlinable
    public mutating func member(_ key: StaticString, _ number: some BinaryInteger) { member(key, integer: Int64(clamping: number)) }
    public mutating func member(_ key: StaticString, _ number: Double) {
        begin(key)
        value(number)
    }

    @_disfavoredOverload
    public mutating func member(_ key: String, _ value: (inout JSONText) -> Void) {
        separate()
        quote(key)
        bytes.append(0x3A)
        needsComma = false
        value(&self)
        needsComma = true
    }

    @usableFromInline
    mutating func member(_ key: StaticString, integer: Int64) {
        begin(key)
        number(integer)
    }

    private mutating func begin(_ key: StaticString) {
        separate()
        quote(key)
        bytes.append(0x3A)
        needsComma = false
    }

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

    private mutating func append(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func digits(_ number: UInt64) {
        if number >= 1_000 { digits(number / 1_000) }
        let last = UInt16(truncatingIfNeeded: number % 1_000)
        if number >= 100 { bytes.append(0x30 + UInt8(truncatingIfNeeded: last / 100)) }
        if number >= 10 { bytes.append(0x30 + UInt8(truncatingIfNeeded: last / 10 % 10)) }
        bytes.append(0x30 + UInt8(truncatingIfNeeded: last % 10))
    }

    private mutating func quote(_ text: StaticString) {
        bytes.append(0x22)
        append(text)
        bytes.append(0x22)
    }

    private mutating func quote(_ text: String) {
        bytes.append(0x22)
        var text = text
        text.withUTF8 { text in
            if text.contains(where: Self.isEscaped) {
                for byte in text { escape(byte) }
            } else {
                bytes.append(contentsOf: text)
            }
        }
        bytes.append(0x22)
    }

    private static func isEscaped(_ byte: UInt8) -> Bool { byte < 0x20 || byte == 0x22 || byte == 0x5C || byte == 0x7F }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case 0x22, 0x5C: bytes.append(contentsOf: [0x5C, byte])
        case 0x0A: bytes.append(contentsOf: [0x5C, 0x6E])
        case 0..<0x20, 0x7F:
            let digits = Array("0123456789abcdef".utf8)
            bytes.append(contentsOf: [0x5C, 0x75, 0x30, 0x30, digits[Int(byte >> 4)], digits[Int(byte & 15)]])
        default: bytes.append(byte)
        }
    }
}
