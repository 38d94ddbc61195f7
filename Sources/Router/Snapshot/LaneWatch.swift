// Which lanes have changed since somebody looked, found without making a picture of each.
// Must not know who looks. What is stored here belongs to the watcher, and costs the router nothing.

import Buttplug
import Host

/// What a watcher has seen of all lanes.
public struct LaneWatch: Sendable {
    /// A number per lane that differs when anything an operator sees of it has changed.
    fileprivate var signatures: [UInt64] = []
    /// Where the next look begins: with more to tell than there is room for, every lane has its turn.
    fileprivate var cursor = 0

    public init() {}
}

extension Arbiter {
    /// The lanes that have changed since the last call.
    /// - Parameter room: How many lanes and contributions may be told at once; the others come with the next calls.
    func changedLanes(_ watch: inout LaneWatch, room: Int, at now: Instant, _ session: (UInt32) -> LinkID) -> [LaneSnapshot] {
        while watch.signatures.count < lanes.count { watch.signatures.append(0) }
        var found: [LaneSnapshot] = []
        var left = room
        for step in 0..<lanes.count where left > 0 {
            let lane = (watch.cursor + step) % lanes.count
            guard lanes[lane].isPresent, lanes[lane].traits.firstOutput != nil else {
                watch.signatures[lane] = 0
                continue
            }
            let signature = signature(lane, at: now)
            guard signature != watch.signatures[lane] else { continue }
            watch.signatures[lane] = signature
            found.append(snapshot(lane, at: now, session))
            left -= 1 + lanes[lane].contributions.count
            if left <= 0 { watch.cursor = (lane + 1) % lanes.count }
        }
        if left > 0 { watch.cursor = 0 }
        return found
    }

    /// Running numbers are never used twice, so their sum tells one set of contributions from another.
    private func signature(_ lane: Int, at now: Instant) -> UInt64 {
        var sum: UInt64 = 1
        for i in 0..<lanes[lane].contributions.count {
            let one = lanes[lane].contributions[i]
            sum &+= one.changed &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(UInt32(bitPattern: one.scaled)) &+ UInt64(one.priority) << 40
        }
        let parts: [UInt64] = [
            UInt64(lanes[lane].contributions.winningSession ?? .max), UInt64(UInt32(bitPattern: lanes[lane].wanted.value)),
            UInt64(lanes[lane].wanted.type.rawValue), UInt64(lanes[lane].written.type?.rawValue ?? 99),
            UInt64(UInt32(bitPattern: lanes[lane].written.value)), UInt64(lanes[lane].leases.moving?.owner ?? .max),
            // A lease that is renewed all the time is told twice a second.
            (lanes[lane].leases.moving?.until.nanoseconds ?? 0) >> 29, UInt64(lanes[lane].leases.holding?.owner ?? .max),
            (lanes[lane].leases.holding?.until.nanoseconds ?? 0) >> 29, lanes[lane].bonds.heldOffUntil(after: now).nanoseconds,
            UInt64(lanes[lane].traits.device),
        ]
        for part in parts { sum = (sum ^ part) &* 0x100_0000_01B3 }
        return sum
    }

    /// The last write of every lane, and who drives it: what moves all the time.
    func levels(_ session: (UInt32) -> LinkID) -> [LaneLevel] {
        var all: [LaneLevel] = []
        for row in devices.indices where devices[row].isPresent {
            for lane in devices[row].lanes where lanes[lane].traits.firstOutput != nil {
                all.append(
                    LaneLevel(
                        device: lanes[lane].traits.device, feature: lanes[lane].traits.feature, type: lanes[lane].written.type,
                        value: lanes[lane].written.value, winner: lanes[lane].contributions.winningSession.map(session)))
            }
        }
        return all
    }
}

/// What a lane's device was told last.
public struct LaneLevel: Hashable, Sendable {
    public var device: UInt32
    public var feature: UInt32
    /// nil when nothing is known.
    public var type: OutputType?
    public var value: Int32
    public var winner: LinkID?
}
