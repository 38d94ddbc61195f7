// Moves and sprays: passed on once, under a lease (`arbitration.md` §5).
// Must not ask whether the session may drive; the gate has been passed.

import Buttplug
import Host

extension Lane {
    /// Carries out a move.
    mutating func move(
        _ order: Order, by rights: Rights, at now: Instant, _ agenda: inout Agenda, into effects: inout ArbiterEffects
    ) -> Verdict {
        let highest = highestAllowed(order.type, rights.cap)
        if highest == 0, order.value > 0 { return .silenced }
        let target = min(order.value, highest)
        if contributions.contains(where: { $0.session != order.session && $0.priority >= rights.priority }) { return .shadowed }
        if let refusal = refusalByLease(order, rights.priority, at: now) { return refusal }
        let accepted = agenda.tick()
        let length = min(Interval.milliseconds(Int64(order.duration)), agenda.settings.leaseMax)
        leases.claimMoves(
            Lease(owner: order.session, priority: rights.priority, until: now + length + agenda.settings.hold, accepted: accepted),
            isSpray: false)
        endContributions(at: now, &agenda, into: &effects)
        if passOn == nil, written.isMove(order.type, target, order.duration, within: agenda.settings.refresh, of: now) {
            return .duplicate
        }
        let reply = WaitingReply(to: order.reply, accepted: accepted)
        pass(PassedOn(type: order.type, value: target, duration: order.duration, reply: reply), &agenda, into: &effects)
        return .waits
    }

    /// Carries out a spray.
    /// - Parameter scaled: The value after the session's gain and cap; not 0.
    mutating func spray(
        _ order: Order, _ scaled: Int32, by rights: Rights, at now: Instant, _ agenda: inout Agenda, into effects: inout ArbiterEffects
    ) -> Verdict {
        let row = Int(OutputType.spray.rawValue)
        let isExclusive = traits.mixes[row] == .exclusive
        if isExclusive, let refusal = refusalByLease(order, rights.priority, at: now) { return refusal }
        guard bonds.maySpray(at: now) else { return .sprayLimited }
        let accepted = agenda.tick()
        bonds.sprayed(gap: agenda.settings.sprayGap, at: now)
        if isExclusive {
            leases.claimMoves(
                Lease(owner: order.session, priority: rights.priority, until: now + agenda.settings.hold, accepted: accepted), isSpray: true
            )
        }
        let reply = WaitingReply(to: order.reply, accepted: accepted)
        pass(PassedOn(type: .spray, value: min(scaled, traits.limits[row]), duration: 0, reply: reply), &agenda, into: &effects)
        return .waits
    }

    /// What no value of the type may pass for a session with this cap.
    @inline(__always)
    func highestAllowed(_ type: OutputType, _ cap: Fraction) -> Int32 {
        min(cap.floor(of: traits.steps[Int(type.rawValue)]), traits.limits[Int(type.rawValue)])
    }

    /// What another's lease says to a move or an exclusive spray; nil lets it through.
    @inline(__always)
    private func refusalByLease(_ order: Order, _ priority: UInt8, at now: Instant) -> Verdict? {
        let mix = traits.mixes[Int(order.type.rawValue)]
        guard leases.keepsOffMove(of: order.session, priority, mix: mix, at: now) else { return nil }
        return traits.conflict(on: order.type)
    }

    /// Puts a move or spray where the lane's next write finds it; one that still waited is overtaken.
    private mutating func pass(_ command: PassedOn, _ agenda: inout Agenda, into effects: inout ArbiterEffects) {
        if let passOn { effects.replies.append(SettledReply(to: passOn.reply.to, outcome: .ok)) }
        passOn = command
        retry.clear()
        touch(&agenda)
    }

    /// A move or spray that still waits keeps to the new limits; one that they leave nothing of is dropped.
    mutating func limitPassOn(to cap: Fraction, into effects: inout ArbiterEffects) {
        guard let passOn else { return }
        let highest = highestAllowed(passOn.type, cap)
        if (highest == 0 && passOn.value > 0) || !traits.allows(duration: passOn.duration, of: passOn.type) {
            takeBackPassOn(into: &effects)
        } else {
            self.passOn?.value = min(passOn.value, highest)
        }
    }
}
