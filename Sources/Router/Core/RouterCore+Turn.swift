// The end of a turn: what is due is written, and pushes go out.
// Must not know backends or links; `RouterRunner` calls these in their order.

import Buttplug
import Host

extension RouterCore {
    /// Lets the arbiter write what is due. Called until it leaves neither writes nor requests.
    mutating func appendDue(at now: Instant, into out: inout Outbox) {
        outputs.arbiter.appendDueWrites(at: now, into: &outputs.effects)
        tables.counters.totals.writes &+= UInt64(outputs.effects.writes.count)
        outputs.tellEffects(&tables, into: &out)
    }

    /// What sessions are still owed.
    mutating func tellPushes(into out: inout Outbox) { pushes.tell(&tables, into: &out) }

    /// The turn's messages have left. Returns whether it released the memory of many ended sessions.
    mutating func endTurn() -> Bool {
        turn &+= 1
        tables.sessions.turnEnded()
        guard tables.sessions.giveBack() else { return false }
        outputs.arbiter.forgetSessions()
        return true
    }
}
