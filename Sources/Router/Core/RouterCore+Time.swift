// What time does: missing handshakes and pings, tokens, devices that do not answer, and whatever the arbiter waits for.
// Must not read a clock. A turn reads what has arrived before it judges, so nothing here runs before the turn's end.

import Buttplug
import Host

extension RouterCore {
    /// Everything that has become due. Called once at the end of a turn, before `settle`.
    mutating func judge(at now: Instant, into out: inout Outbox) {
        if now >= greetingDeadline { endGreetings(at: now, into: &out) }
        if now >= pingDeadline { endSilent(at: now, into: &out) }
        if now >= tokenDeadline { spendTokens(at: now, into: &out) }
        if !listAskers.isEmpty { answerListAskers(into: &out) }
        if now >= limitWatch.deadline { out.news += limitWatch.takeUntold().map { .limitFitsNothing($0) } }
        if now >= votes.rescanAt { scanWhereIdle(into: &out) }
        if now >= requests.deadline { giveUpRequests(at: now, into: &out) }
        if now >= arbiter.deadline {
            arbiter.deadlinePassed(at: now, into: &effects)
            drainReplies(into: &out)
        }
    }

    /// Lets the arbiter write what is due. Called until it leaves neither writes nor requests.
    mutating func settle(at now: Instant, into out: inout Outbox) {
        arbiter.turnEnded(at: now, into: &effects)
        counters.totals.writes &+= UInt64(effects.writes.count)
        drainReplies(into: &out)
        drainEvents(at: now, into: &out)
    }

    /// A backend's answer to a write.
    mutating func answered(ticket: UInt32, ok: Bool, at now: Instant, into out: inout Outbox) {
        arbiter.answered(ticket: ticket, ok: ok, at: now, into: &effects)
        drainReplies(into: &out)
    }

    /// The turn's messages have left.
    /// True when a crowd has left and the memory of its sessions was given back.
    mutating func turnEnded() -> Bool {
        turn &+= 1
        sessions.turnEnded()
        guard sessions.giveBack() else { return false }
        arbiter.forgetSessions()
        return true
    }

    private mutating func endGreetings(at now: Instant, into out: inout Outbox) {
        let patience = settings.limits.handshakeTimeout
        greetingDeadline = .never
        for slot in sessions.rows.indices where sessions.rows[slot].state == .greeting {
            let due = sessions.rows[slot].heardAt + patience
            if due <= now {
                end(slot, .handshakeTimeout, at: now, into: &out)
            } else {
                greetingDeadline = min(greetingDeadline, due)
            }
        }
    }

    /// Ends the sessions whose `Ping` is missing: everything of theirs is given up before they are told.
    private mutating func endSilent(at now: Instant, into out: inout Outbox) {
        pingDeadline = .never
        for slot in sessions.rows.indices where sessions.rows[slot].state == .ready && sessions.rows[slot].patience > .zero {
            let due = sessions.rows[slot].heardAt + sessions.rows[slot].patience
            if due <= now {
                error(slot, 0, .pingedOut, into: &out)
                end(slot, .pingMissed, at: now, into: &out)
            } else {
                pingDeadline = min(pingDeadline, due)
            }
        }
    }
}
