// Moves and sprays: passed on once, under a lease (`arbitration.md` §5).
// Must not ask whether the session may drive; the gate has been passed.

import Buttplug
import Host

extension Lane {
    /// Carries out a move.
    mutating func move(
        _ order: Order, by rights: Rights, at now: Instant, _ agenda: inout Agenda, into effects: inout ArbiterEffects
    ) -> Verdict {
        let highest = traits.highest(order.type, cap: rights.cap)
        if highest == 0, order.value > 0 { return .silenced }
        let target = min(order.value, highest)
        if contributions.contains(where: { $0.session != order.session && $0.priority >= rights.priority }) { return .shadowed }
        if let refusal = refusalByLease(order, rights.priority, at: now) { return refusal }
        let serial = agenda.nextNumber()
        let length = min(Interval.milliseconds(Int64(order.duration)), agenda.settings.leaseMax)
        leases.claimMoves(order.session, rights.priority, until: now + length + agenda.settings.leaseHold, serial: serial, isSpray: false)
        endContributions(at: now, &agenda, into: &effects)
        if queue.waitingCommand == nil, written.isMove(order.type, target, order.duration, within: agenda.settings.refresh, of: now) {
            return .duplicate
        }
        let reply = WaitingReply(to: order.sender, serial: serial)
        pass(WaitingCommand(type: order.type, value: target, duration: order.duration, reply: reply), &agenda, into: &effects)
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
        guard pauses.maySpray(at: now) else { return .sprayLimited }
        let serial = agenda.nextNumber()
        pauses.sprayed(gap: agenda.settings.sprayGap, at: now)
        if isExclusive {
            leases.claimMoves(order.session, rights.priority, until: now + agenda.settings.leaseHold, serial: serial, isSpray: true)
        }
        let reply = WaitingReply(to: order.sender, serial: serial)
        pass(WaitingCommand(type: .spray, value: min(scaled, traits.ceilings[row]), duration: 0, reply: reply), &agenda, into: &effects)
        return .waits
    }

    /// The verdict of another's lease on a move or an exclusive spray; nil lets it through.
    @inline(__always)
    private func refusalByLease(_ order: Order, _ priority: UInt8, at now: Instant) -> Verdict? {
        let mix = traits.mixes[Int(order.type.rawValue)]
        guard leases.keepsOffMove(of: order.session, priority, mix: mix, at: now) else { return nil }
        return traits.conflict(on: order.type)
    }

    private mutating func pass(_ command: WaitingCommand, _ agenda: inout Agenda, into effects: inout ArbiterEffects) {
        queue.pass(command, into: &effects)
        retry.clear()
        listAsDue(&agenda)
    }
}
