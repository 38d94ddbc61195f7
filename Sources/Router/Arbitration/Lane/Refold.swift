// How a lane comes to its wanted value after something about it has changed: fold, freeze, lease, level (`arbitration.md` §3).
// Must not write to devices; it only marks lanes that owe something.

import Buttplug
import Host

/// Why a lane folds again.
enum Cause {
    /// A command, a stop, a session's end, a failed write, or time.
    case command
    /// The operator changed rules, settings or masks: nothing rises by that (`arbitration.md` §6).
    case operatorChange
}

extension Lane {
    /// Folds the lane again.
    mutating func refold(_ cause: Cause = .command, at now: Instant, _ agenda: inout Agenda, into effects: inout ArbiterEffects) {
        let before = wanted
        var next = fold()
        if freeze.isActive { next = limitedByFreeze(next) }
        if cause == .operatorChange, !before.isRest, before.rises(to: next) {
            freeze.begin(at: before, agenda.nextNumber())
            next = limitedByFreeze(next)
        }
        wanted = next
        if cause == .operatorChange { leases.operatorChanged(at: now) }
        holdLease(at: now, &agenda)
        guard next != before else { return }
        oweWanted(&agenda, into: &effects)
        if next.isRest { freeze.end() }
        followWanted(at: now, &agenda)
    }

    /// Owes the device another value than before. What waited for the former one ends: its refresh, its corrections, its reply, its next try.
    @inline(__always)
    mutating func oweWanted(_ agenda: inout Agenda, into effects: inout ArbiterEffects) {
        queue.isRefreshOwed = false
        flights.endCorrections()
        queue.answerWaiting(into: &effects)
        retry.clear()
        listAsDue(&agenda)
    }

    /// Mixes the contributions to one value, and notes who wins.
    @inline(__always)
    private mutating func fold() -> Wanted {
        let context = FoldContext(before: wanted, incumbent: leases.heldLease?.owner ?? contributions.winningSession)
        let ceiling = traits.ceilings[Int(wanted.type.rawValue)]
        if traits.plain.contains(wanted.type), let value = contributions.foldPlainly(context, ceiling: ceiling) { return value }
        let choice = Fold.choice(of: contributions.all, context)
        return contributions.fold(choice, traits.mixRule(of: choice.type), context)
    }

    private mutating func limitedByFreeze(_ raw: Wanted) -> Wanted {
        if let limited = freeze.limited(raw, contributions, traits) { return limited }
        freeze.endOld(&contributions)
        return fold()
    }

    /// All contributions end, and the lane folds to rest.
    mutating func endContributions(at now: Instant, _ agenda: inout Agenda, into effects: inout ArbiterEffects) {
        leases.endHolding()
        guard !contributions.isEmpty else { return }
        contributions.endAll()
        refold(at: now, &agenda, into: &effects)
    }

    // MARK: The lease of an exclusive held type

    /// Keeps the lease with the session that the fold chose.
    private mutating func holdLease(at now: Instant, _ agenda: inout Agenda) {
        let winner = contributions.winner
        guard winner >= 0, traits.mixes[Int(contributions[winner].type.rawValue)] == .exclusive else {
            leases.endHolding()
            return
        }
        leases.hold(contributions[winner], until: now + agenda.settings.leaseHold)
        watchLease(&agenda)
    }

    /// While another session of equal priority waits, the lane is looked at when the lease ends.
    @inline(__always)
    mutating func watchLease(_ agenda: inout Agenda) {
        guard contributions.count > 1, let lease = leases.heldLease, !leases.staysPastItsEnd else { return }
        wake(at: lease.until, &agenda)
    }

    /// If the lease has run out, a waiting peer takes over for good, and the former owner's contribution ends. Nobody waits: it stays.
    mutating func endLease(at now: Instant, _ agenda: inout Agenda, into effects: inout ArbiterEffects) {
        guard let lease = leases.heldLease else { return }
        if lease.until > now { return watchLease(&agenda) }
        guard !leases.staysPastItsEnd else { return }
        let index = contributions.index(of: lease.owner)
        guard index >= 0, contributions.hasPeer(of: index) else { return }
        contributions.end(at: index)
        leases.endHolding()
        refold(at: now, &agenda, into: &effects)
    }

    // MARK: Slew

    /// Sets the value to write now, after the wanted one has changed.
    @inline(__always)
    private mutating func followWanted(at now: Instant, _ agenda: inout Agenda) {
        let slew = traits.slew(of: wanted.type)
        let (begins, reached) = level.follow(wanted, isSlewed: slew != nil)
        if begins, let slew { rise(from: reached, slew, at: now, &agenda) }
    }

    private mutating func rise(from reached: Int32, _ slew: Slew, at now: Instant, _ agenda: inout Agenda) {
        level.rise(from: reached, to: wanted, slew, at: now)
        // In one turn the value went to zero and back: the rise begins again with a first step that the device still has. No write would come,
        // so the one from before counts as that step.
        if !owesWanted, let at = written.at { levelWritten(at: at, &agenda) }
    }

    /// The operator changed the settings under a rise: it goes no higher until a command says so. Under a new `slew` a value that has not been
    /// written yet is reached by steps.
    mutating func freezeRise(at now: Instant, _ agenda: inout Agenda) {
        guard level.isRising else {
            guard owesWanted, let slew = traits.slew(of: wanted.type) else { return }
            let reached = written.reached(towards: wanted)
            if wanted.magnitude > reached { rise(from: reached, slew, at: now, &agenda) }
            return
        }
        level.stay()
        freeze.begin(at: level.present, agenda.nextNumber())
        wanted = level.present
        listAsDue(&agenda)
    }

    /// Takes a rise as far as time allows.
    mutating func advanceRise(at now: Instant, _ agenda: inout Agenda) {
        guard let slew = traits.slew(of: wanted.type) else { return }
        wake(at: level.advance(to: wanted, slew, every: agenda.settings.slewStep, at: now), &agenda)
    }

    /// The level was written.
    mutating func levelWritten(at now: Instant, _ agenda: inout Agenda) {
        wake(at: level.written(wanted, every: agenda.settings.slewStep, at: now), &agenda)
    }
}
