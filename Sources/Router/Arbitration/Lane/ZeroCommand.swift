// Zeros: a session's zero ends what that session wants, and nothing of others (`arbitration.md` §6, §8).
// Must not refuse anything: a zero is never blocked.

import Buttplug
import Host

extension Lane {
    /// Ends the session's contribution of that type, and its lease.
    mutating func zero(
        _ type: OutputType, _ reply: ReplyTo, by driver: inout DrivingSession, at now: Instant, _ agenda: inout Agenda,
        into effects: inout ArbiterEffects
    ) -> Verdict {
        if type == .spray { return takeBackSpray(of: reply.session, into: &effects) }
        let index = contributions.index(of: reply.session, hint: &driver.hints[traits.index.index & 15])
        let serial = agenda.nextNumber()
        guard index >= 0, contributions[index].type == type else {
            // A zero at rest is written again when the last write is older than `refresh`, but not into another session's move.
            guard wanted.isRest, traits.held.contains(type), isRefreshDue(agenda.settings.refresh, at: now), !owesAnything,
                !leases.isMoving(notBy: reply.session, at: now)
            else { return .relinquished }
            zeros.force(type)
            flights.endCorrections()
            queue.keepReply(to: reply, serial: serial)
            listAsDue(&agenda)
            return .waits
        }
        contributions.end(at: index)
        let before = wanted
        leases.endHolding(of: reply.session)
        refold(at: now, &agenda, into: &effects)
        guard wanted != before, owesHeld else { return .relinquished }
        queue.keepReply(to: reply, serial: serial)
        return .waits
    }

    /// A zero of spray takes the session's own spray back, if that still waits, and ends its claim.
    private mutating func takeBackSpray(of session: UInt32, into effects: inout ArbiterEffects) -> Verdict {
        if leases.areForSprays { _ = leases.endMoving(of: session) }
        if let command = queue.waitingCommand, command.type == .spray, command.session == session { takeBackCommand(into: &effects) }
        return .relinquished
    }

    /// Ends everything that one session has on the lane: contribution, lease, and what waits. Then the lane folds, and others' values are back.
    mutating func release(
        _ session: UInt32, _ cause: Cause = .command, at now: Instant, _ agenda: inout Agenda, into effects: inout ArbiterEffects
    ) {
        var hasChanged = leases.endMoving(of: session)
        if let command = queue.waitingCommand, command.session == session {
            takeBackCommand(into: &effects)
            hasChanged = true
        }
        if contributions.end(of: session) { hasChanged = true }
        if hasChanged { refold(cause, at: now, &agenda, into: &effects) }
    }

    /// Ends everyone's contributions, leases and waiting writes.
    mutating func empty(at now: Instant, _ agenda: inout Agenda, into effects: inout ArbiterEffects) {
        leases.endMoving()
        takeBackCommand(into: &effects)
        queue.answerWaiting(into: &effects)
        endContributions(at: now, &agenda, into: &effects)
    }

    /// Owes the device a zero that is never a duplicate.
    mutating func forceZero(_ agenda: inout Agenda) {
        guard !traits.zeroable.isEmpty else { return }
        zeros.force(traits.zeroable)
        flights.endCorrections()
        retry.clear()
        listAsDue(&agenda)
    }
}
