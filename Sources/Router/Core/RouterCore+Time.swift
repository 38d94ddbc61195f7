// What time does: missing handshakes and pings, tokens, devices that do not answer, and whatever the arbiter waits for.
// Must not read a clock. A turn reads what has arrived before it judges, so nothing here runs before the turn's end.

import Buttplug
import Host

extension RouterCore {
    /// Everything that has become due. Called once at the end of a turn, before `settle`.
    mutating func judge(at now: Instant, into out: inout Outbox) {
        if now >= deadlines.handshake { endWithoutHandshake(at: now, into: &out) }
        if now >= deadlines.ping { endSilent(at: now, into: &out) }
        if now >= outputs.rates.deadline { outputs.spendTokens(&tables, at: now, into: &out) }
        if pushes.hasListAskers { pushes.answerListAskers(&tables, turn: turn, into: &out) }
        if now >= limitWatch.deadline { out.events += limitWatch.takeUntold().map { .limitFitsNothing($0) } }
        if now >= votes.rescanAt { scanWhereIdle(into: &out) }
        if now >= sensors.deadline { sensors.giveUpRequests(&tables, at: now, into: &out) }
        if now >= outputs.arbiter.deadline {
            outputs.arbiter.deadlinePassed(at: now, into: &outputs.effects)
            outputs.tellReplies(tables.sessions, into: &out)
        }
    }

    /// Lets the arbiter write what is due. Called until it leaves neither writes nor requests.
    mutating func settle(at now: Instant, into out: inout Outbox) {
        outputs.arbiter.turnEnded(at: now, into: &outputs.effects)
        tables.counters.totals.writes &+= UInt64(outputs.effects.writes.count)
        outputs.tellAll(&tables, into: &out)
    }

    /// A backend's answer to a write.
    mutating func answered(ticket: UInt32, _ outcome: WriteOutcome, at now: Instant, into out: inout Outbox) {
        outputs.arbiter.answered(ticket: ticket, outcome, at: now, into: &outputs.effects)
        outputs.tellReplies(tables.sessions, into: &out)
    }

    /// The turn's messages have left.
    /// True when a crowd has left and the memory of its sessions was given back.
    mutating func turnEnded() -> Bool {
        turn &+= 1
        tables.sessions.turnEnded()
        guard tables.sessions.giveBack() else { return false }
        outputs.arbiter.forgetSessions()
        return true
    }

    private mutating func endWithoutHandshake(at now: Instant, into out: inout Outbox) {
        for slot in deadlines.overdueHandshakes(tables.sessions, tables.settings.limits, at: now) {
            end(slot, .handshakeTimeout, at: now, into: &out)
        }
    }

    /// Ends the sessions whose `Ping` is missing: everything of theirs is given up before they are told.
    private mutating func endSilent(at now: Instant, into out: inout Outbox) {
        for slot in deadlines.missingPings(tables.sessions, at: now) {
            out.error(slot, 0, .pingedOut)
            end(slot, .pingMissed, at: now, into: &out)
        }
    }
}
