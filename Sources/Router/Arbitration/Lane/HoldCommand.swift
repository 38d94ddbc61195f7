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
    /// Carries out a non-zero command of a held type: the usual one at once, any other by a fold.
    /// - Parameter scaled: The value after the session's gain and cap; not 0.
    @inline(__always)
    mutating func hold(
        _ order: Order, _ scaled: Int32, by driver: inout DrivingSession, at now: Instant, _ agenda: inout Agenda,
        into effects: inout ArbiterEffects
    ) -> Verdict {
        if isUsual(order.type) {
            let index = contributions.index(of: order.session, hint: &driver.hints[traits.index.index & 15])
            if index >= 0, contributions.winnerStays(index, order.type, scaled) {
                return holdQuickly(order, scaled, at: index, now, &agenda, into: &effects)
            }
        }
        return holdByFold(order, scaled, by: &driver, at: now, &agenda, into: &effects)
    }

    /// Any held command: leases, contribution, fold.
    @inline(never)
    private mutating func holdByFold(
        _ order: Order, _ scaled: Int32, by driver: inout DrivingSession, at now: Instant, _ agenda: inout Agenda,
        into effects: inout ArbiterEffects
    ) -> Verdict {
        if leases.areForMoves {
            guard leases.endMoves(for: order.session, driver.rights.priority, at: now) else { return traits.conflict(on: order.type) }
            // A waiting move is taken back; a waiting spray stays, because it keeps nobody off.
            if let command = queue.waitingCommand, command.type.isMove { takeBackCommand(into: &effects) }
        }
        if traits.mixes[Int(order.type.rawValue)] == .exclusive {
            switch leases.passage(of: order.session, driver.rights.priority, isTold: traits.tellsConflict(of: order.type), at: now) {
            case .free: break
            case .keptOff: return .deniedLeased
            case .takesOver(let owner):
                contributions.end(of: owner)
                leases.endHolding()
            }
        }
        var held = HeldCommand(
            index: contributions.index(of: order.session, hint: &driver.hints[traits.index.index & 15]), scaled: scaled,
            serial: agenda.nextNumber())
        if held.index >= 0 {
            held.hasChanged = contributions.differs(held.index, from: order)
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
            // The command asks for the write: it is no correction.
            flights.endCorrections()
            listAsDue(&agenda)
            queue.keepReply(to: order.sender, serial: held.serial)
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

    /// Whether a command of this type may need no fold: a plain maximum of the present type, not frozen and not kept off by moves.
    @inline(__always)
    private func isUsual(_ type: OutputType) -> Bool {
        traits.plain.contains(type) && wanted.type == type && !freeze.isActive && !leases.areForMoves
    }

    /// The winner stays, so the result is known without a fold.
    @inline(__always)
    private mutating func holdQuickly(
        _ order: Order, _ scaled: Int32, at index: Int, _ now: Instant, _ agenda: inout Agenda, into effects: inout ArbiterEffects
    ) -> Verdict {
        let held = HeldCommand(
            index: index, scaled: scaled, serial: agenda.nextNumber(), hasChanged: contributions.differs(index, from: order))
        contributions.renew(held, order.type, order.value)
        guard contributions.winner == held.index else { return held.hasChanged ? .merged : .duplicate }
        let before = wanted
        let next = min(held.scaled, traits.ceilings[Int(before.type.rawValue)])
        if next != before.value {
            oweWanted(&agenda, into: &effects)
            wanted.value = next
            level.jump(to: wanted)
        }
        return verdict(on: held, order, from: before, at: now, &agenda)
    }
}
