// A held value: the session's contribution changes, and the lane folds (`arbitration.md` §3, §4, §5, §8).
// Must not ask whether the session may drive; the gate has been passed.

import Buttplug
import Host

/// An accepted held command: which contribution it is, and what it changes.
struct HeldCommand {
    /// Index of the contribution, or -1.
    var index: Int
    /// The value after the session's gain and cap.
    var scaled: Int32
    /// The command's running number.
    var serial: UInt64
    /// Whether type or value differ from the session's last command.
    var hasChanged = true
}

extension Lane {
    /// Carries out a non-zero command of a held type.
    /// - Parameter scaled: The value after the session's gain and cap; not 0.
    @inline(__always)
    mutating func hold(
        _ order: Order, _ scaled: Int32, by driver: inout DrivingSession, at now: Instant, _ agenda: inout Agenda,
        into effects: inout ArbiterEffects
    ) -> Verdict {
        if leases.moveLease != nil, !leases.isOfSprays, !passesMoveLease(order, driver.rights.priority, at: now, into: &effects) {
            return traits.conflict(on: order.type)
        }
        if traits.mixes[Int(order.type.rawValue)] == .exclusive, !passesHeldLease(order, driver.rights.priority, at: now) {
            return .deniedLeased
        }
        var held = HeldCommand(
            index: contributions.index(of: order.session, hint: &driver.hints[traits.index.index & 15]), scaled: scaled,
            serial: agenda.nextNumber())
        if held.index >= 0 {
            let own = contributions[held.index]
            held.hasChanged = own.type != order.type || own.value != order.value
            if isQuick(held, order.type) { return holdQuickly(held, order, at: now, &agenda, into: &effects) }
            contributions.renew(held, order.type, order.value)
        } else {
            contributions.add(
                Contribution(
                    session: order.session, seniority: driver.seniority, type: order.type, priority: driver.rights.priority,
                    value: order.value, scaled: scaled, changeSerial: held.serial, serial: held.serial))
        }
        let before = wanted
        refold(at: now, &agenda, into: &effects)
        if leases.renewHolding(by: order.session, until: now + agenda.settings.leaseHold, serial: held.serial) { watchLease(&agenda) }
        return verdict(on: held, order, from: before, at: now, &agenda)
    }

    /// What the sender of an accepted held command is told. With `waits` its reply is kept for the next write.
    private mutating func verdict(
        on held: HeldCommand, _ order: Order, from before: Wanted, at now: Instant, _ agenda: inout Agenda
    ) -> Verdict {
        if wanted != before {
            guard owesWanted else { return .duplicate }
            queue.keepReply(to: order.sender, serial: held.serial)
            return .waits
        }
        let isWinner = contributions.isWinner(order.session)
        if isWinner, isRefreshDue(agenda.settings.refresh, at: now) {
            queue.isRefreshOwed = true
            flights.endCorrections()
            queue.keepReply(to: order.sender, serial: held.serial)
            listAsDue(&agenda)
            return .waits
        }
        if isWinner || !held.hasChanged { return .duplicate }
        return order.type == wanted.type ? .merged : .shadowed
    }

    /// Whether the last write is so old that the same value is written again.
    @inline(__always)
    func isRefreshDue(_ refresh: Interval, at now: Instant) -> Bool {
        !flights.isAny && queue.waitingReply == nil && written.isOlder(than: refresh, at: now)
    }

    // MARK: The usual command, without a fold

    /// Whether the result is known without a fold: a plain maximum of one type, not frozen, whose winner stays.
    @inline(__always)
    private func isQuick(_ held: HeldCommand, _ type: OutputType) -> Bool {
        traits.plain.contains(type) && wanted.type == type && !freeze.isActive && contributions.winnerStays(after: held, type)
    }

    @inline(__always)
    private mutating func holdQuickly(
        _ held: HeldCommand, _ order: Order, at now: Instant, _ agenda: inout Agenda, into effects: inout ArbiterEffects
    ) -> Verdict {
        contributions.renew(held, order.type, order.value)
        guard contributions.winner == held.index else { return held.hasChanged ? .merged : .duplicate }
        let before = wanted
        let next = min(held.scaled, traits.ceilings[Int(before.type.rawValue)])
        if next != before.value {
            if queue.waitingReply != nil { queue.answerWaiting(into: &effects) }
            wanted.value = next
            level.jump(to: wanted)
            queue.isRefreshOwed = false
            flights.endCorrections()
            retry.clear()
            listAsDue(&agenda)
        }
        return verdict(on: held, order, from: before, at: now, &agenda)
    }

    // MARK: Leases

    /// Whether the command passes the lease of moves. If it does, that lease ends, and with it the move that waits.
    private mutating func passesMoveLease(_ order: Order, _ priority: UInt8, at now: Instant, into effects: inout ArbiterEffects) -> Bool {
        if leases.keepsOffHeld(of: order.session, priority, at: now) { return false }
        leases.endMoving()
        // A spray that waits concerns its own session only.
        if let command = queue.waitingCommand, command.type.isMove { takeBackCommand(into: &effects) }
        return true
    }

    /// Whether the command passes the lease of its exclusive type. If that has run out, an equal ends it.
    @inline(__always)
    private mutating func passesHeldLease(_ order: Order, _ priority: UInt8, at now: Instant) -> Bool {
        guard let lease = leases.heldLease, lease.owner != order.session else { return true }
        // A sender that is not told of conflicts contributes, and the fold keeps the owner.
        if lease.until > now { return lease.priority < priority || !traits.tellsConflict(of: order.type) }
        guard lease.priority == priority else { return true }
        let index = contributions.index(of: lease.owner)
        if index >= 0 { contributions.end(at: index) }
        leases.endHolding()
        return true
    }
}
