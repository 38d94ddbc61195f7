// How many output commands a session may send: a token bucket of one second, and a second bucket for what went past it.
// Must not know commands or lanes; it is asked for a token and says what the asker gets instead.

import Host

/// The bucket of one session. Rates are per second.
///
/// What comes too early is thinned (`delayed`) while the client stays below twice its rate, refused above that, and ends the
/// session when it goes on for as long as makes ten seconds' worth of excess.
public struct RateLimiter: Hashable, Sendable {
    public enum Answer: Hashable, Sendable {
        /// A token was taken.
        case passes
        /// No token yet: keep the newest per lane until `nextToken`.
        case delayed
        /// Tell the client.
        case refused
        /// The client does not slow down.
        case exhausted
    }

    /// Tokens per second, at least 1.
    public let rate: UInt32
    /// Nanoseconds between tokens.
    private let gap: UInt64
    /// When the bucket is full again; at most one second ahead.
    private var fullAt: UInt64 = 0
    /// When the excess is forgotten.
    private var excessUntil: UInt64 = 0

    private static var second: UInt64 { 1_000_000_000 }

    public init(rate: UInt32) {
        self.rate = max(1, rate)
        gap = Self.second / UInt64(self.rate)
    }

    /// When `take` will find a token.
    public var nextToken: Instant {
        fullAt + gap <= Self.second ? .zero : Instant(nanoseconds: fullAt + gap - Self.second)
    }

    /// Takes a token if there is one.
    public mutating func take(at now: Instant) -> Bool {
        guard now >= nextToken else { return false }
        fullAt = max(fullAt, now.nanoseconds) + gap
        return true
    }

    /// What a new command gets. `isQueued` says that others of the session wait already, whose turn comes first.
    public mutating func admit(at now: Instant, isQueued: Bool) -> Answer {
        if !isQueued, take(at: now) { return .passes }
        excessUntil = max(excessUntil, now.nanoseconds) + gap
        let excess = excessUntil - now.nanoseconds
        if excess <= Self.second { return .delayed }
        return excess <= 10 * Self.second ? .refused : .exhausted
    }
}
