// Finds names and numbers in a message's text, as far as the readers of requests and replies need them.
// Must not know the router's own JSON reader, nor which messages there are.

/// The bytes of one message.
struct WireText {
    let bytes: UnsafeRawBufferPointer

    var count: Int { bytes.count }

    /// The first number of this name.
    func number(_ key: StaticString) -> Int64? {
        var at = 3
        return nextNumber(key, from: &at)
    }

    /// The next number of this name; `at` moves past it.
    func nextNumber(_ key: StaticString, from at: inout Int) -> Int64? {
        guard let start = value(key, from: at) else {
            at = bytes.count
            return nil
        }
        at = start
        let isNegative = at < bytes.count && bytes[at] == UInt8(ascii: "-")
        if isNegative { at += 1 }
        var value: Int64 = 0
        var digits = 0
        while at < bytes.count, bytes[at] >= 48, bytes[at] <= 57, digits < 11 {
            value = value * 10 + Int64(bytes[at] - 48)
            at += 1
            digits += 1
        }
        return digits > 0 ? (isNegative ? -value : value) : nil
    }

    /// Where the value of the next field of this name begins.
    func value(_ key: StaticString, from start: Int = 3) -> Int? {
        let length = key.utf8CodeUnitCount
        var at = start
        while at <= bytes.count - length - 4 {
            if bytes[at] == UInt8(ascii: "\""), bytes[at + length + 1] == UInt8(ascii: "\""), bytes[at + length + 2] == UInt8(ascii: ":"),
                matches(key, at: at + 1)
            {
                return at + length + 3
            }
            at += 1
        }
        return nil
    }

    /// The word in quotes at `start`, without them.
    func word(at start: Int) -> String? {
        guard start < bytes.count, bytes[start] == UInt8(ascii: "\"") else { return nil }
        let end = bytes[(start + 1)...].firstIndex(of: UInt8(ascii: "\"")) ?? bytes.count
        return String(decoding: bytes[(start + 1)..<end], as: UTF8.self)
    }

    func matches(_ text: StaticString, at start: Int) -> Bool {
        let length = text.utf8CodeUnitCount
        guard start + length < bytes.count else { return false }
        for i in 0..<length where bytes[start + i] != text.utf8Start[i] { return false }
        return true
    }
}
