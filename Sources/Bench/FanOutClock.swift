// How far apart many subscribers receive one reading.
// Must not know readings; it is told who received a reading of which sensor, and when.

/// Separates the copies of one reading from those of the next: a listener that receives one of the same sensor again has a new reading.
public struct FanOutClock: Sendable {
    /// A listener has received a burst that another listener had before.
    public struct Receipt: Hashable, Sendable {
        /// How long after the first.
        public var after: UInt64
        /// Whether all have it now.
        public var isLast: Bool
    }

    private struct Burst: Sendable {
        var source: UInt64
        var number: UInt32 = 0
        var start: UInt64 = 0
        var count = 0
        /// By listener, the number of the last burst that it received.
        var received: [UInt32]
    }

    private let listeners: Int
    private var bursts: [Burst] = []

    public init(listeners: Int) { self.listeners = listeners }

    /// A listener (0…) has received a burst; nil for the first.
    public mutating func received(_ listener: Int, of source: UInt64, at now: UInt64) -> Receipt? {
        let index: Int
        if let known = bursts.firstIndex(where: { $0.source == source }) {
            index = known
        } else {
            index = bursts.count
            bursts.append(Burst(source: source, received: Array(repeating: 0, count: listeners)))
        }
        let isNew = bursts[index].received[listener] == bursts[index].number
        if isNew {
            bursts[index].number += 1
            bursts[index].start = now
            bursts[index].count = 0
        }
        bursts[index].received[listener] = bursts[index].number
        bursts[index].count += 1
        return isNew ? nil : Receipt(after: now - min(now, bursts[index].start), isLast: bursts[index].count == listeners)
    }
}
