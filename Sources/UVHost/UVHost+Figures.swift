// What a host counts and measures for an operator: connections, turns, what waits to be sent.
// Must not cost a turn anything before somebody has asked.

import Host
import UV

extension UVHost {
    /// What the host counted since it was made.
    public struct Counters: Hashable, Sendable {
        /// Connections accepted.
        public var accepted = 0
        /// Connections that became a session.
        public var opened = 0
        /// Connections turned away with an HTTP answer, pages not counted.
        public var refused = 0
        /// Of those, the ones that showed no token that counts, and the ones that were refused after too many such.
        public var unauthorized = 0
        public var paused = 0
        /// Connections that were closed before their head was let in, because there were more than `Limits.strangers`.
        public var displaced = 0
        /// Connections whose TLS handshake failed.
        public var tlsFailed = 0
        /// Connections that sent no HTTP head in time.
        public var headTimeouts = 0
        /// Binary messages, which are ignored.
        public var binaryIgnored = 0

        public init() {}
    }

    /// What was measured of turns. Measuring begins with the first look at this.
    public var turns: TurnMeter {
        if let meter { return meter }
        loop.measureIdleTime()
        let fresh = TurnMeter()
        meter = fresh
        return fresh
    }

    func measureTurn() { meter?.turnEnded(at: MonotonicClock.nanoseconds, idle: loop.idleNanoseconds) }

    /// For each open session of an owner, how many bytes wait until the peer takes them.
    public func queuedBytes(of owner: any LinkOwner) -> [Int] {
        links.compactMap { link in
            guard let link, link.isKnown, link.client == nil, link.owner === owner else { return nil }
            return link.transport.queuedBytes
        }
    }
}
