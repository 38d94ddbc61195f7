// What the operator allows a session, as the arbiter needs it: numbers only.
// Must not know how a rule is matched or where it is written.

/// A fraction in whole ten-thousandths, so that 0.07 of 100 is 7 and not 8.
public struct Fraction: Hashable, Comparable, Sendable {
    /// 0…10,000.
    public let tenThousandths: Int32

    public init(tenThousandths: Int32) { self.tenThousandths = min(10_000, max(0, tenThousandths)) }
    /// Rounds to the nearest ten-thousandth; outside 0…1 is clamped.
    public init(_ value: Double) { self.init(tenThousandths: Int32(min(1, max(0, value)) * 10_000 + 0.5)) }

    public static let one = Fraction(tenThousandths: 10_000)
    public static let zero = Fraction(tenThousandths: 0)
    public static func < (a: Fraction, b: Fraction) -> Bool { a.tenThousandths < b.tenThousandths }

    /// `n` times this, rounded down.
    @inlinable func floor(of n: Int32) -> Int32 { Int32(Int64(n) * Int64(tenThousandths) / 10_000) }
    /// `n` times this, rounded up.
    @inlinable func ceil(of n: Int32) -> Int32 { Int32((Int64(n) * Int64(tenThousandths) + 9_999) / 10_000) }
}

/// May a session drive outputs?
public enum Role: String, Hashable, Sendable, CaseIterable { case controller, observer }

/// A session's rights in arbitration (`arbitration.md` §2, Rule).
public struct Rights: Hashable, Sendable {
    public var role = Role.controller
    /// 0…200; the highest that wants something wins.
    public var priority: UInt8 = 100
    public var gain = Fraction.one
    public var cap = Fraction.one
    public var stopScope = StopScope.own
    public var mute = false

    public init() {}
}
