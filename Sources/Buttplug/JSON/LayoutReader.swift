// Reads texts whose layout is known in advance: literals compared eight bytes at a time, numbers eight digits at a time.
// Must not know messages. A text that differs in a single byte is refused; the general reader then has its turn.

/// A cursor over a text of known layout.
struct LayoutReader: ~Escapable {
    private let bytes: RawSpan
    private let count: Int
    private var at = 0

    @_lifetime(copy bytes) @inline(__always)
    init(_ bytes: RawSpan) {
        self.bytes = bytes
        count = bytes.byteCount
    }

    @inline(__always)
    var isAtEnd: Bool { at == count }

    /// Whether the literal is here; if so, moves past it.
    @_lifetime(self: copy self) @inline(__always)
    mutating func take(_ literal: StaticString) -> Bool {
        guard bytes.holds(literal, at: at) else { return false }
        at &+= literal.utf8CodeUnitCount
        return true
    }

    /// A number without sign, leading zeros, fraction or exponent, up to `UInt32.max`. Fast when it has many digits.
    @_lifetime(self: copy self) @inline(__always)
    mutating func longNumber() -> UInt32? {
        guard count &- at >= 8 else { return shortNumber() }
        // A byte that is a digit becomes its value; another becomes 10 or more.
        let digits = bytes.word(at) ^ 0x3030_3030_3030_3030
        // A byte is a digit when it is below ten: adding 0x76 leaves its top bit clear.
        let ends = (((digits & 0x7F7F_7F7F_7F7F_7F7F) &+ 0x7676_7676_7676_7676) | digits) & 0x8080_8080_8080_8080
        let n = ends.trailingZeroBitCount &>> 3
        guard n > 0, digits & 0xFF != 0 else { return shortNumber() }
        at &+= n
        // Of "123,…" the shift makes 00000123: the lowest byte is the first digit.
        if n < 8 { return Self.number(digits &<< UInt64((8 &- n) &* 8)) }
        return more(after: Self.number(digits))
    }

    /// The number that begins with these digits; nil when it is too large.
    @_lifetime(self: copy self) @inline(__always)
    private mutating func more(after digits: UInt32) -> UInt32? {
        var value = UInt64(digits)
        while at < count {
            let digit = bytes.byte(at) &- 0x30
            if digit > 9 { break }
            value = value &* 10 &+ UInt64(digit)
            guard value <= UInt64(UInt32.max) else { return nil }
            at &+= 1
        }
        return UInt32(truncatingIfNeeded: value)
    }

    /// Eight digits, the first in the lowest byte: four pairs (12, 34, 56, 78), each times its weight. The sum is in the upper 32 bits.
    @inline(__always)
    private static func number(_ digits: UInt64) -> UInt32 {
        let pairs = (digits &* 10) &+ (digits &>> 8)
        let firstAndThird = (pairs & 0x0000_00FF_0000_00FF) &* (100 + (1_000_000 << 32))
        let secondAndFourth = ((pairs &>> 16) & 0x0000_00FF_0000_00FF) &* (1 + (10_000 << 32))
        return UInt32(truncatingIfNeeded: (firstAndThird &+ secondAndFourth) &>> 32)
    }

    /// As `longNumber`, but fast when there are few digits.
    @_lifetime(self: copy self) @inline(__always)
    mutating func shortNumber() -> UInt32? {
        guard at < count else { return nil }
        let first = bytes.byte(at) &- 0x30
        guard first <= 9 else { return nil }
        at &+= 1
        guard at < count, bytes.byte(at) &- 0x30 <= 9 else { return UInt32(first) }
        let (value, end) = Self.rest(of: UInt64(first), bytes, at)
        guard end > 0 else { return nil }
        at = end
        return value
    }

    /// The digits after the first; the end is 0 when the number is too large, or the first digit a superfluous zero.
    @inline(never)
    private static func rest(of first: UInt64, _ bytes: RawSpan, _ start: Int) -> (value: UInt32, end: Int) {
        var value = first
        var end = start
        guard first != 0 else { return (0, 0) }
        while end < bytes.byteCount {
            let digit = bytes.byte(end) &- 0x30
            if digit > 9 { break }
            value = value &* 10 &+ UInt64(digit)
            guard value <= UInt64(UInt32.max) else { return (0, 0) }
            end &+= 1
        }
        return (UInt32(truncatingIfNeeded: value), end)
    }

    /// A number of few digits with an optional minus sign, in the range of `Int32`.
    @_lifetime(self: copy self) @inline(__always)
    mutating func signedDigits() -> Int32? {
        guard at < count else { return nil }
        let isNegative = bytes.byte(at) == 0x2D
        if isNegative { at &+= 1 }
        let start = at
        var value: UInt32 = 0
        while at < count {
            let digit = bytes.byte(at) &- 0x30
            if digit > 9 { break }
            value = value &* 10 &+ UInt32(digit)
            at &+= 1
        }
        let n = at &- start
        // Nine digits always fit; the general reader takes the tenth.
        guard n > 0, n < 10, n == 1 || bytes.byte(start) != 0x30 else { return nil }
        return isNegative ? 0 &- Int32(bitPattern: value) : Int32(bitPattern: value)
    }
}
