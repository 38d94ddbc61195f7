// What a device was to be told and could not be: held values are told later, in their newest form; a move or a spray only while it is young.
// Must not know why it could not leave.

import Buttplug
import Host

/// A write that a device has taken, and which has not been answered.
struct TakenWrite: Hashable, Sendable {
    var ticket: UInt32
    /// Its output.
    var slot: UInt32
}

extension HardwareDevice {
    /// Zeros, and a stop, that the device refused are owed again.
    func oweRefusedZeros() {
        for slot in state.values.indices where sentSlots >> UInt32(slot) & 1 == 1 && state.values[slot] == 0 {
            state.dirty |= heldSlots & 1 << UInt32(slot)
        }
        state.isStop = state.isStop || sentStop
    }

    /// A packet of an encoding has nowhere to go. What a protocol says besides is no encoding.
    func cannotLeave(_ outcome: WriteOutcome) { if sentSlots != 0 || sentStop { trouble = outcome } }

    /// What waits for the packet under way is wanted again, in its newest form.
    func dropRest(into reports: inout HardwareReports) {
        for step in rest.reversed() { if case .write(let packet) = step { takeBack(to: packet.memory) } }
        forgetRest()
        oweAgain(into: &reports)
    }

    /// What was encoded could not leave: it is wanted again, in its newest form. When a part of it has left, nobody knows whether a move has, and
    /// none is made twice.
    func oweAgain(into reports: inout HardwareReports) {
        let lost = hasLeft ? passing(sentSlots) : 0
        if lost != 0 { sent = refuse(lost, of: sent, into: &reports) }
        state.dirty |= sentSlots & ~lost
        state.isStop = state.isStop || sentStop
        (sentSlots, sentStop, hasLeft, trouble) = (0, false, false, nil)
        sent.append(contentsOf: waiting)
        swap(&sent, &waiting)
        sent.removeAll(keepingCapacity: true)
    }

    /// Moves and sprays that have waited too long are not made any more: who wanted them may be gone.
    func forgetLate(at now: Instant, after patience: Interval, into reports: inout HardwareReports) {
        guard state.dirty & passingSlots != 0 else { return }
        let late = late(state.dirty, at: now, after: patience)
        guard late != 0 else { return }
        state.dirty &= ~late
        waiting = refuse(late, of: waiting, into: &reports)
    }

    /// Whether a move or a spray is among the packets under way that has waited too long.
    func isLate(at now: Instant, after patience: Interval) -> Bool { late(sentSlots, at: now, after: patience) != 0 }

    private func late(_ slots: UInt32, at now: Instant, after patience: Interval) -> UInt32 {
        var late = passing(slots)
        var rest = late
        while rest != 0 {
            let slot = rest.trailingZeroBitCount
            rest &= rest - 1
            if passingSince[slot] + patience > now { late &= ~(1 << UInt32(slot)) }
        }
        return late
    }

    /// Of these outputs the moves, and the sprays that are to begin.
    private func passing(_ slots: UInt32) -> UInt32 {
        var passing = slots & passingSlots
        var sprays = passing & heldSlots
        while sprays != 0 {
            let slot = sprays.trailingZeroBitCount
            sprays &= sprays - 1
            if state.values[slot] == 0 { passing &= ~(1 << UInt32(slot)) }
        }
        return passing
    }

    /// - Returns: The writes of other outputs.
    private func refuse(_ slots: UInt32, of writes: [TakenWrite], into reports: inout HardwareReports) -> [TakenWrite] {
        for write in writes where slots >> write.slot & 1 == 1 {
            reports.answers.append(.init(ticket: write.ticket, outcome: .unreachable))
        }
        return writes.filter { slots >> $0.slot & 1 == 0 }
    }
}
