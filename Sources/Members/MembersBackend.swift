// The other members of a cell as one backend of a router: their devices are its devices, their sessions its guests.
// Must not decide anything; `MembersCore` does. Carries what is decided between the bus and the router.

import Buttplug
import Cluster
import Host
import Router

/// A router's place in a cell. Made before the router, given to it among its backends, and joined to it afterwards.
public final class MembersBackend: Backend, BusOwner, RouterObserver {
    public let settings: MembersSettings
    /// Is told of transitions, at a turn's end.
    public var onEvent: ((MembersEvent, Instant) -> Void)?

    @exclusivity(unchecked) private var core: MembersCore
    private let bus: any MessageBus
    private let host: any Host
    private weak var router: RouterRunner?
    private weak var owner: (any BackendOwner)?
    private var number: BackendNumber = 0
    /// Guests, by member and session there; and back.
    private var guests: [MemberNumber: [UInt32: LinkID]] = [:]
    private var places: [LinkID: (peer: MemberNumber, session: UInt32)] = [:]
    /// Changes of the emergency stop that the router still tells of, and that came from the cell.
    private var echoes: [Bool] = []
    /// The router was cleared, and is stopped again by a raise that it still tells of.
    private var wasCleared = false

    /// - Parameter seed: For nonces: another one at each start of the program.
    public init(_ settings: MembersSettings, bus: any MessageBus, on host: any Host, seed: UInt64) {
        self.settings = settings
        self.bus = bus
        self.host = host
        core = MembersCore(settings, seed: seed)
    }

    /// Connects to the bus. To be called once, when the router has been made with this backend.
    public func join(_ router: RouterRunner) {
        self.router = router
        for device in router.ownDevices { core.ownDeviceAppeared(device, at: host.now) }
        if router.isStopped { core.emergencyChanged(isRaised: true, at: host.now) }
        router.add(self)
        bus.open(core.subjects.subscriptions, for: self)
    }

    /// The members whose links are up.
    public var membersUp: [String] { core.peers.filter { $0.link.state == .up }.map(\.name) }

    // MARK: Backend

    public var isArbitratedHere: Bool { false }

    public func start(for owner: any BackendOwner, as number: BackendNumber, at now: Instant) {
        self.owner = owner
        self.number = number
    }

    /// Leaves the cell in good order.
    public func stop(at now: Instant) {
        core.leave(at: now)
        publish(at: now)
        bus.leave()
        (owner, router) = (nil, nil)
    }

    /// There are no writes: orders come as requests.
    public func perform(_ writes: UnsafeBufferPointer<DeviceWrite>, at now: Instant) {
        for write in writes { owner?.answered(ticket: write.ticket, .unreachable, at: now) }
    }

    public func handle(_ request: BackendRequest, at now: Instant) {
        switch request {
        case .foreign(.order(let order)): core.order(order, from: { self.known(order.session) }, at: now)
        case .foreign(.stop(let session, let device, let feature)):
            core.stop(session, device: device, feature: feature, from: { self.known(session) }, at: now)
        case .foreign(.rightsChanged(let session)):
            if let known = known(session) { core.rightsChanged(session, to: known, at: now) }
        case .foreign(.sessionEnded(let session)): core.sessionEnded(session, at: now)
        case .stopOutputs: core.stopAll(at: now)
        case .startScanning: owner?.happened(.scanningFinished, from: number, at: now)
        case .read(_, _, _, let request), .subscribe(_, _, _, let request), .unsubscribe(_, _, _, let request):
            owner?.happened(.requestFailed(request: request, "sensors of other members cannot be read"), from: number, at: now)
        case .stopScanning, .cutOff: break
        }
        carryOut(at: now)
    }

    public var deadline: Instant { core.deadline }

    public func report(at now: Instant) {
        core.deadlinePassed(at: now)
        carryOut(at: now)
    }

    public func turnEnded(at now: Instant) {
        router?.takeGuestOutcomes { outcome in
            if let place = places[outcome.guest] { core.answered(outcome.request, outcome.outcome, to: place.peer, at: now) }
        }
        publish(at: now)
        announce()
    }

