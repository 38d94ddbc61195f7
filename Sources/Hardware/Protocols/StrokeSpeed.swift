// How fast a stroker must go to be somewhere in time. Powers are computed here, so that every machine gets the same bytes.
// Must not know a protocol.

enum StrokeSpeed {
    /// The speed of the strokers of Kiiroo, 0 to 99, for a distance in 99ths of the way and a time in milliseconds. They need less than
    /// one would think for short ways: the exponent was measured by their makers' users.
    static func kiiroo(distance: Int32, milliseconds: UInt32) -> Int32 {
        scaled(Double(distance.magnitude) / 99, milliseconds, 99)
    }

    /// The speed of Fredorch's machine, 0 to 15, for a distance in 15ths of the way.
    static func fredorch(distance: Int32, milliseconds: UInt32) -> Int32 {
        scaled(Double(distance.magnitude) / 15, milliseconds, 15)
    }

    private static func scaled(_ way: Double, _ milliseconds: UInt32, _ highest: Double) -> Int32 {
        guard way != 0 else { return 0 }
        guard milliseconds > 0 else { return Int32(highest) }
        let speed = highest * 250 * power(Double(milliseconds) * 90 / (min(way, 1) * 100), -1.05)
        return Int32(min(max(speed, 0), highest))
    }

    /// The speed of the Vorze Piston, 0 to 100, for a distance in 200ths of the way.
    static func piston(distance: Int32, milliseconds: UInt32) -> Int32 {
        guard distance != 0, milliseconds > 0 else { return 100 }
        let speed = power(Double(milliseconds) * 200 / Double(distance.magnitude) / 6658, -1.21)
        return Int32(min(max(speed, 0), 100))
    }

    /// `base` to the power of `exponent`, for a base above zero.
    static func power(_ base: Double, _ exponent: Double) -> Double { exponential(exponent * logarithm(base)) }

    private static let ln2 = 0.693_147_180_559_945_3

    /// The natural logarithm, by the series of the inverse hyperbolic tangent.
    private static func logarithm(_ number: Double) -> Double {
        let ratio = (number.significand - 1) / (number.significand + 1)
        var term = ratio
        var sum = 0.0
        for odd in stride(from: 1.0, through: 41, by: 2) {
            sum += term / odd
            term *= ratio * ratio
        }
        return 2 * sum + Double(number.exponent) * ln2
    }

    private static func exponential(_ number: Double) -> Double {
        guard number > -700 else { return 0 }
        guard number < 700 else { return .greatestFiniteMagnitude }
        let whole = (number / ln2).rounded()
        let rest = number - whole * ln2
        var term = 1.0
        var sum = 1.0
        for step in stride(from: 1.0, through: 20, by: 1) {
            term *= rest / step
            sum += term
        }
        return Double(sign: .plus, exponent: Int(whole), significand: sum)
    }
}
