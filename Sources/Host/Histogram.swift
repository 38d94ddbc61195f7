// Durations counted in fixed steps: cheap to add to, and read now and then.
// Must not read a clock, nor know what took so long.

/// How many durations were how long. Counts go up only; steps are 1, 2 and 5 of each power of ten from 10 µs to 5 s.
public struct Histogram: Sendable {
    /// The longest duration of each step; the last step, which is longer than all of them, has none.
    public static let bounds: [Interval] = [
        10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000, 20_000_000, 50_000_000, 100_000_000,
        200_000_000, 500_000_000, 1_000_000_000, 2_000_000_000, 5_000_000_000,
    ].map { Interval(nanoseconds: $0) }

    @usableFromInline var counts = InlineArray<19, UInt64>(repeating: 0)
    @usableFromInline var nanoseconds: UInt64 = 0
    /// The longest of all.
    public internal(set) var longest = Interval.zero

    public init() {}

    /// Durations counted.
    public var count: UInt64 { counts.indices.reduce(0) { $0 &+ counts[$1] } }
    /// All durations together, in seconds.
    public var seconds: Double { Double(nanoseconds) / 1e9 }
    /// Per step, how many were as long or shorter; the last is `count`.
    public var cumulative: [UInt64] {
        var sum: UInt64 = 0
        return counts.indices.map {
            sum &+= counts[$0]
            return sum
        }
    }

    /// Counts one. What is negative counts as nothing.
    @inlinable
    public mutating func add(_ duration: Interval) {
        // What is answered within its turn took no time at all.
        if duration.nanoseconds <= 0 { counts[0] &+= 1 } else { addLonger(duration) }
    }

    @usableFromInline @inline(never)
    mutating func addLonger(_ duration: Interval) {
        var step = 0
        while step < Self.bounds.count, duration > Self.bounds[step] { step += 1 }
        counts[step] &+= 1
        nanoseconds &+= UInt64(duration.nanoseconds)
        longest = max(longest, duration)
    }

    /// Counts all of another's.
    public mutating func add(_ other: Histogram) {
        for step in counts.indices { counts[step] &+= other.counts[step] }
        nanoseconds &+= other.nanoseconds
        longest = max(longest, other.longest)
    }

    /// The duration that this share (0…1) of all does not exceed, as if they lay evenly within their step; nil when there are none.
    public func quantile(_ share: Double) -> Interval? {
        let all = count
        guard all > 0 else { return nil }
        let rank = max(1, share * Double(all))
        var before: UInt64 = 0
        for step in counts.indices where counts[step] > 0 {
            let within = (rank - Double(before)) / Double(counts[step])
            before &+= counts[step]
            guard Double(before) >= rank else { continue }
            let low = step == 0 ? 0 : Self.bounds[step - 1].nanoseconds
            let high = step < Self.bounds.count ? Self.bounds[step].nanoseconds : longest.nanoseconds
            return min(longest, Interval(nanoseconds: low + Int64(Double(high - low) * min(1, within))))
        }
        return longest
    }
}
