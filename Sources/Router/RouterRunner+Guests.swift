// What the connection to other members of a cell asks of a router: its guests' orders here, the answers to its own sessions' orders elsewhere.
// Must not know links or records. Called within a turn, like `LinkOwner`; what it causes leaves when the turn ends.

import Buttplug
import Host

extension RouterRunner {
    // MARK: Home

    /// A session of another member is to drive devices here.
    public func openGuest(_ guest: Guest, at now: Instant) -> LinkID { Guests.open(guest, &core, at: now, into: &outbox) }

    /// Its rights are others now.
    public func guestChanged(_ id: LinkID, to rights: Rights, at now: Instant) { Guests.changed(id, rights, &core, at: now, into: &outbox) }

    /// A guest's command; its id is the request's number, not 0. It is answered once, unless the guest has ended.
    public func order(_ command: OutputCommand, from id: LinkID, at now: Instant) {
        Guests.order(command, id, &core, at: now, into: &outbox)
    }

    /// Ends what a guest has, as far as its stops reach.
    public func stop(_ target: StopTarget, from id: LinkID, at now: Instant) { Guests.stop(target, id, &core, at: now, into: &outbox) }

    /// These guests are over; what they have ends in this turn. Each lane is looked at once.
    public func endGuests(_ ids: [LinkID], _ reason: CloseReason, at now: Instant) {
        Guests.end(ids, reason, &core, at: now, into: &outbox)
    }

    /// What became of guests' orders since the last call.
    public func takeGuestOutcomes(_ body: (GuestOutcome) -> Void) {
        if core.outputs.guestOutcomes.isEmpty { return }
        for outcome in core.outputs.guestOutcomes { body(outcome) }
        core.outputs.guestOutcomes.removeAll(keepingCapacity: true)
    }

    /// Whether the emergency stop was raised in this turn, and observers have not been told yet.
    public var hasUntoldEmergencyStop: Bool {
        outbox.events.contains { if case .emergencyStop(true) = $0 { true } else { false } }
    }

    // MARK: Entry

    /// The answer to an order that `ForeignRequest.order` passed on.
    public func orderAnswered(_ request: UInt32, _ outcome: ForeignOutcome, at now: Instant) {
        Guests.answered(request, outcome, &core, into: &outbox)
    }

    /// What a session is at its home; nil when it has ended.
    public func guest(ofSlot slot: UInt32, member: String) -> (guest: Guest, openedAt: Instant)? {
        guard Int(slot) < core.tables.sessions.rows.count, core.tables.sessions.rows[Int(slot)].state == .ready,
            let details = core.tables.sessions.details[Int(slot)]
        else { return nil }
        return (Guest(member: member, client: details.session.clientName, rights: details.rights), details.openedAt)
    }

    /// The devices that are attached here.
    public var ownDevices: [DeviceInfo] {
        (0..<core.tables.devices.indexLimit).compactMap { isOwn(device: $0) ? core.tables.devices[$0] : nil }
    }

    /// Whether there is such a device, and it is attached here.
    public func isOwn(device index: UInt32) -> Bool {
        guard let address = core.tables.addresses.address(of: index) else { return false }
        return address.backend != core.outputs.foreign.backend
    }
}

/// The guests of a router, over the parts of its core.
private enum Guests {
    static func open(_ guest: Guest, _ core: inout RouterCore, at now: Instant, into out: inout Outbox) -> LinkID {
        let peer = Peer(address: "unix", listener: "cluster:" + guest.member)
        let id = core.tables.sessions.open(peer, at: now)
        let slot = Int(id.slot)
        core.tables.sessions.rows[slot].state = .guest
        core.tables.sessions.details[slot]!.session = ServerSession(heldElsewhereBy: guest.client)
        core.tables.sessions.details[slot]!.rights = guest.rights
        core.outputs.arbiter.sessionOpened(id, rights: guest.rights)
        out.events.append(.sessionOpened(id, peer))
        out.events.append(.handshaken(id, client: guest.client, .v4, maxPingTime: 0))
        return id
    }

    static func changed(_ id: LinkID, _ rights: Rights, _ core: inout RouterCore, at now: Instant, into out: inout Outbox) {
        guard let slot = slot(id, core) else { return }
        core.tables.sessions.details[slot]!.rights = rights
        core.outputs.rightsChanged(slot: id.slot, to: rights, at: now, into: &out)
        core.outputs.tellReplies(core.tables.sessions, into: &out)
    }

    static func order(_ command: OutputCommand, _ id: LinkID, _ core: inout RouterCore, at now: Instant, into out: inout Outbox) {
        guard let slot = slot(id, core) else { return }
        core.outputs.guestOrder(command, slot, &core.tables, at: now, into: &out)
    }

    static func stop(_ target: StopTarget, _ id: LinkID, _ core: inout RouterCore, at now: Instant, into out: inout Outbox) {
        guard let slot = slot(id, core) else { return }
        core.outputs.stop(target, slot, &core.tables, at: now, into: &out)
    }

    static func end(_ ids: [LinkID], _ reason: CloseReason, _ core: inout RouterCore, at now: Instant, into out: inout Outbox) {
        let slots = ids.compactMap { slot($0, core) }
        LostGuests.end(slots.map(UInt32.init), &core.outputs.arbiter, at: now, into: &core.outputs.effects)
        for slot in slots {
            out.events.append(.sessionClosed(core.tables.sessions.id(slot), reason))
            core.tables.sessions.end(slot)
            core.tables.counters.add(reason)
        }
    }

    static func answered(_ request: UInt32, _ outcome: ForeignOutcome, _ core: inout RouterCore, into out: inout Outbox) {
        core.outputs.foreignAnswered(request, outcome, &core.tables, into: &out)
    }

    /// The slot of a guest that is still there.
    private static func slot(_ id: LinkID, _ core: borrowing RouterCore) -> Int? {
        guard let slot = core.tables.sessions.slot(id), core.tables.sessions.rows[slot].state == .guest else { return nil }
        return slot
    }
}
