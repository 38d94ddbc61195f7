// Numbers of JSON: exact integers, and fractions rounded as IEEE 754 asks. No allocation for what clients write.
// Must not know what a number is for.

extension JSONReader {
    /// Characters of one number; real ones have at most 25.
    private static var numberMax: Int { 64 }

    /// A whole number from 0 to `UInt32.max`.
    @_lifetime(self: copy self) @inline(__always)
    mutating func unsigned() throws(JSONProblem) -> UInt32 {
        let n = try integer()
        guard let value = UInt32(exactly: n) else { throw .outOfRange }
        return value
    }

    /// A whole number of the range of `Int32`.
    @_lifetime(self: copy self) @inline(__always)
    mutating func signed() throws(JSONProblem) -> Int32 {
        let n = try integer()
        guard let value = Int32(exactly: n) else { throw .outOfRange }
        return value
    }

    /// A whole number. A fraction of zeros is accepted (`10.0`); any other fraction, an exponent and more than 15 digits are not.
    @_lifetime(self: copy self) @inline(__always)
    mutating func integer() throws(JSONProblem) -> Int64 {
        let isNegative = try peek() == 0x2D
        if isNegative { at &+= 1 }
        let start = at
        let limit = min(count, start &+ 16)
        var end = start
        var value: Int64 = 0
        while end < limit {
            let digit = byte(end) &- 0x30
            if digit > 9 { break }
            value = value &* 10 &+ Int64(digit)
            end &+= 1
        }
        at = end
        guard end > start else { throw .unexpectedByte }
        guard end &- start < 16 else { throw .outOfRange }
        guard byte(start) != 0x30 || end &- start == 1 else { throw .badNumber }
        if end < count, Self.continuesNumber(byte(end)) { try zeroFraction() }
        return isNegative ? 0 &- value : value
    }

    @inline(__always)
    private static func continuesNumber(_ byte: UInt8) -> Bool { byte == 0x2E || byte | 0x20 == 0x65 }

    @_lifetime(self: copy self) @inline(never)
    private mutating func zeroFraction() throws(JSONProblem) {
        guard byte(at) == 0x2E else { throw .notAnInteger }
        at &+= 1
        let start = at
        while at < count, byte(at) == 0x30, at &- start < Self.numberMax { at &+= 1 }
        if at < count, byte(at) &- 0x30 <= 9 || Self.continuesNumber(byte(at)) { throw .notAnInteger }
        guard at > start else { throw .badNumber }
    }

    /// Any number, rounded to the nearest `Double`.
    @_lifetime(self: copy self)
    mutating func double() throws(JSONProblem) -> Double {
        let isNegative = try peek() == 0x2D
        let start = at
        if isNegative { at &+= 1 }
        var digits: UInt64 = 0
        var significant = 0
        let whole = try run(&digits, &significant)
        guard whole > 0 else { throw .unexpectedByte }
        guard whole == 1 || byte(at &- whole) != 0x30 else { throw .badNumber }
        var scale = 0
        if at < count, byte(at) == 0x2E {
            at &+= 1
            scale = try run(&digits, &significant)
            guard scale > 0 else { throw .badNumber }
        }
        if at < count, byte(at) | 0x20 == 0x65 { scale &-= try exponent() }
        guard at &- start <= Self.numberMax else { throw .numberTooLong }
        if digits == 0 { return isNegative ? -0.0 : 0 }
        let magnitude: Double
        if significant <= 19, scale >= 0, scale <= 19 {
            magnitude = Self.quotient(digits, tens: scale)
        } else {
            magnitude = slowDouble(isNegative ? start &+ 1 : start)
        }
        return isNegative ? -magnitude : magnitude
    }

    /// Digits, appended to those already in `digits`; how many there were.
    @_lifetime(self: copy self) @inline(__always)
    private mutating func run(_ digits: inout UInt64, _ significant: inout Int) throws(JSONProblem) -> Int {
        let start = at
        while at < count {
            let digit = byte(at) &- 0x30
            if digit > 9 { break }
            if significant > 0 || digit != 0 { significant &+= 1 }
            digits = digits &* 10 &+ UInt64(digit)
            at &+= 1
            if at &- start > Self.numberMax { throw .numberTooLong }
        }
        return at &- start
    }

    @_lifetime(self: copy self)
    private mutating func exponent() throws(JSONProblem) -> Int {
        at &+= 1
        let sign = at < count ? byte(at) : 0
        if sign == 0x2B || sign == 0x2D { at &+= 1 }
        var value = 0
        let start = at
        while at < count {
            let digit = byte(at) &- 0x30
            if digit > 9 { break }
            value = min(value * 10 + Int(digit), 10_000)
            at &+= 1
            if at &- start > Self.numberMax { throw .numberTooLong }
        }
        guard at > start else { throw .badNumber }
        return sign == 0x2D ? -value : value
    }

    /// `digits` / 10^`tens`, rounded to nearest, ties to even. At most 19 of either.
    static func quotient(_ digits: UInt64, tens: Int) -> Double {
        var divisor: UInt64 = 1
        for _ in 0..<tens { divisor &*= 10 }
        // Both exact, so that one division rounds once.
        if digits <= 1 << 53, divisor <= 1 << 53 { return Double(digits) / Double(divisor) }
        // A quotient of at least 55 bits; what remains only breaks ties, and one low bit represents it.
        let shift = 56 &+ (64 &- divisor.leadingZeroBitCount) &- (64 &- digits.leadingZeroBitCount)
        let dividend = UInt128(digits) << UInt128(max(0, shift))
        let (quotient, remainder) = dividend.quotientAndRemainder(dividingBy: UInt128(divisor))
        let sticky = UInt64(truncatingIfNeeded: quotient) | (remainder == 0 ? 0 : 1)
        return Double(sticky) * Double(sign: .plus, exponent: -max(0, shift), significand: 1)
    }

    /// What the standard library makes of the number that ends here: for digits and exponents no client writes.
    @inline(never)
    private func slowDouble(_ start: Int) -> Double {
        var text = ""
        for i in start..<at { text.unicodeScalars.append(Unicode.Scalar(byte(i))) }
        return Double(text) ?? .infinity
    }
}
