// The last write of every lane and who drives it, and since when: what moves all the time.
// Must not know who looks, or how often.

import Buttplug
import Host

/// What every lane's device was told last, as of the last look.
public struct LevelWatch: Sendable {
    /// By lane; nil where there is none.
    private var levels: [LaneLevel?] = []
    /// By lane, in which look the present level was seen first.
    private var since: [UInt64] = []
    /// How many looks there were.
    public private(set) var looks: UInt64 = 0

    public init() {}

    /// The levels that were seen first after this many looks.
    public func changed(after look: UInt64) -> [LaneLevel] {
        var changed: [LaneLevel] = []
        for lane in levels.indices where since[lane] > look { if let level = levels[lane] { changed.append(level) } }
        return changed
    }

    mutating func look(at arbiter: borrowing Arbiter, _ session: (UInt32) -> LinkID) {
        looks += 1
        while levels.count < arbiter.lanes.count {
            levels.append(nil)
            since.append(0)
        }
        for lane in levels.indices {
            let level = arbiter.level(of: lane, session)
            guard level != levels[lane] else { continue }
            levels[lane] = level
            since[lane] = looks
        }
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

extension Arbiter {
    /// nil when the lane is not shown.
    fileprivate func level(of lane: Int, _ session: (UInt32) -> LinkID) -> LaneLevel? {
        guard isShown(lane) else { return nil }
        return LaneLevel(
            device: lanes[lane].traits.device, feature: lanes[lane].traits.feature, type: lanes[lane].written.type,
            value: lanes[lane].written.value, winner: lanes[lane].contributions.winningSession.map(session))
    }
}
