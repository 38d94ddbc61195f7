// The durations of the last minute, in four slices of which the oldest is dropped when a new one begins.
// Must not read a clock, nor keep what is older: that is handed on.

/// A histogram that forgets. Adding to it costs one comparison more than adding to a `Histogram`.
public struct RecentHistogram: Sendable {
    /// How long one slice lasts; four are kept, the present one among them.
    public static let slice = Interval.seconds(15)

    @usableFromInline var present = Histogram()
    /// The newest first.
    private var past = InlineArray<3, Histogram>(repeating: Histogram())
    @usableFromInline var presentEnds = Instant.zero

    public init() {}

    /// Counts one that ended now. Slices that are dropped by that are added to `older`.
    @inlinable
    public mutating func add(_ duration: Interval, at now: Instant, older: inout Histogram) {
        if now >= presentEnds { beginSlice(at: now, older: &older) }
        present.add(duration)
    }

    @usableFromInline @inline(never)
    mutating func beginSlice(at now: Instant, older: inout Histogram) {
        for _ in 0..<slicesOver(at: now) {
            older.add(past[2])
            (past[2], past[1], past[0]) = (past[1], past[0], present)
            present = Histogram()
        }
        let length = UInt64(Self.slice.nanoseconds)
        presentEnds = Instant(nanoseconds: (now.nanoseconds / length + 1) * length)
    }

    /// How many slices have ended since the present one began, itself among them; four are all.
    private func slicesOver(at now: Instant) -> Int {
        now < presentEnds ? 0 : Int(min(4, (now - presentEnds).nanoseconds / Self.slice.nanoseconds + 1))
    }

    /// What was added in the last 45 to 60 seconds.
    public func lastMinute(at now: Instant) -> Histogram {
        let over = slicesOver(at: now)
        // Slices age while nothing is added.
        var sum = over < 4 ? present : Histogram()
        for age in past.indices where age + 1 + over < 4 { sum.add(past[age]) }
        return sum
    }

    /// Differs when `lastMinute` may differ.
    public struct Mark: Hashable, Sendable {
        fileprivate var added: UInt64
        fileprivate var ends: Instant
        fileprivate var over: Int
    }

    public func mark(at now: Instant) -> Mark { Mark(added: present.count, ends: presentEnds, over: slicesOver(at: now)) }

    /// What was added and not yet handed on.
    public var kept: Histogram {
        var sum = present
        for age in past.indices { sum.add(past[age]) }
        return sum
    }
}
