// Which lanes have changed since somebody looked, found without making a picture of each.
// Must not know who looks. What is stored here belongs to the watcher, and costs the router nothing.

import Buttplug
import Host

/// What a watcher has seen of all lanes.
struct LaneWatch {
    /// A number per lane that differs when anything an operator sees of it has changed.
    fileprivate var signatures: [UInt64] = []
    /// Where the next look begins: with more to report than there is room for, every lane has its turn.
    fileprivate var cursor = 0
}

extension Arbiter {
    /// The lanes that have changed since the last call.
    /// - Parameter room: How many lanes and contributions may be reported at once; the others come with the next calls.
    func changedLanes(_ watch: inout LaneWatch, room: Int, at now: Instant, _ session: (UInt32) -> LinkID) -> [LaneSnapshot] {
        while watch.signatures.count < lanes.count { watch.signatures.append(0) }
        var found: [LaneSnapshot] = []
        var left = room
        for step in 0..<lanes.count where left > 0 {
            let lane = (watch.cursor + step) % lanes.count
            guard isShown(lane) else {
                watch.signatures[lane] = 0
                continue
            }
            let signature = signature(lane, at: now, session)
            guard signature != watch.signatures[lane] else { continue }
            watch.signatures[lane] = signature
            found.append(snapshot(lane, at: now, session))
            left -= 1 + lanes[lane].contributions.count
            if left <= 0 { watch.cursor = (lane + 1) % lanes.count }
        }
        if left > 0 { watch.cursor = 0 }
        return found
    }

    /// Whether an operator sees the lane: its device is there, and the feature has an output.
    func isShown(_ lane: Int) -> Bool { lanes[lane].isPresent && lanes[lane].traits.hasOutput }

    /// Running numbers are never used twice, so the newest one tells contributions from earlier ones.
    private func signature(_ lane: Int, at now: Instant, _ session: (UInt32) -> LinkID) -> UInt64 {
        let lease = lease(lane, at: now)
        // A slot is not enough: who is there now may be another session than the one that was told.
        func number(_ slot: UInt32?) -> UInt64 { slot.map { UInt64(session($0).generation) << 32 | UInt64($0) } ?? .max }
        var sum: UInt64 = 1
        func add(_ part: UInt64) { sum = (sum ^ part) &* 0x9E37_79B9_7F4A_7C15 }
        add(lanes[lane].contributions.mark.lastCommand)
        add(lanes[lane].contributions.mark.otherChanges)
        add(number(lanes[lane].contributions.winningSession))
        add(UInt64(UInt32(bitPattern: lanes[lane].wanted.value)) | UInt64(lanes[lane].wanted.type.rawValue) << 32)
        add(UInt64(UInt32(bitPattern: lanes[lane].written.value)) | UInt64(lanes[lane].written.type?.rawValue ?? 99) << 32)
        add(number(lease?.owner))
        // A lease that is renewed all the time is told twice a second.
        add((lease?.until.nanoseconds ?? 0) >> 29)
        add(lease.map { $0.kind == .moves ? 1 : $0.kind == .holds ? 2 : 3 } ?? 0)
        add(lanes[lane].pauses.heldOffUntil(after: now).nanoseconds)
        add(UInt64(lanes[lane].traits.device) | UInt64(lanes[lane].traits.feature) << 32)
        return sum
    }
}