    private func publish(at now: Instant) {
        core.flush(at: now) { bus.publish($0, reply: $1, $2) }
        bus.flush()
    }

    private func known(_ session: UInt32) -> (guest: Guest, openedAt: Instant)? {
        router?.guest(ofSlot: session, member: settings.member)
    }

    // MARK: The bus

    public func busOpened(at now: Instant) {
        core.busOpened(at: now)
        announce()
    }

    public func received(_ payload: RawSpan, on subject: String, at now: Instant) {
        core.received(payload, on: subject, at: now)
        announce()
    }

    public func missed(_ reply: String, at now: Instant) {
        core.missed(reply, at: now)
        announce()
    }

    public func busLost(at now: Instant) {
        core.busLost(at: now)
        announce()
    }

    /// The router calls `report` before this turn ends, or in the next.
    private func announce() { if !core.effects.isEmpty { owner?.reportIsDue(from: number) } }

    // MARK: The router

    public var wantsWinners: Bool { false }

    public func happened(_ event: RouterEvent, at now: Instant) {
        switch event {
        case .deviceAppeared(let info):
            guard router?.isOwn(device: info.index) == true else { return }
            core.ownDeviceAppeared(info, at: now)
            router?.wake()
        case .deviceDisappeared(let info):
            guard core.deviceEntries[info.index] != nil else { return }
            core.ownDeviceGone(info.index, at: now)
            router?.wake()
        case .sessionClosed(let id, _):
            guard let place = places.removeValue(forKey: id) else { return }
            guests[place.peer]?[place.session] = nil
            core.guestEnded(place.session, of: place.peer)
        case .emergencyStop(let isRaised):
            if echoes.first == isRaised {
                echoes.removeFirst()
            } else if !isRaised, router?.isStopped == true {
                // A raise has followed within the turn: it counts, and the clear clears nothing in the cell.
                wasCleared = true
            } else {
                core.emergencyChanged(isRaised: isRaised, isNew: wasCleared, at: now)
                wasCleared = false
                router?.wake()
            }
        default: break
        }
    }

    private func carryOut(at now: Instant) {
        guard let router, let owner else { return }
        while !core.effects.isEmpty {
            let effects = core.effects
            core.effects.removeAll(keepingCapacity: true)
            for effect in effects { carryOut(effect, router, owner, at: now) }
        }
    }

    private func carryOut(_ effect: MembersEffect, _ router: RouterRunner, _ owner: any BackendOwner, at now: Instant) {
        switch effect {
        case .session(let peer, let session, let guest):
            if let id = guests[peer]?[session] { return router.guestChanged(id, to: guest.rights, at: now) }
            let id = router.openGuest(guest, at: now)
            guests[peer, default: [:]][session] = id
            places[id] = (peer, session)
        case .order(let peer, let session, let command):
            guard let id = guests[peer]?[session] else { return core.answered(command.id, .refused, to: peer, at: now) }
            router.order(command, from: id, at: now)
        case .stop(let peer, let session, let device, let feature):
            if let id = guests[peer]?[session] { router.stop(StopTarget(device: device, feature: feature), from: id, at: now) }
        case .sessionEnded(let peer, let session):
            guard let id = guests[peer]?.removeValue(forKey: session) else { return }
            places[id] = nil
            router.endGuests([id], .clientDisconnected, at: now)
        case .guestsLost(let peer):
            guard let lost = guests.removeValue(forKey: peer) else { return }
            for id in lost.values { places[id] = nil }
            router.endGuests(lost.values.sorted { $0.slot < $1.slot }, .peerVanished, at: now)
        case .outcome(let request, let outcome): router.orderAnswered(request, outcome, at: now)
        case .appeared(let handle, let description): owner.happened(.appeared(handle, description), from: number, at: now)
        case .disappeared(let handle): owner.happened(.disappeared(handle), from: number, at: now)
        case .emergency(let isRaised):
            // A raise of this turn, not told of yet, is one that the clear has not seen.
            guard isRaised || router.isStopped && !router.hasUntoldEmergencyStop else { return }
            echoes.append(isRaised)
            if isRaised { router.raiseEmergencyStop() } else { router.clearEmergencyStop() }
        case .event(let event): onEvent?(event, now)
        }
    }
}
