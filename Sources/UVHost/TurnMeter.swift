// How long turns of a loop take, and how late it comes to deadlines.
// Must not read a clock; it is told figures.

import Host

/// Turns and deadlines of one loop, measured.
public struct TurnMeter: Sendable {
    /// From what woke the loop to the end of the turn. What the loop waited is not in it.
    public private(set) var lengths = Histogram()
    /// From the instant a deadline was set to until its owner is told. As exact as the time of turns: a millisecond.
    public private(set) var lags = Histogram()
    /// The clock and the time waited at the end of the last turn.
    private var last: (clock: UInt64, idle: UInt64)?

    public init() {}

    /// A turn is over: by the clock, and having waited so long in all turns so far, both in nanoseconds.
    public mutating func turnEnded(at clock: UInt64, idle: UInt64) {
        if let last { lengths.add(Interval(nanoseconds: Int64(clamping: clock &- last.clock) - Int64(clamping: idle &- last.idle))) }
        last = (clock, idle)
    }

    /// A deadline is looked at.
    public mutating func passed(_ deadline: Instant, at now: Instant) { lags.add(now - deadline) }
}
