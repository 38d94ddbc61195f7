// How long to wait before a server is tried again. Nanoseconds.
// Must not know clocks, nor which server is tried.

/// The next server at once after a connection that worked; then 100, 250 and 500 ms, then twice a second for half a minute, then twice as
/// long each time up to ten seconds. From 500 ms on each wait is drawn from a quarter less to a quarter more, so that members do not try
/// in step.
struct NATSPace {
    static let first: [UInt64] = [0, 100_000_000, 250_000_000, 500_000_000]
    static let shortest: UInt64 = 500_000_000
    static let longest: UInt64 = 10_000_000_000
    /// How long a connection must have been open to count as one that worked.
    static let proof: UInt64 = 3_000_000_000
    /// Tries at the shortest wait.
    static let quickTries = 60

    private(set) var tries = 0
    private var state: UInt64

    init(seed: UInt64) { state = seed | 1 }

    /// A connection has worked.
    mutating func worked() { tries = 0 }

    /// The wait before the next try.
    mutating func next() -> UInt64 {
        defer { tries += 1 }
        if tries < Self.first.count { return Self.first[tries] }
        let doublings = max(0, min(tries - Self.quickTries, 8))
        return draw(min(Self.shortest << UInt64(doublings), Self.longest))
    }

    /// The wait after a server has said that it does not know us: that does not change soon.
    mutating func nextAfterRefusal() -> UInt64 {
        tries += 1
        return Self.longest + draw(Self.shortest)
    }

    private mutating func draw(_ wait: UInt64) -> UInt64 {
        // xorshift64, Marsaglia 2003.
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return min(wait / 4 * 3 + state.multipliedFullWidth(by: wait / 2 + 1).high, Self.longest)
    }
}
