// When each message of an open-loop run is due: a steady rate, after a ramp on which it rises from nothing.
// Must not know clients; it counts messages. All times are nanoseconds of one clock.

/// Due times of messages 0, 1, 2…
public struct SendSchedule: Hashable, Sendable {
    /// When the ramp begins.
    public let start: UInt64
    /// Length of the ramp, during which the rate rises evenly from zero.
    public let ramp: UInt64
    /// Nanoseconds between two messages after the ramp.
    public let interval: Double
    /// How much later everything is, so that several schedules interleave; in intervals, 0…1.
    public let phase: Double
    private let ramped: Double

    /// - Parameter rate: Messages per second after the ramp, above 0.
    public init(start: UInt64, rate: Double, ramp: UInt64 = 0, phase: Double = 0) {
        precondition(rate > 0, "a schedule has a rate")
        self.start = start
        self.ramp = ramp
        self.phase = phase
        interval = 1e9 / rate
        ramped = Double(ramp) / interval / 2
    }

    /// When message `number` is due.
    @inline(__always)
    public func due(_ number: UInt64) -> UInt64 {
        let position = Double(number) + phase
        if position >= ramped { return start &+ ramp &+ UInt64((position - ramped) * interval) }
        return start &+ UInt64((position * 2 * interval * Double(ramp)).squareRoot())
    }

    /// How many messages are due at `now`.
    public func count(at now: UInt64) -> UInt64 {
        guard now >= start else { return 0 }
        let elapsed = Double(now - start)
        let position =
            elapsed >= Double(ramp) ? ramped + (elapsed - Double(ramp)) / interval : elapsed * elapsed / (2 * interval * Double(ramp))
        // What `due` says counts, to the nanosecond; the estimate is off by one at most.
        var count = UInt64(max(0, position - phase))
        while due(count) <= now { count += 1 }
        while count > 0, due(count - 1) > now { count -= 1 }
        return count
    }
}
