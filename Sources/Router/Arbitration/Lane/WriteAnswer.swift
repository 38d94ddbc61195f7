// What becomes of a write: carried out, refused, not answered, or answered after all (`arbitration.md` §7).
// Must not write by itself: it marks the lane, and the turn's end catches up.

import Buttplug
import Host

// An answer that comes after its write was given up, three cases:
// 1. The write is a correction and agrees with what is wanted: nothing more is written, so a device that is always late is not written to
//    without end. A zero that was carried out proves rest.
// 2. It agrees and is no correction: what is wanted is written once more, as a correction.
// 3. It contradicts what is wanted: the same, and what was written before now does not count as a correction any more.
// In cases 2 and 3 a refusal counts like a success: nobody knows in which order the device took its writes.

extension Lane {
    @inline(__always)
    mutating func succeeded(_ flight: Flight, into effects: inout ArbiterEffects) {
        retry.succeeded()
        if flight.value == 0, flight.type.isHeld { zeros.zeroCarriedOut(flight.type) }
        if let reply = flight.reply { effects.replies.append(SettledReply(to: reply.to, outcome: .ok)) }
    }

    /// A refused or unanswered write leaves the device unknown. A sender that is told so has taken its command back.
    mutating func failed(
        _ flight: Flight, _ outcome: SettledReply.Outcome, at now: Instant, _ agenda: inout Agenda, into effects: inout ArbiterEffects
    ) {
        retry.failed()
        written.forget()
        let isZero = flight.value == 0 && !flight.type.isMove
        level.failed(flight.type, writing: flight.value)
        if isZero, zeros.isOwedStill(flight.type, isCorrection: flights.isCorrection(issuedAt: flight.issuedAt)) {
            zeros.zeroFailed(flight.type)
            if retry.reportsZero() { effects.events.append(.stopFailed(device: traits.device, feature: traits.feature)) }
        }
        if let reply = flight.reply {
            effects.replies.append(SettledReply(to: reply.to, outcome: outcome))
            takeBack(reply, at: now, &agenda, into: &effects)
        }
        if isZero, outcome == .timedOut || retry.isFailing, owedZeros.contains(flight.type) {
            refuseWaiting(outcome, at: now, &agenda, into: &effects)
        }
        guard owesAnything else { return }
        if stillOwes(flight) {
            retry.wait(agenda.settings, at: now)
            wake(at: retry.at, &agenda)
        } else {
            retry.clear()
        }
    }

    /// If a device rejects a zero, the commands queued after it fail too: nobody waits without end, and nothing of them comes later by
    /// surprise.
    private mutating func refuseWaiting(
        _ outcome: SettledReply.Outcome, at now: Instant, _ agenda: inout Agenda, into effects: inout ArbiterEffects
    ) {
        let replies = queue.takeReplies()
        endOwingIfSettled()
        for reply in replies {
            effects.replies.append(SettledReply(to: reply.to, outcome: outcome))
            takeBack(reply, at: now, &agenda, into: &effects)
        }
    }

    /// Whether a write that failed is among what the lane owes now: then it waits before it is tried again.
    private func stillOwes(_ flight: Flight) -> Bool {
        if flight.type.isMove { return false }
        if flight.value == 0 { return owedZeros.contains(flight.type) }
        return owesWanted && wanted.type == flight.type && level.value == flight.value
    }

    /// Ends what a refused command had begun, unless its session has commanded again since.
    private mutating func takeBack(
        _ reply: WaitingReply, at now: Instant, _ agenda: inout Agenda, into effects: inout ArbiterEffects
    ) {
        let session = reply.to.session
        leases.endMoving(of: session, serial: reply.serial)
        let index = contributions.index(of: session)
        guard index >= 0, contributions[index].serial == reply.serial else { return }
        contributions.end(at: index)
        leases.endHolding(of: session)
        refold(at: now, &agenda, into: &effects)
    }

    /// A write that was given up is answered after all: one of the three cases above.
    /// - Parameter mainIssued: When the write was issued that is in flight at the same time and is no zero; nil when there is none.
    mutating func answeredLate(_ flight: Flight, ok: Bool, mainIssuedAt mainIssued: Instant?, at now: Instant, _ agenda: inout Agenda) {
        guard isPresent else { return }
        let isAgreed = wanted.agrees(with: flight, level: level.value)
        if isAgreed, flights.isCorrection(issuedAt: flight.issuedAt) {
            // Such a write may land after the corrections.
            let isOldWriteFlying = mainIssued.map { !flights.isCorrection(issuedAt: $0) } ?? false
            if ok, flight.value == 0, flight.type.isHeld, !isOldWriteFlying {
                zeros.zeroCarriedOutLate(flight.type)
                if !owesAnything { retry.clear() }
            }
            return
        }
        // Case 3: the corrections so far may have been carried out before this write, so they begin again.
        if !isAgreed || flights.correctsSince == .never { flights.beginCorrections(at: now) }
        if flight.type.isHeld { zeros.answeredOutOfOrder(flight.type, isFlying: flights.isAny) }
        written.forget()
        retry.clear()
        listAsDue(&agenda)
    }

    /// A write has landed. Once nothing is in flight any more, a zero that overtook a write is written once more.
    @inline(__always)
    mutating func afterLanding(_ agenda: inout Agenda) {
        guard isPresent else { return }
        if !flights.isAny, zeros.allLanded() { written.forget() }
        if owesAnything { listAsDue(&agenda) }
    }
}
