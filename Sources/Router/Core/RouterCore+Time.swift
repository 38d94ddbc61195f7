// What time does: missing handshakes, consents and pings, tokens, devices that do not answer, and everything that the arbiter waits for.
// Must not read a clock. A turn reads what has arrived before it checks deadlines, so nothing here runs before the turn's end.

import Buttplug
import Host

extension RouterCore {
    /// Everything that has become due. Called once at the end of a turn, before `appendDue`.
    mutating func checkDeadlines(at now: Instant, into out: inout Outbox) {
        if now >= deadlines.next { endOverdue(at: now, into: &out) }
        if now >= outputs.rates.deadline { outputs.spendRateTokens(&tables, at: now, into: &out) }
        if pushes.hasListAskers { pushes.answerListAskers(&tables, turn: turn, into: &out) }
        if now >= limitWatch.deadline { out.events += limitWatch.takeUntold().map { .limitFitsNothing($0) } }
        if now >= votes.rescanAt { scanWhereIdle(into: &out) }
        if now >= sensors.deadline { sensors.giveUpRequests(&tables, at: now, into: &out) }
        if now >= outputs.arbiter.deadline {
            outputs.arbiter.deadlinePassed(at: now, into: &outputs.effects)
            outputs.tellReplies(tables.sessions, into: &out)
        }
    }

    /// Ends the sessions whose time is over: everything of theirs is given up before they are told.
    private mutating func endOverdue(at now: Instant, into out: inout Outbox) {
        for (slot, reason) in deadlines.overdue(tables.sessions, tables.settings.limits, at: now) {
            if reason == .handshakeTimeout { carryOut(consents.overdue(slot), at: now, into: &out); continue }
            if reason == .pingMissed { out.error(slot, 0, .pingedOut) }
            end(slot, reason, at: now, into: &out)
        }
    }
}
