// Whether a connection's peer is there: one that sends nothing is pinged, one that does not answer is gone.
// Must not know frames or sockets; it is told of bytes and answers with verdicts.

import Host

/// How long one open connection has received nothing.
struct Liveness {
    /// What is to be done about that.
    enum Verdict: Equatable {
        /// Nothing before this.
        case wait(until: Instant)
        /// Send a ping, and look again at this.
        case ping(until: Instant)
        /// No answer came to a ping.
        case gone
    }

    /// When bytes came last, or a ping left.
    private(set) var since: Instant
    private var isPinged = false

    init(at now: Instant) { since = now }

    /// Bytes came.
    @inline(__always)
    mutating func received(at now: Instant) {
        since = now
        isPinged = false
    }

    mutating func check(at now: Instant, interval: Interval) -> Verdict {
        guard since + interval <= now else { return .wait(until: since + interval) }
        guard !isPinged else { return .gone }
        isPinged = true
        since = now
        return .ping(until: now + interval)
    }
}
