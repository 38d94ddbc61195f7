// Until when a session must have introduced itself, and until when it must have sent its next `Ping`.
// Must not end anybody; it says whose time is over.

import Host

/// The deadlines of all sessions. Each is never later than the earliest it stands for, and is found out exactly when it has come.
struct SessionDeadlines {
    private(set) var handshake = Instant.never
    private(set) var ping = Instant.never

    var next: Instant { min(handshake, ping) }

    /// A connection opened: its handshake is due.
    mutating func opened(at now: Instant, _ limits: borrowing Limits) { handshake = min(handshake, now + limits.handshakeTimeout) }

    /// A session must ping in time.
    mutating func pings(by instant: Instant) { ping = min(ping, instant) }

    /// The limits have changed: every handshake is looked at again.
    mutating func limitsChanged(at now: Instant) { handshake = now }

    /// Sessions whose handshake has not come in time.
    mutating func overdueHandshakes(_ sessions: borrowing SessionTable, _ limits: borrowing Limits, at now: Instant) -> [Int] {
        var overdue: [Int] = []
        handshake = .never
        for slot in sessions.rows.indices where sessions.rows[slot].state == .greeting {
            let due = sessions.rows[slot].heardAt + limits.handshakeTimeout
            if due <= now { overdue.append(slot) } else { handshake = min(handshake, due) }
        }
        return overdue
    }

    /// Sessions whose `Ping` is missing.
    mutating func missingPings(_ sessions: borrowing SessionTable, at now: Instant) -> [Int] {
        var missing: [Int] = []
        ping = .never
        for slot in sessions.rows.indices where sessions.rows[slot].state == .ready && sessions.rows[slot].patience > .zero {
            let due = sessions.rows[slot].heardAt + sessions.rows[slot].patience
            if due <= now { missing.append(slot) } else { ping = min(ping, due) }
        }
        return missing
    }
}
