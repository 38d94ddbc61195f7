// The home's side of a cell: sessions of other members drive the devices that are attached here, in the same arbiter as local ones.
// Must not know links or records; what became of an order is kept until `RouterRunner.takeGuestOutcomes`.

import Buttplug
import Host

/// A session of another member, as that member tells it.
public struct Guest: Hashable, Sendable {
    /// The member that its app is connected to.
    public var member: String
    public var client: String
    /// What its rule there allows it.
    public var rights: Rights

    public init(member: String, client: String, rights: Rights) {
        (self.member, self.client, self.rights) = (member, client, rights)
    }
}

/// The answer to a guest's order.
public struct GuestOutcome: Hashable, Sendable {
    public var guest: LinkID
    public var request: UInt32
    public var outcome: ForeignOutcome
}

extension Outputs {
    /// A guest's command; its id is the request's number. A member's bytes are as little trusted as a client's: all is checked again.
    mutating func guestOrder(
        _ command: OutputCommand, _ slot: Int, _ tables: inout RouterTables, at now: Instant, into out: inout Outbox
    ) {
        guard let lane = arbiter.lane(device: command.device, feature: command.feature), arbiter.accepts(command, on: lane) else {
            tables.counters.totals.invalid &+= 1
            return tellGuest(slot, command.id, invalid(command, tables), tables.sessions)
        }
        let verdict = carryOut(command, on: lane, slot, &tables, at: now)
        if !effects.replies.isEmpty { tellReplies(tables.sessions, into: &out) }
        switch verdict {
        case .waits: break
        case .deniedObserver: tellGuest(slot, command.id, .observer, tables.sessions)
        case .deniedLeased: tellGuest(slot, command.id, .leased, tables.sessions)
        case .durationTooLong: tellGuest(slot, command.id, .durationOutOfRange, tables.sessions)
        case .merged, .shadowed, .duplicate, .relinquished, .stopped, .masked, .muted, .heldOff, .sprayLimited, .silenced:
            tellGuest(slot, command.id, .ok, tables.sessions)
        }
    }

    /// Why a command finds no lane, or its lane does not accept it. A device of a third member is not here.
    private func invalid(_ command: OutputCommand, _ tables: borrowing RouterTables) -> ForeignOutcome {
        switch tables.devices.failure(of: command) {
        case nil: arbiter.lane(device: command.device, feature: command.feature) == nil ? .deviceGone : .durationOutOfRange
        case .deviceNotAvailable: .deviceGone
        default: .valueOutOfRange
        }
    }

    private mutating func tellGuest(_ slot: Int, _ request: UInt32, _ outcome: ForeignOutcome, _ sessions: borrowing SessionTable) {
        guestOutcomes.append(GuestOutcome(guest: sessions.id(slot), request: request, outcome: outcome))
    }

    /// A reply that waited for a device is nobody's here: it may be a guest's.
    @inline(never)
    mutating func tellGuest(_ reply: SettledReply, _ sessions: borrowing SessionTable) {
        let id = LinkID(slot: reply.to.session, generation: reply.to.generation)
        guard reply.to.id != 0, let slot = sessions.slot(id), sessions.rows[slot].state == .guest else { return }
        let outcome: ForeignOutcome =
            switch reply.outcome {
            case .ok: .ok
            case .refused: .refused
            case .timedOut: .timedOut
            case .deviceGone: .deviceGone
            }
        tellGuest(slot, reply.to.id, outcome, sessions)
    }
}

/// The end of many sessions at once, as when a link between members is lost: one pass over the lanes, and each lane folds once.
enum LostGuests {
    static func end(_ slots: [UInt32], _ arbiter: inout Arbiter, at now: Instant, into effects: inout ArbiterEffects) {
        var isLost = [Bool](repeating: false, count: arbiter.gate.sessions.count)
        var hasDriven = false
        for slot in slots where arbiter.gate.isOpen(slot) {
            isLost[Int(slot)] = true
            hasDriven = hasDriven || arbiter.gate.sessions[Int(slot)].hasDriven
        }
        if hasDriven {
            for lane in arbiter.lanes.indices where arbiter.lanes[lane].isPresent {
                let hasChanged = release(isLost, &arbiter.lanes[lane], into: &effects)
                if hasChanged { arbiter.lanes[lane].refold(.command, at: now, &arbiter.agenda, into: &effects) }
            }
        }
        for slot in slots where arbiter.gate.isOpen(slot) { arbiter.gate.end(slot) }
    }

    /// Ends all that these sessions have on one lane; false when they have nothing.
    private static func release(_ isLost: [Bool], _ lane: inout Lane, into effects: inout ArbiterEffects) -> Bool {
        let isMeant = { (session: UInt32) in Int(session) < isLost.count && isLost[Int(session)] }
        var hasChanged = false
        if let lease = lane.leases.moveLease, isMeant(lease.owner) { hasChanged = lane.leases.endMoving(of: lease.owner) }
        if let command = lane.queue.waitingCommand, isMeant(command.session) {
            lane.takeBackCommand(into: &effects)
            hasChanged = true
        }
        let before = lane.contributions.count
        lane.contributions.end { isMeant($0.session) }
        return hasChanged || lane.contributions.count != before
    }
}
