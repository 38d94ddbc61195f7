// Until when a session must have introduced itself, or must have been let in, when it must have sent its next `Ping`, and when its token ends.
// Must not end a session; it returns those whose time is over.

import Host

/// The deadlines of all sessions. Each is never later than the earliest it represents, and is computed exactly when it has come.
struct SessionDeadlines {
    private(set) var handshake = Instant.never
    private(set) var ping = Instant.never
    private(set) var token = Instant.never

    var next: Instant { min(handshake, min(ping, token)) }

    /// A connection opened: its handshake is due.
    mutating func opened(at now: Instant, _ limits: borrowing Limits) { handshake = min(handshake, now + limits.handshakeTimeout) }

    /// The token of a session ends then.
    mutating func tokenEnds(at instant: Instant) { token = min(token, instant) }

    /// A session waits for consent.
    mutating func asked(at now: Instant, _ limits: borrowing Limits) { handshake = min(handshake, now + limits.consentTimeout) }

    /// A session must ping in time.
    mutating func pings(by instant: Instant) { ping = min(ping, instant) }

    /// The limits have changed: every handshake is looked at again.
    mutating func limitsChanged(at now: Instant) { handshake = now }

    /// Sessions whose time is over, each with the reason, and once.
    mutating func overdue(_ sessions: borrowing SessionTable, _ limits: borrowing Limits, at now: Instant) -> [(slot: Int, CloseReason)] {
        let expired = now >= token ? expiredTokens(sessions, at: now) : []
        let mute = now >= handshake ? overdueHandshakes(sessions, limits, at: now) : []
        let silent = now >= ping ? missingPings(sessions, at: now) : []
        return expired.map { ($0, .tokenExpired) } + mute.filter { !expired.contains($0) }.map { ($0, .handshakeTimeout) }
            + silent.filter { !expired.contains($0) }.map { ($0, .pingMissed) }
    }

    /// Sessions whose token has ended.
    private mutating func expiredTokens(_ sessions: borrowing SessionTable, at now: Instant) -> [Int] {
        var expired: [Int] = []
        token = .never
        for slot in sessions.rows.indices where [.ready, .greeting, .asking].contains(sessions.rows[slot].state) {
            let due = sessions.details[slot]!.peer.tokenExpires
            if due <= now { expired.append(slot) } else { token = min(token, due) }
        }
        return expired
    }

    /// Sessions whose handshake, or whose consent, has not come in time.
    private mutating func overdueHandshakes(_ sessions: borrowing SessionTable, _ limits: borrowing Limits, at now: Instant) -> [Int] {
        var overdue: [Int] = []
        handshake = .never
        for slot in sessions.rows.indices {
            let patience: Interval
            switch sessions.rows[slot].state {
            case .greeting: patience = limits.handshakeTimeout
            case .asking: patience = limits.consentTimeout
            case .free, .ready, .guest, .ended: continue
            }
            let due = sessions.rows[slot].receivedAt + patience
            if due <= now { overdue.append(slot) } else { handshake = min(handshake, due) }
        }
        return overdue
    }

    /// Sessions whose `Ping` is missing.
    private mutating func missingPings(_ sessions: borrowing SessionTable, at now: Instant) -> [Int] {
        var missing: [Int] = []
        ping = .never
        for slot in sessions.rows.indices where sessions.rows[slot].state == .ready && sessions.rows[slot].patience > .zero {
            let due = sessions.rows[slot].receivedAt + sessions.rows[slot].patience
            if due <= now { missing.append(slot) } else { ping = min(ping, due) }
        }
        return missing
    }
}
