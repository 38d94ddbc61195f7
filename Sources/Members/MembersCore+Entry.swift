// The entry's side of a cell: devices of other members are listed here, and orders of this router's sessions go to their homes.
// Must not keep what an order asked for: nothing is given again when a link comes back.

import Buttplug
import Cluster
import Host
import Router

extension MembersCore {
    // MARK: Devices

    /// A peer has told of a device. Sensors are not offered yet.
    mutating func deviceTold(_ index: UInt32, _ identity: String, _ told: DeviceDescription, by peer: MemberPeer) {
        var description = told
        description.identity = identity
        description.preferredIndex = index
        description.features = told.features.compactMap { feature in
            var feature = feature
            feature.inputs = []
            return feature.outputs.isEmpty ? nil : feature
        }
        // A member tells of its own devices only.
        guard index <= IndexTable.indexMax, identity.hasPrefix("\(peer.name)/") else {
            return effects.append(.event(.deviceRefused(member: peer.name, identity: identity)))
        }
        if let known = peer.devices[index] {
            peer.devices[index]!.telling = peer.telling
            if known.description == description { return }
            effects.append(.disappeared(known.handle))
        }
        let handle = handle(of: identity, index, peer)
        peer.devices[index] = ForeignDevice(handle: handle, description: description, telling: peer.telling)
        effects.append(.appeared(handle, description))
    }

    /// A device's own, for ever.
    private mutating func handle(of identity: String, _ index: UInt32, _ peer: MemberPeer) -> BackendDevice {
        if let known = places.firstIndex(where: { $0.peer == peer.number && $0.index == index && $0.identity == identity }) {
            return BackendDevice(known)
        }
        places.append(DevicePlace(peer: peer.number, index: index, identity: identity))
        return BackendDevice(places.count - 1)
    }

    mutating func deviceGone(_ index: UInt32, of peer: MemberPeer) {
        if let known = peer.devices.removeValue(forKey: index) { effects.append(.disappeared(known.handle)) }
    }

    /// What the peer has not told since the link is up is gone.
    mutating func toldEnded(_ peer: MemberPeer) {
        peer.devicesEnd = .never
        for (index, device) in peer.devices.sorted(by: { $0.key < $1.key }) where device.telling != peer.telling {
            deviceGone(index, of: peer)
        }
    }

    /// The link is lost: orders fail; devices stay listed for a moment, so that nobody's list changes when it is up again soon.
    mutating func entryLost(_ peer: MemberPeer, at now: Instant) {
        peer.telling += 1
        if !peer.devices.isEmpty { peer.devicesEnd = min(peer.devicesEnd, now + settings.lostAfter) }
        for (request, order) in waiting.sorted(by: { $0.key < $1.key }) where order.peer == peer.number { settle(request, .deviceGone) }
    }

    mutating func entryDeadlinePassed(at now: Instant) {
        for peer in peers where peer.devicesEnd <= now { toldEnded(peer) }
        while firstDeadline < deadlines.count, deadlines[firstDeadline].at <= now {
            settle(deadlines[firstDeadline].request, .timedOut)
            firstDeadline += 1
        }
        forgetDeadlines()
    }

    /// Deadlines of orders that have been answered need no memory.
    private mutating func forgetDeadlines() {
        while firstDeadline < deadlines.count, waiting[deadlines[firstDeadline].request] == nil { firstDeadline += 1 }
        guard firstDeadline > 1_024 || firstDeadline == deadlines.count else { return }
        deadlines.removeFirst(firstDeadline)
        firstDeadline = 0
    }

    private mutating func settle(_ request: UInt32, _ outcome: ForeignOutcome) {
        if waiting.removeValue(forKey: request) != nil { effects.append(.outcome(request: request, outcome)) }
    }

    mutating func outcomeCame(_ request: UInt32, _ outcome: ForeignOutcome, from peer: MemberPeer) {
        // Each answers for its own orders only.
        guard waiting[request]?.peer == peer.number else { return }
        settle(request, outcome)
        forgetDeadlines()
    }

    // MARK: Orders

    /// - Parameter session: What is to be told of the order's session, if it is there.
    mutating func order(_ order: ForeignOrder, from session: () -> (guest: Guest, openedAt: Instant)?, at now: Instant) {
        let place = places[Int(order.device)]
        let peer = peers[place.peer]
        waiting[order.request] = WaitingOrder(peer: peer.number, session: order.session)
        guard peer.link.state == .up else {
            // What it had there has ended with the link.
            let isZero = order.value == 0 && !order.type.isMove
            return settle(order.request, isZero ? .ok : .deviceGone)
        }
        guard introduce(order.session, session, to: peer, at: now), let feature = UInt16(exactly: order.feature) else {
            return settle(order.request, .refused)
        }
        var record = OrderRecord(
            session: order.session, request: order.request, device: place.index, feature: feature, type: order.type.rawValue,
            value: order.value)
        record.duration = order.duration
        guard peer.put(at: now, { $0.order(record) }) else { return settle(order.request, .deviceGone) }
        deadlines.append((order.request, now + settings.writeTimeout + settings.lostAfter))
    }

    /// A session is told before its first order, and again when its rights are others.
    private func introduce(
        _ session: UInt32, _ asked: () -> (guest: Guest, openedAt: Instant)?, to peer: MemberPeer, at now: Instant
    ) -> Bool {
        if peer.introduced[session] != nil { return true }
        guard let (guest, openedAt) = asked() else { return false }
        let record = guest.rights.record(session, age: now - openedAt)
        guard peer.put(at: now, { $0.session(record, name: guest.client) }) else { return false }
        peer.introduced[session] = guest.rights
        return true
    }

    mutating func rightsChanged(_ session: UInt32, to told: (guest: Guest, openedAt: Instant), at now: Instant) {
        for peer in peers where peer.introduced[session] != nil && peer.introduced[session] != told.guest.rights {
            peer.introduced[session] = told.guest.rights
            let record = told.guest.rights.record(session, age: now - told.openedAt)
            peer.put(at: now) { $0.session(record, name: told.guest.client) }
        }
    }

    /// A stop goes to the device's home, or to every home that the session has driven; with a wider scope to all.
    mutating func stop(
        _ session: UInt32, device: BackendDevice?, feature: UInt32?, from asked: () -> (guest: Guest, openedAt: Instant)?, at now: Instant
    ) {
        let place = device.map { places[Int($0)] }
        for peer in peers where place == nil || place?.peer == peer.number {
            if peer.introduced[session] == nil {
                guard let known = asked(), known.guest.rights.stopScope != .own else { continue }
                guard introduce(session, { known }, to: peer, at: now) else { continue }
            }
            peer.put(at: now) { $0.stop(session: session, device: place?.index ?? .max, feature: feature ?? .max) }
        }
    }

    mutating func sessionEnded(_ session: UInt32, at now: Instant) {
        for peer in peers where peer.introduced.removeValue(forKey: session) != nil {
            peer.put(at: now) { $0.sessionEnd(session: session) }
        }
        for (request, order) in waiting.sorted(by: { $0.key < $1.key }) where order.session == session { waiting[request] = nil }
    }

    /// The emergency stop, or the router's end: what all sessions have elsewhere ends. Their orders on the way are overtaken by it.
    mutating func stopAll(at now: Instant) {
        for peer in peers {
            for session in peer.introduced.keys.sorted() { peer.put(at: now) { $0.sessionEnd(session: session) } }
            peer.introduced = [:]
        }
        for request in waiting.keys.sorted() { settle(request, .ok) }
    }
}
