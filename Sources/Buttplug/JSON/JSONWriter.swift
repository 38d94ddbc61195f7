// Writes JSON straight into the buffer that leaves through a link.
// Must not know messages: literals, numbers and strings are all there is.

import Host

extension MessageBuffer {
    /// Appends the literal as it is.
    @inlinable @inline(__always)
    mutating func append(_ literal: StaticString) {
        let n = literal.utf8CodeUnitCount
        room(n).copyMemory(from: literal.utf8Start, byteCount: n)
        advance(n)
    }

    /// Appends a decimal number.
    @inlinable @inline(__always)
    mutating func append(_ number: UInt32) {
        advance(Decimal.write(number, at: room(Decimal.digitsMax)))
    }

    /// Appends a decimal number with its sign.
    mutating func append(_ number: Int32) {
        if number < 0 { append("-") }
        append(number.magnitude)
    }

    /// Appends `number` / 100 as a decimal fraction without superfluous digits: 85 is `0.85`, 100 is `1`.
    mutating func append(hundredths number: UInt32) {
        append(number / 100)
        let rest = number % 100
        if rest == 0 { return }
        append(rest < 10 ? ".0" : ".")
        append(rest % 10 == 0 ? rest / 10 : rest)
    }

    /// Appends a JSON string: quotes, the text, quotes.
    mutating func append(string: String) {
        append("\"")
        append(escaping: string)
        append("\"")
    }

    /// Appends the text in the form it has inside a JSON string.
    mutating func append(escaping string: String) {
        for byte in string.utf8 { append(escaping: byte) }
    }

    /// Appends one byte of UTF-8 in the form it has inside a JSON string.
    private mutating func append(escaping byte: UInt8) {
        switch byte {
        case 0x22: append("\\\"")
        case 0x5C: append("\\\\")
        case 0x0A: append("\\n")
        case 0x00..<0x20:
            append("\\u00")
            append(hexDigit: byte >> 4)
            append(hexDigit: byte & 15)
        default: append(byte: byte)
        }
    }

    private mutating func append(hexDigit n: UInt8) { append(byte: n < 10 ? 0x30 + n : 0x57 + n) }

    private mutating func append(byte: UInt8) {
        room(1).storeBytes(of: byte, as: UInt8.self)
        advance(1)
    }
}

/// Decimal digits, two at a time.
@usableFromInline
enum Decimal {
    /// Digits of the largest 32-bit number.
    @inlinable static var digitsMax: Int { 10 }

    @inlinable static var pairs: StaticString {
        """
        0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849\
        5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899
        """
    }

    /// Writes `number` at `target`, which has room for `digitsMax` bytes, and returns how many it took.
    @inlinable @inline(__always)
    static func write(_ number: UInt32, at target: UnsafeMutableRawPointer) -> Int {
        if number < 10 {
            target.storeBytes(of: 0x30 &+ UInt8(truncatingIfNeeded: number), as: UInt8.self)
            return 1
        }
        let length = self.length(number)
        var rest = number
        var end = length
        let pairs = UnsafeRawPointer(Self.pairs.utf8Start)
        while rest >= 100 {
            let pair = Int(truncatingIfNeeded: rest % 100)
            rest /= 100
            end &-= 2
            target.storeBytes(of: pairs.loadUnaligned(fromByteOffset: pair &* 2, as: UInt16.self), toByteOffset: end, as: UInt16.self)
        }
        if rest >= 10 {
            target.storeBytes(of: pairs.loadUnaligned(fromByteOffset: Int(rest) &* 2, as: UInt16.self), as: UInt16.self)
        } else {
            target.storeBytes(of: 0x30 &+ UInt8(truncatingIfNeeded: rest), as: UInt8.self)
        }
        return length
    }

    /// How many digits `number` has; it has at least two.
    @inlinable @inline(__always)
    static func length(_ number: UInt32) -> Int {
        if number < 10_000 { return number < 100 ? 2 : number < 1_000 ? 3 : 4 }
        if number < 1_000_000 { return number < 100_000 ? 5 : 6 }
        if number < 100_000_000 { return number < 10_000_000 ? 7 : 8 }
        return number < 1_000_000_000 ? 9 : 10
    }
}
