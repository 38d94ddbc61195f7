// Chance that repeats: a small generator with a seed, the same numbers in debug and release.
// Must not know the system's random source.

import Host

/// SplitMix64 (Steele, Lea, Flood 2014): one word of state, good enough for faults and sensor scripts.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// A sequence of its own for somebody with a name, out of a seed that many share.
    init(seed: UInt64, for name: String) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325  // FNV-1a
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        var mixer = SeededRandom(seed: seed ^ hash)
        state = mixer.next()
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z &>> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z &>> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z &>> 31)
    }

    /// A number in 0..<1.
    mutating func unit() -> Double { Double(next() &>> 11) * 0x1p-53 }

    /// A whole number in the range.
    mutating func integer(in range: ClosedRange<Int32>) -> Int32 {
        let width = UInt64(Int64(range.upperBound) - Int64(range.lowerBound)) + 1
        return Int32(Int64(range.lowerBound) + Int64(next().multipliedFullWidth(by: width).high))
    }

    /// A time in the range, to the nanosecond.
    mutating func interval(_ shortest: Interval, _ longest: Interval) -> Interval {
        let width = UInt64((longest - shortest).nanoseconds) + 1
        return shortest + Interval(nanoseconds: Int64(next().multipliedFullWidth(by: width).high))
    }

    /// About normal, mean 0 and deviation 1, within ±6: the sum of twelve, which needs no mathematics library.
    mutating func normal() -> Double {
        var sum = -6.0
        for _ in 0..<12 { sum += unit() }
        return sum
    }
}
