// Who is let in: at once, after the operator's answer, or not (`[[rule]] admit`).
// Must not know how the operator is asked, nor decide anything: `ConsentQueue` does. A snapshot shows who waits.

import Buttplug
import Host

extension RouterCore {
    /// Lets a client in, refuses it, or has it wait.
    mutating func carryOut(_ step: ConsentQueue.Step, at now: Instant, into out: inout Outbox) {
        switch step.decision {
        case .admit: welcome(step.handshake, step.slot, at: now, into: &out)
        case .ask: deadlines.asked(at: now, tables.settings.limits)
        case .refuse(let reason):
            tables.counters.totals.handshakesRefused &+= 1
            out.error(step.slot, step.handshake, .handshake, ErrorText.refusal(reason))
            end(step.slot, reason, at: now, into: &out)
        case .end(let reason): end(step.slot, reason, at: now, into: &out)
        }
    }

    /// The operator's answer. False when the session does not wait.
    mutating func answerConsent(_ id: LinkID, _ answer: ConsentAnswer, at now: Instant, into out: inout Outbox) -> Bool {
        guard let step = consents.answered(id, answer, &tables, into: &out) else { return false }
        carryOut(step, at: now, into: &out)
        return true
    }
}
