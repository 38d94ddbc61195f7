// How far apart many subscribers hear of one reading.
// Must not know readings; it is told who heard of which sensor, and when.

/// Tells the copies of one reading apart from those of the next: whoever hears of a sensor again hears of a new reading.
public struct FanOutClock: Sendable {
    private struct Burst: Sendable {
        var source: UInt64
        var number: UInt32 = 0
        var start: UInt64 = 0
        /// By listener, the number of the last burst it heard of.
        var heard: [UInt32]
    }

    private let listeners: Int
    private var bursts: [Burst] = []

    public init(listeners: Int) { self.listeners = listeners }

    /// How long after the first listener this one (0…) has heard; nil for the first.
    public mutating func heard(_ listener: Int, of source: UInt64, at now: UInt64) -> UInt64? {
        guard let place = bursts.firstIndex(where: { $0.source == source }) else {
            var burst = Burst(source: source, number: 1, start: now, heard: Array(repeating: 0, count: listeners))
            burst.heard[listener] = 1
            bursts.append(burst)
            return nil
        }
        guard bursts[place].heard[listener] != bursts[place].number else {
            bursts[place].number += 1
            bursts[place].start = now
            bursts[place].heard[listener] = bursts[place].number
            return nil
        }
        bursts[place].heard[listener] = bursts[place].number
        return now - min(now, bursts[place].start)
    }
}
