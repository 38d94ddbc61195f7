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
            for lane in devices[row].lanes where lanes[lane].traits.firstOutput != nil { all.append(snapshot(lane, at: now, session)) }
        }
        return all
    }

    func snapshot(_ at: Int, at now: Instant, _ session: (UInt32) -> LinkID) -> LaneSnapshot {
        let wanted = lanes[at].wanted
        let type = wanted.isRest ? lanes[at].traits.firstOutput ?? .vibrate : wanted.type
        var contributions: [LaneSnapshot.Contribution] = []
        for i in 0..<lanes[at].contributions.count {
            let one = lanes[at].contributions[i]
            contributions.append(
                LaneSnapshot.Contribution(
                    session: session(one.session), type: one.type, value: one.value, scaled: one.scaled, priority: one.priority))
        }
        contributions.sort { ($0.session.slot, $0.session.generation) < ($1.session.slot, $1.session.generation) }
        let leases = lanes[at].leases
        var lease: LaneSnapshot.Lease?
        if let moving = leases.moving, moving.until > now {
            lease = LaneSnapshot.Lease(session: session(moving.owner), kind: leases.isOfSprays ? .sprays : .moves, until: moving.until)
        } else if let holding = leases.holding, holding.until > now {
            lease = LaneSnapshot.Lease(session: session(holding.owner), kind: .holds, until: holding.until)
        }
        return LaneSnapshot(
            device: lanes[at].traits.device, feature: lanes[at].traits.feature, type: wanted.isRest ? nil : wanted.type,
            value: wanted.value,
            maximum: lanes[at].traits.steps[Int(type.rawValue)], winner: lanes[at].contributions.winningSession.map(session),
            written: lanes[at].written.type.map { LaneSnapshot.Written(type: $0, value: lanes[at].written.value) },
            contributions: contributions, lease: lease, heldOffUntil: lanes[at].bonds.heldOffUntil(after: now))
    }

    /// What was written to a device that is there.
    func traffic(of device: UInt32) -> DeviceTraffic { devices.row(of: device).map { devices[$0].traffic } ?? DeviceTraffic() }

    /// Everybody's values on one device end, and for a while nobody drives it: the operator's stop of a device.
    public mutating func stopDevice(_ index: UInt32, at now: Instant, into effects: inout ArbiterEffects) {
        guard let row = devices.row(of: index) else { return }
        for lane in devices.lanes(of: row) { stopLane(lane, 0, .global, at: now, into: &effects) }
    }
}
