// Steps → the fractions that versions before 4 use, so that the server's rounding gives back the very same step.
// Must not know messages. The rounding is in `docs/protocol-notes.md`: held outputs and positions round up, moves with a duration down.

import Host

/// A decimal fraction from 0 to 1, kept as a whole number so that it is written exactly as it was chosen.
struct ClientFraction: Hashable, Sendable {
    /// The fraction in units of 10^-15: every such number is read exactly, even by a JSON reader that rounds badly.
    let units: UInt64

    private static var one: UInt64 { 1_000_000_000_000_000 }
    /// The longest fraction that is preferred, in units: six digits.
    private static var short: UInt64 { 1_000_000_000 }
    /// A server takes less than this for nothing.
    private static var least: UInt64 { short }

    /// For a server that computes the least step that is at least `steps` × fraction: exact for every step of up to a million. In longer
    /// ranges the first few steps, below a millionth of the range, cannot be expressed: they become that millionth, never nothing.
    init(roundedUpTo step: Int32, of steps: Int32) {
        guard let units = Self.trivial(step, of: steps) else {
            let near = Self.units(step, of: steps, thousandths: -1)
            self.units = Self.shortest(step, of: steps) { $0 <= Double(step) } ?? max(near, Self.least)
            return
        }
        self.units = units
    }

    /// For a server that cuts off the decimals of `steps` × fraction: exact for every step.
    init(cutOffTo step: Int32, of steps: Int32) {
        guard let units = Self.trivial(step, of: steps) else {
            self.units =
                Self.shortest(step, of: steps) { $0 >= Double(step) } ?? Self.units(step, of: steps, thousandths: 1)
            return
        }
        self.units = units
    }

    private static func trivial(_ step: Int32, of steps: Int32) -> UInt64? { step <= 0 ? 0 : step >= steps ? one : nil }

    /// The fraction as people would write it, if six digits are enough to write it exactly, and the product is as `suits` asks.
    private static func shortest(_ step: Int32, of steps: Int32, suits: (Double) -> Bool) -> UInt64? {
        let (millionths, rest) = (UInt64(step) * 1_000_000).quotientAndRemainder(dividingBy: UInt64(steps))
        guard rest == 0, suits(Double(steps) * (Double(millionths) / 1_000_000)) else { return nil }
        return millionths * short
    }

    /// The fraction of a point close to the step, rounded down: far enough for any error of rounding, near enough for a server that
    /// rounds to the nearest step.
    private static func units(_ step: Int32, of steps: Int32, thousandths: Int64) -> UInt64 {
        let point = UInt64(Int64(step) * 1_000 + thousandths)
        let product = point.multipliedFullWidth(by: one)
        return (UInt64(steps) * 1_000).dividingFullWidth((product.high, product.low)).quotient
    }
}

extension MessageBuffer {
    /// Appends a fraction without superfluous digits. Allocates nothing.
    mutating func append(_ fraction: ClientFraction) {
        let whole = fraction.units / 1_000_000_000_000_000
        append(UInt32(whole))
        var rest = fraction.units - whole * 1_000_000_000_000_000
        if rest == 0 { return }
        var digits = 15
        while rest % 10 == 0 {
            rest /= 10
            digits -= 1
        }
        append(".")
        let target = room(digits)
        for i in (0..<digits).reversed() {
            target.storeBytes(of: 0x30 + UInt8(rest % 10), toByteOffset: i, as: UInt8.self)
            rest /= 10
        }
        advance(digits)
    }
}
