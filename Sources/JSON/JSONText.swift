// Writes a JSON text member by member, without a tree in between.
// Must not know what is written; a missing comma or an unclosed bracket is impossible by its shape.

/// A JSON text that grows.
public struct JSONText: Sendable {
    /// Longer than the text: what is written needs one look at the room that is left, for all its bytes.
    @usableFromInline
    var storage: [UInt8]
    @usableFromInline
    var count = 0
    @usableFromInline
    var needsComma = false

    public init(capacity: Int = 256) { storage = Array(repeating: 0, count: max(capacity, 64)) }

    public var bytes: [UInt8] { Array(storage[..<count]) }
    public var string: String { String(decoding: storage[..<count], as: UTF8.self) }

    // MARK: Values

    @inlinable
    public mutating func object(_ members: (inout JSONText) -> Void) {
        open(0x7B)
        members(&self)
        close(0x7D)
    }
    @inlinable
    public mutating func array(_ elements: (inout JSONText) -> Void) {
        open(0x5B)
        elements(&self)
        close(0x5D)
    }

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
        write(44) { place in
            place[0] = 0x22
            var at = 1 + JSONBytes.put(UInt64(first), at: place + 1)
            place[at] = 0x2D
            at += 1
            at += JSONBytes.put(UInt64(second), at: place + at)
            place[at] = 0x22
            return at + 1
        }
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
        write(21) { JSONBytes.put(value, at: $0) }
    }

    /// A number with at most three digits after the point. What JSON cannot write becomes `null`.
    public mutating func value(_ value: Double) {
        guard value.isFinite, abs(value) < 1e15 else { return null() }
        let thousandths = Int64((value * 1_000).rounded())
        separate()
        write(26) { place in
            var at = 0
            if thousandths < 0 {
                place[0] = 0x2D
                at = 1
            }
            at += JSONBytes.put(thousandths.magnitude / 1_000, at: place + at)
            var rest = thousandths.magnitude % 1_000
            guard rest != 0 else { return at }
            place[at] = 0x2E
            at += 1
            var weight: UInt64 = 100
            while rest != 0 {
                place[at] = 0x30 + UInt8(rest / weight)
                at += 1
                rest %= weight
                weight /= 10
            }
            return at
        }
    }
    public mutating func null() {
        separate()
        append("null")
    }

    /// A JSON text as it is.
    public mutating func raw(_ text: String) {
        separate()
        var text = text
        text.withUTF8 { append($0) }
    }
    /// What stands between two JSON texts; what comes next begins another one.
    public mutating func verbatim(_ text: StaticString) {
        append(text)
        needsComma = false
    }
    public mutating func raw(_ text: JSONText) {
        separate()
        text.storage.withUnsafeBufferPointer { append(UnsafeBufferPointer(rebasing: $0[..<text.count])) }
    }

    public mutating func value(_ tree: JSONTree) {
        switch tree {
        case .null: null()
        case .bool(let bool): value(bool)
        case .number(let number): value(number)
        case .string(let string): value(string)
        case .array(let elements): array { for element in elements { $0.value(element) } }
        case .object(let members):
            object { for member in members { $0.member(named: member.key) { $0.value(member.value) } } }
        }
    }

    // MARK: Members

    // Keys in the source are plain and are not searched for what JSON escapes; keys that a program makes are.

    @inlinable
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

    // It has another name, because a text in the source is taken for a String where both are possible.
    public mutating func member(named key: String, _ value: (inout JSONText) -> Void) {
        separate()
        quote(key)
        write(1) {
            $0[0] = 0x3A
            return 1
        }
        needsComma = false
        value(&self)
        needsComma = true
    }

    @usableFromInline
    mutating func member(_ key: StaticString, integer: Int64) {
        write(key.utf8CodeUnitCount + 25) { [needsComma] in
            let at = JSONBytes.put(key, comma: needsComma, at: $0)
            return at + JSONBytes.put(integer, at: $0 + at)
        }
        needsComma = true
    }

    @usableFromInline
    mutating func begin(_ key: StaticString) {
        write(key.utf8CodeUnitCount + 4) { [needsComma] in JSONBytes.put(key, comma: needsComma, at: $0) }
        needsComma = false
    }

    // MARK: Parts

    @usableFromInline
    mutating func open(_ bracket: UInt8) {
        separate()
        write(1) {
            $0[0] = bracket
            return 1
        }
        needsComma = false
    }

    @usableFromInline
    mutating func close(_ bracket: UInt8) {
        write(1) {
            $0[0] = bracket
            return 1
        }
        needsComma = true
    }

    @usableFromInline
    mutating func separate() {
        if needsComma {
            write(1) {
                $0[0] = 0x2C
                return 1
            }
        }
        needsComma = true
    }

    private mutating func append(_ text: StaticString) {
        append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func append(_ text: UnsafeBufferPointer<UInt8>) {
        guard let start = text.baseAddress else { return }
        write(text.count) {
            $0.update(from: start, count: text.count)
            return text.count
        }
    }

    private mutating func quote(_ text: StaticString) {
        write(text.utf8CodeUnitCount + 2) { JSONBytes.put(quoted: text, at: $0) }
    }

    private mutating func quote(_ text: String) {
        var text = text
        text.withUTF8 { text in
            let isPlain = !text.contains(where: Self.isEscaped)
            write(isPlain ? text.count + 2 : text.count * 6 + 2) { place in
                place[0] = 0x22
                var at = 1
                if isPlain, let start = text.baseAddress {
                    (place + 1).update(from: start, count: text.count)
                    at += text.count
                } else {
                    for byte in text { at += JSONBytes.put(escaped: byte, at: place + at) }
                }
                place[at] = 0x22
                return at + 1
            }
        }
    }

    private static func isEscaped(_ byte: UInt8) -> Bool { byte < 0x20 || byte == 0x22 || byte == 0x5C || byte == 0x7F }

    // MARK: Bytes

    /// Makes room for `most` bytes; `body` writes from the place that it is given and returns how many it has written.
    @inlinable
    @inline(__always)
    mutating func write(_ most: Int, _ body: (UnsafeMutablePointer<UInt8>) -> Int) {
        if storage.count - count < most { grow(most) }
        let at = count
        count = at + storage.withUnsafeMutableBufferPointer { body($0.baseAddress.unsafelyUnwrapped + at) }
    }

    @usableFromInline
    @inline(never)
    mutating func grow(_ most: Int) {
        let size = storage.count + max(most, storage.count)
        storage = Array(unsafeUninitializedCapacity: size) { [storage, count] room, filled in
            room.initialize(repeating: 0)
            storage.withUnsafeBufferPointer { room.baseAddress!.update(from: $0.baseAddress!, count: count) }
            filled = size
        }
    }
}
