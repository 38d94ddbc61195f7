// Whether a connection's peer reads: what waits for it, and when that is too much or has waited too long.
// Must not know sockets; it is told figures and answers with verdicts.

import Host

/// The backlog of one connection, as its limits see it.
struct Backpressure {
    /// What a write, or a look at the clock, says of the peer.
    enum Verdict {
        /// Nothing new.
        case fine
        /// Bytes wait from now on: the owner is to be told.
        case begins
        /// Too much waits, or has not moved for too long: the peer is to be cut off.
        case tooSlow
    }

    /// Bytes wait for the peer.
    private(set) var isCongested = false
    /// The owner is still to be told so.
    private(set) var isUntold = false
    /// How many bytes may wait until the peer counts as slow.
    private var queueLimit = 0
    /// The turn in which they began to wait.
    private var beganTurn: UInt32 = 0
    /// Bytes of the backlog that had been sent at `movedAt`.
    private var sent = 0
    private var movedAt = Instant.zero

    /// After a write that left `queued` bytes waiting, of a backlog of which `sent` bytes have been sent.
    mutating func wrote(queued: Int, sent: Int, turn: UInt32, at now: Instant, _ limits: Limits) -> Verdict {
        // One turn's output, a long device list say, may be more than the limit without the peer being slow.
        if isCongested, turn != beganTurn { return queued > queueLimit ? .tooSlow : .fine }
        queueLimit = queued + limits.queuedBytes
        if isCongested { return .fine }
        isCongested = true
        isUntold = true
        beganTurn = turn
        self.sent = sent
        movedAt = now
        return .begins
    }

    /// Looks at the clock. A backlog that does not move for `Limits.stallTimeout` is one that nobody reads.
    mutating func check(sent: Int, at now: Instant, _ limits: Limits) -> Verdict {
        guard isCongested else { return .fine }
        if sent != self.sent {
            self.sent = sent
            movedAt = now
            return .fine
        }
        return movedAt + limits.stallTimeout <= now ? .tooSlow : .fine
    }

    /// When to look at the clock again; `.never` while nothing waits.
    func deadline(at now: Instant, _ limits: Limits) -> Instant {
        isCongested ? now + Interval(nanoseconds: max(1, limits.stallTimeout.nanoseconds / 4)) : .never
    }

    /// Everything has left. Returns whether the owner was told that bytes waited, and so is to be told of this.
    mutating func drained() -> Bool {
        let wasTold = isCongested && !isUntold
        isCongested = false
        isUntold = false
        return wasTold
    }

    /// The owner is told now, or will never be.
    mutating func markTold() { isUntold = false }
}
