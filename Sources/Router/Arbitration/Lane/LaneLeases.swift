// Who has claimed a lane: the lease of moves or exclusive sprays, and that of an exclusive held type (`arbitration.md` §5).
// Must not end contributions or writes; it says who is kept off.

import Buttplug
import Host

/// A claim on a lane.
struct Lease {
    var owner: UInt32
    var priority: UInt8
    var until: Instant
    /// The running number of the command that made or renewed it.
    var serial: UInt64
}

/// The claims on one lane.
struct LaneLeases {
    /// The claim of moves, or of exclusive sprays (`areForSprays`).
    private(set) var moveLease: Lease?
    /// Whether a spray made that claim: then it keeps off moves and sprays, and held types ignore it.
    private(set) var areForSprays = false
    /// The claim of a held type whose mix is `exclusive`.
    private(set) var heldLease: Lease?
    /// That claim had run out when the operator changed something. From then on nobody takes over only because it has run out: what the operator
    /// does raises nothing.
    private(set) var staysPastItsEnd = false

    // MARK: Moves and sprays

    /// Another session's running claim that keeps a move or an exclusive spray off. Under `latest` an equal is not kept off.
    func keepsOffMove(of session: UInt32, _ priority: UInt8, mix: Mix, at now: Instant) -> Bool {
        guard let lease = moveLease, lease.owner != session, lease.until > now else { return false }
        return mix == .latest ? lease.priority > priority : lease.priority >= priority
    }

    /// Whether there is a claim of moves, which keeps held types off, too.
    @inline(__always)
    var areForMoves: Bool { moveLease != nil && !areForSprays }

    /// Ends the claim of moves for a held value; false when another session's claim keeps that off.
    mutating func endMoves(for session: UInt32, _ priority: UInt8, at now: Instant) -> Bool {
        if keepsOffMove(of: session, priority, mix: .exclusive, at: now) { return false }
        endMoving()
        return true
    }

    /// Whether another session's running claim of moves or sprays is there.
    func isMoving(notBy session: UInt32, at now: Instant) -> Bool {
        guard let lease = moveLease else { return false }
        return lease.owner != session && lease.until > now
    }

    /// Whether anybody's claim of moves or sprays is running.
    func isMoving(at now: Instant) -> Bool { (moveLease?.until ?? .zero) > now }

    mutating func claimMoves(_ owner: UInt32, _ priority: UInt8, until instant: Instant, serial: UInt64, isSpray: Bool) {
        moveLease = Lease(owner: owner, priority: priority, until: instant, serial: serial)
        areForSprays = isSpray
    }

    mutating func endMoving() { moveLease = nil }

    /// Ends the session's claim of moves or sprays; false when it has none.
    mutating func endMoving(of session: UInt32) -> Bool {
        guard moveLease?.owner == session else { return false }
        moveLease = nil
        return true
    }

    /// Ends the claim that one command made, unless its session has renewed it since.
    mutating func endMoving(of session: UInt32, serial: UInt64) {
        if let lease = moveLease, lease.owner == session, lease.serial == serial { moveLease = nil }
    }

    mutating func setPriority(_ priority: UInt8, of session: UInt32) {
        if moveLease?.owner == session { moveLease?.priority = priority }
    }

    // MARK: Exclusive held types

    /// What the claim of an exclusive held type means for a session's command.
    enum Passage {
        case free, keptOff
        /// The claim has run out, and an equal ends it; the owner's contribution ends, too.
        case takesOver(from: UInt32)
    }

    /// - Parameter isTold: Under `on_conflict = "error"` its sender is told that another session has the output. Otherwise nobody is kept off
    ///   here: the command becomes a contribution, and the fold leaves the output with its owner.
    @inline(__always)
    func passage(of session: UInt32, _ priority: UInt8, isTold: Bool, at now: Instant) -> Passage {
        guard let lease = heldLease, lease.owner != session else { return .free }
        if lease.until > now { return lease.priority < priority || !isTold ? .free : .keptOff }
        return lease.priority == priority ? .takesOver(from: lease.owner) : .free
    }

    /// Gives the held claim to the session that the fold chose; a new owner's claim is fresh.
    @inline(__always)
    mutating func hold(_ owner: Contribution, until: Instant) {
        if heldLease?.owner != owner.session {
            heldLease = Lease(owner: owner.session, priority: owner.priority, until: until, serial: owner.serial)
            staysPastItsEnd = false
        }
        heldLease?.priority = owner.priority
    }

    /// Renews the owner's claim with a command of its own; false when the session is not the owner.
    @inline(__always)
    mutating func renewHolding(by session: UInt32, until: Instant, serial: UInt64) -> Bool {
        guard heldLease?.owner == session else { return false }
        heldLease?.until = until
        heldLease?.serial = serial
        staysPastItsEnd = false
        return true
    }

    mutating func endHolding() { heldLease = nil }

    mutating func endHolding(of session: UInt32) {
        if heldLease?.owner == session { heldLease = nil }
    }

    /// The operator changed something.
    mutating func operatorChanged(at now: Instant) {
        if let lease = heldLease, lease.until <= now { staysPastItsEnd = true }
    }
}
