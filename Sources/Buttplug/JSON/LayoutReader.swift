// Reads texts whose layout is known beforehand: literals compared eight bytes at a time, numbers eight digits at a time.
// Must not know messages. Whatever differs in a single byte is refused; the general reader then has its turn.

/// A cursor over a text of known layout.
struct LayoutReader: ~Escapable {
    private let bytes: RawSpan
    private let count: Int
    private var at = 0

    /// The text must have at least eight bytes.
    @_lifetime(copy bytes) @inline(__always)
    init(_ bytes: RawSpan) {
        self.bytes = bytes
        count = bytes.byteCount
        precondition(count >= 8)
    }

    @inline(__always)
    var isAtEnd: Bool { at == count }

    @inline(__always)
    private func word(_ offset: Int) -> UInt64 {
        bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self)
    }

    /// Whether the literal stands here; if so, goes behind it. One guard, the loads behind it are unchecked.
    @_lifetime(self: copy self) @inline(__always)
    mutating func take(_ literal: StaticString) -> Bool {
        let n = literal.utf8CodeUnitCount
        guard count &- at >= n else { return false }
        let expected = UnsafeRawPointer(literal.utf8Start)
        if n >= 8 {
            var difference = word(at) ^ expected.loadUnaligned(as: UInt64.self)
            if n > 16 { difference |= word(at &+ 8) ^ expected.loadUnaligned(fromByteOffset: 8, as: UInt64.self) }
            if n > 24 { difference |= word(at &+ 16) ^ expected.loadUnaligned(fromByteOffset: 16, as: UInt64.self) }
            if n > 8 { difference |= word(at &+ n &- 8) ^ expected.loadUnaligned(fromByteOffset: n &- 8, as: UInt64.self) }
            guard n <= 32, difference == 0 else { return false }
        } else {
            for i in 0..<n {
                let byte = bytes.unsafeLoad(fromUncheckedByteOffset: at &+ i, as: UInt8.self)
                guard byte == expected.load(fromByteOffset: i, as: UInt8.self) else { return false }
            }
        }
        at &+= n
        return true
    }

    /// The next eight bytes; behind the end of the text there are zeros.
    @inline(__always)
    private var next: UInt64 {
        let left = count &- at
        if left >= 8 { return word(at) }
        if left <= 0 { return 0 }
        return word(count &- 8) &>> UInt64((8 &- left) &* 8)
    }

    /// A number without sign, leading zeros, fraction or exponent, up to `UInt32.max`.
    @_lifetime(self: copy self) @inline(__always)
    mutating func digits() -> UInt32? {
        let digits = next ^ 0x3030_3030_3030_3030
        // A byte is a digit when it is below ten: adding 0x76 leaves its top bit clear.
        let others = ((digits & 0x7F7F_7F7F_7F7F_7F7F) &+ 0x7676_7676_7676_7676) | digits
        let ends = others & 0x8080_8080_8080_8080
        if ends & 0x8000 != 0 && ends & 0x80 == 0 {
            at &+= 1
            return UInt32(truncatingIfNeeded: digits & 15)
        }
        guard ends != 0 else { return longDigits() }
        let n = ends.trailingZeroBitCount &>> 3
        guard n > 0, digits & 0xFF != 0 else { return nil }
        at &+= n
        return Self.number(digits &<< UInt64((8 &- n) &* 8))
    }

    /// Eight digits, the first in the lowest byte.
    @inline(__always)
    private static func number(_ digits: UInt64) -> UInt32 {
        var n = (digits &* 10) &+ (digits &>> 8)
        n = ((n & 0x0000_00FF_0000_00FF) &* (100 + (1_000_000 << 32))) &+ (((n &>> 16) & 0x0000_00FF_0000_00FF) &* (1 + (10_000 << 32)))
        return UInt32(truncatingIfNeeded: n &>> 32)
    }

    /// Eight digits or more.
    @_lifetime(self: copy self) @inline(never)
    private mutating func longDigits() -> UInt32? {
        let digits = next ^ 0x3030_3030_3030_3030
        guard digits & 0xFF != 0 else { return nil }
        var value = UInt64(Self.number(digits))
        var end = at &+ 8
        while end < count {
            let digit = bytes.unsafeLoad(fromUncheckedByteOffset: end, as: UInt8.self) &- 0x30
            if digit > 9 { break }
            value = value &* 10 &+ UInt64(digit)
            guard value <= UInt64(UInt32.max) else { return nil }
            end &+= 1
        }
        at = end
        return UInt32(truncatingIfNeeded: value)
    }

    /// A number with an optional minus sign, in the range of `Int32`.
    @_lifetime(self: copy self) @inline(__always)
    mutating func signedDigits() -> Int32? {
        let isNegative = next & 0xFF == 0x2D
        if isNegative { at &+= 1 }
        guard let magnitude = digits(), magnitude <= UInt32(Int32.max) else { return nil }
        return isNegative ? 0 &- Int32(bitPattern: magnitude) : Int32(bitPattern: magnitude)
    }
}
