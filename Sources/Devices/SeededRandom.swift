// What devices draw: numbers, times and shares from a seed, the same in debug and release.
// Must not know the system's random source.

import Host

/// SplitMix64, good enough for faults and sensor scripts.
struct SeededRandom: RandomNumberGenerator {
    private var numbers: SplitMix

    init(seed: UInt64) { numbers = SplitMix(seed: seed) }

    /// A sequence of its own for somebody with a name, out of a seed that many share.
    init(seed: UInt64, for name: String) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325  // FNV-1a
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        var mixer = SplitMix(seed: seed ^ hash)
        numbers = SplitMix(seed: mixer.next())
    }

    mutating func next() -> UInt64 { numbers.next() }

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
