// The latencies of the last second, for what is shown while a run goes on.
// Must not be what a result is made of: that is the histogram's, which takes milliseconds to add and to read. A thread that measures has none.

/// Counts of latencies in steps of a thirty-second of each power of two.
struct RecentLatencies: Sendable {
    private static let steps = 32
    /// Eighteen minutes; what is longer counts as that.
    private static let longest: UInt64 = 1 << 40 - 1

    private var counts = [UInt32](repeating: 0, count: index(of: longest) + 1)
    private(set) var total: UInt64 = 0

    @inline(__always)
    mutating func record(_ nanoseconds: UInt64) {
        counts[Self.index(of: min(nanoseconds, Self.longest))] &+= 1
        total &+= 1
    }

    mutating func add(_ other: RecentLatencies) {
        for index in counts.indices { counts[index] &+= other.counts[index] }
        total &+= other.total
    }

    mutating func reset() {
        for index in counts.indices { counts[index] = 0 }
        total = 0
    }

    /// The latency that so many of a hundred do not pass; 0 when there is none.
    func microseconds(percentile: Double) -> Double {
        var left = Double(total) * percentile / 100
        for index in counts.indices where counts[index] > 0 {
            left -= Double(counts[index])
            if left <= 0 { return Self.middle(of: index) / 1e3 }
        }
        return 0
    }

    @inline(__always)
    private static func index(of value: UInt64) -> Int {
        guard value >= UInt64(steps) else { return Int(value) }
        let shift = 58 - value.leadingZeroBitCount
        return shift * steps + Int(value >> UInt64(shift))
    }

    private static func middle(of index: Int) -> Double {
        let shift = max(0, index / steps - 1)
        return (Double(index - shift * steps) + (shift > 0 ? 0.5 : 0)) * Double(1 << shift)
    }
}
