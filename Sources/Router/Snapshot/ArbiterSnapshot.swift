// Lanes and devices as an operator sees them.
// Must not change anything.

import Buttplug
import Host

extension Arbiter {
    /// Every lane with an output whose device is there.
    /// - Parameter session: The id of the session in a slot.
    func lanes(at now: Instant, _ session: (UInt32) -> LinkID) -> [LaneSnapshot] {
        var all: [LaneSnapshot] = []
        for row in devices.indices where devices[row].isPresent {
            for lane in devices[row].lanes where isShown(lane) { all.append(snapshot(lane, at: now, session)) }
        }
        return all
    }

    func snapshot(_ at: Int, at now: Instant, _ session: (UInt32) -> LinkID) -> LaneSnapshot {
        let wanted = lanes[at].wanted
        let type = wanted.isRest ? lanes[at].traits.firstOutput ?? .vibrate : wanted.type
        let lease = lease(at, at: now).map { LaneSnapshot.Lease(session: session($0.owner), kind: $0.kind, until: $0.until) }
        return LaneSnapshot(
            device: lanes[at].traits.device, feature: lanes[at].traits.feature, type: wanted.isRest ? nil : wanted.type,
            value: wanted.value,
            maximum: lanes[at].traits.steps[Int(type.rawValue)], winner: lanes[at].contributions.winningSession.map(session),
            written: lanes[at].written.type.map { LaneSnapshot.Written(type: $0, value: lanes[at].written.value) },
            contributions: contributions(at, session), lease: lease, heldOffUntil: lanes[at].pauses.heldOffUntil(after: now))
    }

    /// In the order of their sessions' slots; a session has one at most.
    private func contributions(_ lane: Int, _ session: (UInt32) -> LinkID) -> [LaneSnapshot.Contribution] {
        var order: [UInt64] = []
        order.reserveCapacity(lanes[lane].contributions.count)
        for i in 0..<lanes[lane].contributions.count { order.append(UInt64(lanes[lane].contributions[i].session) << 32 | UInt64(i)) }
        order.sort()
        return order.map { place in
            let one = lanes[lane].contributions[Int(place & 0xFFFF_FFFF)]
            return LaneSnapshot.Contribution(
                session: session(one.session), type: one.type, value: one.value, scaled: one.scaled, priority: one.priority)
        }
    }

    /// The lease in force, with the slot of its owner.
    func lease(_ lane: Int, at now: Instant) -> (owner: UInt32, kind: LaneSnapshot.Lease.Kind, until: Instant)? {
        let leases = lanes[lane].leases
        if let moving = leases.moveLease, moving.until > now { return (moving.owner, leases.areForSprays ? .sprays : .moves, moving.until) }
        if let holding = leases.heldLease, holding.until > now { return (holding.owner, .holds, holding.until) }
        return nil
    }

    /// What was written to a device that is there.
    func traffic(of device: UInt32) -> DeviceTraffic { devices.row(of: device).map { devices[$0].traffic } ?? DeviceTraffic() }

    /// How long a device's answers took in the last minute; nil when there was none.
    func latency(of device: UInt32, at now: Instant) -> RecentLatency? {
        guard let row = devices.row(of: device) else { return nil }
        let recent = devices.lastMinute(of: row, at: now)
        guard let median = recent.quantile(0.5), let high = recent.quantile(0.99) else { return nil }
        return RecentLatency(median: median, percentile99: high, longest: recent.longest)
    }

    /// Differs when that may differ.
    func latencyMark(of device: UInt32, at now: Instant) -> RecentHistogram.Mark? {
        devices.row(of: device).map { devices.lastMinuteMark(of: $0, at: now) }
    }

    /// Everybody's values on one device end, and for a while nobody drives it: the operator's stop of a device.
    public mutating func stopDevice(_ index: UInt32, at now: Instant, into effects: inout ArbiterEffects) {
        guard let row = devices.row(of: index) else { return }
        for lane in devices.lanes(of: row) { stopLane(lane, 0, .global, at: now, into: &effects) }
    }
}
