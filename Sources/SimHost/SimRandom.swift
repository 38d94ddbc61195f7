// The simulator's random numbers: one 64-bit seed gives the same numbers in every build and on every machine.
// Must not know what the numbers are for, and must not use floating point.

import Host

/// xoshiro256** by Blackman and Vigna, seeded through splitmix64. Not for secrets.
public struct SimRandom: Sendable {
    private var a: UInt64
    private var b: UInt64
    private var c: UInt64
    private var d: UInt64

    /// Equal seeds give equal numbers.
    public init(seed: UInt64) {
        var numbers = SplitMix(seed: seed)
        a = numbers.next()
        b = numbers.next()
        c = numbers.next()
        d = numbers.next()
    }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        let product = b &* 5
        let result = ((product << 7) | (product >> 57)) &* 9
        let shifted = b << 17
        c ^= a
        d ^= b
        b ^= c
        a ^= d
        c ^= shifted
        d = (d << 45) | (d >> 19)
        return result
    }

    /// Another source, independent of what this one gives from here on.
    public mutating func fork() -> SimRandom { SimRandom(seed: next()) }

    /// A number below `bound`, which must not be 0. Its bias is below 2⁻³² for every bound the simulator uses.
    public mutating func below(_ bound: UInt64) -> UInt64 { next().multipliedFullWidth(by: bound).high }

    /// A number in `range`.
    public mutating func within(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(below(UInt64(range.upperBound - range.lowerBound) + 1))
    }

    /// A length in `range`, to the nanosecond.
    public mutating func within(_ range: ClosedRange<Interval>) -> Interval {
        let low = range.lowerBound.nanoseconds
        return Interval(nanoseconds: low + Int64(below(UInt64(range.upperBound.nanoseconds - low) + 1)))
    }

    /// A length between nothing and twice `mean`.
    public mutating func around(_ mean: Interval) -> Interval { within(.zero...mean * 2) }

    /// True `share` times in `of`, on average.
    public mutating func happens(_ share: UInt64, of total: UInt64) -> Bool { below(total) < share }

    /// One element of a list that is not empty.
    public mutating func pick<Element>(_ list: [Element]) -> Element { list[Int(below(UInt64(list.count)))] }
}
