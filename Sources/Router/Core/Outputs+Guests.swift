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

extension Arbiter {
    /// Many sessions are over at once, as when a link between members is lost: one pass over the lanes, and each lane folds once.
    mutating func sessionsEnded(slots: Set<UInt32>, at now: Instant, into effects: inout ArbiterEffects) {
        let ended = slots.filter { gate.isOpen($0) }
        guard !ended.isEmpty else { return }
        if ended.contains(where: { gate.sessions[Int($0)].hasDriven }) {
            for lane in lanes.indices where lanes[lane].isPresent { release(ended, on: lane, at: now, into: &effects) }
        }
        for slot in ended { gate.end(slot) }
    }

    /// Ends all that these sessions have on one lane.
    private mutating func release(_ sessions: Set<UInt32>, on lane: Int, at now: Instant, into effects: inout ArbiterEffects) {
        var hasChanged = false
        if let lease = lanes[lane].leases.moveLease, sessions.contains(lease.owner) {
            hasChanged = lanes[lane].leases.endMoving(of: lease.owner)
        }
        if let command = lanes[lane].queue.waitingCommand, sessions.contains(command.session) {
            lanes[lane].takeBackCommand(into: &effects)
            hasChanged = true
        }
        let before = lanes[lane].contributions.count
        lanes[lane].contributions.end { sessions.contains($0.session) }
        if hasChanged || lanes[lane].contributions.count != before {
            lanes[lane].refold(.command, at: now, &agenda, into: &effects)
        }
    }
}
