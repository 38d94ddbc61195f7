// What a position sensor measures: it follows the commanded position as fast as it can, and no faster.
// Must not know who commands; time is an argument.

import Host

/// The moving part of a simulated stroker.
struct SimulatedCarriage {
    /// Time for the whole way at full speed.
    static let fullTravel = Interval.milliseconds(300)

    private let steps: Double
    private var from = 0.0
    private var target = 0.0
    private var start = Instant.zero
    private var arrival = Instant.zero
    /// Until when moving has been charged to the battery.
    private var charged = Instant.zero

    init(steps: Int32) { self.steps = Double(max(steps, 1)) }

    /// Starts towards `value`, to arrive after `duration` or as soon as possible, if that is later.
    mutating func move(to value: Int32, within duration: Interval, at now: Instant) {
        from = exactPosition(at: now)
        target = min(max(Double(value), 0), steps)
        let fastest = Interval(inSeconds: (target - from).magnitude / steps * Self.fullTravel.inSeconds)
        start = now
        charged = now
        arrival = now + (target == from ? .zero : max(duration, fastest))
    }

    /// Stays where it is.
    mutating func halt(at now: Instant) {
        from = exactPosition(at: now)
        (target, start, arrival, charged) = (from, now, now, now)
    }

    /// Where it is, in steps, rounded; never below 0.
    func position(at now: Instant) -> Int32 { Int32(exactPosition(at: now) + 0.5) }

    /// Seconds of moving since the last call. Ask before every `move` and `halt`.
    mutating func secondsMoved(until now: Instant) -> Double {
        let end = min(now, arrival)
        guard end > charged else { return 0 }
        defer { charged = end }
        return (end - charged).inSeconds
    }

    private func exactPosition(at now: Instant) -> Double {
        if now >= arrival || arrival <= start { return target }
        if now <= start { return from }
        return from + (target - from) * ((now - start).inSeconds / (arrival - start).inSeconds)
    }
}
