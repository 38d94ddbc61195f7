// The fold: from the contributions of one lane to one value (`arbitration.md` §3, §4).
// Must not know sessions' rights, devices or time. Pure; tested with arrays.

import Buttplug
import Host

/// What a lane wants: a type and a value; value 0 is rest.
struct Wanted: Equatable {
    var type: OutputType
    var value: Int32

    static let rest = Wanted(type: .vibrate, value: 0)
    var isRest: Bool { value == 0 }
    var magnitude: Int32 { value < 0 ? -value : value }

    /// Whether going from `self` to `other` would start or strengthen anything.
    func rises(to other: Wanted) -> Bool {
        guard other.value != 0 else { return false }
        guard value != 0, type == other.type, (value < 0) == (other.value < 0) else { return true }
        return other.magnitude > magnitude
    }
}

/// What the fold needs to know of the lane apart from its contributions.
struct FoldContext {
    /// What the lane wanted before this fold; rest when it wanted nothing.
    var before: Wanted
    /// The contribution that is winning now (its session), if any: it keeps a tie.
    var incumbent: UInt32?
    /// How each type mixes on this lane.
    var mixes: InlineArray<9, Mix>
    /// Upper end of each type's range.
    var steps: InlineArray<9, Int32>
    /// What no value of the type may pass.
    var ceilings: InlineArray<9, Int32>
}

/// The fold's outcome.
struct Folded {
    var wanted: Wanted
    /// Index of the winning contribution; under `sum` and `average` the strongest. -1 at rest.
    var winner: Int
}

enum Fold {
    private typealias Contributors = UnsafeBufferPointer<Contribution>

    /// The value of a lane.
    static func evaluate(_ all: borrowing Slab<Contribution>, _ lane: FoldContext) -> Folded {
        all.withUnsafeBufferPointer { evaluate($0, lane) }
    }

    private static func evaluate(_ all: Contributors, _ lane: FoldContext) -> Folded {
        guard !all.isEmpty else { return Folded(wanted: .rest, winner: -1) }
        let top = highestPriority(all)
        let type = chosenType(all, top, lane.before)
        let row = Int(type.rawValue)
        let winner: Int
        switch lane.mixes[row] {
        case .highest, .sum, .average: winner = strongest(all, top, type, lane)
        case .latest: winner = newest(all, top, type)
        case .exclusive: winner = owner(all, top, type, lane.incumbent)
        }
        precondition(winner >= 0)
        var value: Int32
        switch lane.mixes[row] {
        case .highest, .latest, .exclusive: value = all[winner].scaled
        case .sum: value = clamped(total(all, top, type).sum, lane.steps[row])
        case .average:
            let (sum, count) = total(all, top, type)
            value = clamped(sum / Int64(count), lane.steps[row])
        }
        let ceiling = lane.ceilings[row]
        value = min(ceiling, max(-ceiling, value))
        return Folded(wanted: Wanted(type: type, value: value), winner: winner)
    }

    /// Index of the strongest top-priority contribution of an unsigned `type`, or -1. `evaluate` finds the same where `type` is the present
    /// type and its mix is `highest`.
    static func plainMaximum(_ all: borrowing Slab<Contribution>, of type: OutputType, _ incumbent: UInt32?) -> Int {
        all.withUnsafeBufferPointer { all in
            var top: UInt8 = 0
            var best = -1
            var greatest: Int32 = 0
            for i in all.indices where all[i].priority >= top {
                if all[i].priority > top {
                    top = all[i].priority
                    best = -1
                    greatest = 0
                }
                guard all[i].type == type, all[i].scaled >= greatest else { continue }
                if all[i].scaled > greatest || best < 0 || stronger(all, i, best, incumbent) == i { best = i }
                greatest = all[i].scaled
            }
            return best
        }
    }

    static func highestPriority(_ all: borrowing Slab<Contribution>) -> UInt8 { all.withUnsafeBufferPointer { highestPriority($0) } }

    private static func highestPriority(_ all: Contributors) -> UInt8 {
        var top: UInt8 = 0
        for i in all.indices where all[i].priority > top { top = all[i].priority }
        return top
    }

    /// The present type while a peer has it, else that of the contribution that changed last.
    private static func chosenType(_ all: Contributors, _ top: UInt8, _ before: Wanted) -> OutputType {
        var newest: UInt64 = 0
        var type = OutputType.vibrate
        for i in all.indices where all[i].priority == top {
            if !before.isRest, all[i].type == before.type { return before.type }
            if all[i].changeSerial >= newest {
                newest = all[i].changeSerial
                type = all[i].type
            }
        }
        return type
    }

    /// The strongest peer of the present direction; the other direction takes over when it is alone, or stronger by more than a
    /// tenth of the range. Without a present direction: the stronger one. Ties: incumbent, older session.
    private static func strongest(
        _ all: Contributors, _ top: UInt8, _ type: OutputType, _ lane: FoldContext
    ) -> Int {
        var forward = -1
        var backward = -1
        for i in all.indices where all[i].priority == top && all[i].type == type {
            if all[i].scaled > 0 {
                forward = forward < 0 ? i : stronger(all, i, forward, lane.incumbent)
            } else {
                backward = backward < 0 ? i : stronger(all, i, backward, lane.incumbent)
            }
        }
        if backward < 0 { return forward }
        if forward < 0 { return backward }
        guard !lane.before.isRest, lane.before.type == type else {
            return stronger(all, backward, forward, nil)
        }
        let (same, other) = lane.before.value > 0 ? (forward, backward) : (backward, forward)
        let lead = Int64(all[other].magnitude) - Int64(all[same].magnitude)
        return lead * 10 > Int64(lane.steps[Int(type.rawValue)]) ? other : same
    }

    /// The stronger of two; of equals the incumbent, else the older session.
    private static func stronger(_ all: Contributors, _ a: Int, _ b: Int, _ incumbent: UInt32?) -> Int {
        if all[a].magnitude != all[b].magnitude { return all[a].magnitude > all[b].magnitude ? a : b }
        if all[a].session == incumbent { return a }
        if all[b].session == incumbent { return b }
        return all[a].seniority < all[b].seniority ? a : b
    }

    private static func newest(_ all: Contributors, _ top: UInt8, _ type: OutputType) -> Int {
        var best = -1
        for i in all.indices where all[i].priority == top && all[i].type == type {
            if best < 0 || all[i].changeSerial > all[best].changeSerial { best = i }
        }
        return best
    }

    private static func owner(
        _ all: Contributors, _ top: UInt8, _ type: OutputType, _ incumbent: UInt32?
    ) -> Int {
        var best = -1
        for i in all.indices where all[i].priority == top && all[i].type == type {
            if let incumbent, all[i].session == incumbent { return i }
            if best < 0 || all[i].seniority < all[best].seniority { best = i }
        }
        return best
    }

    private static func total(
        _ all: Contributors, _ top: UInt8, _ type: OutputType
    ) -> (sum: Int64, count: Int) {
        var sum: Int64 = 0
        var count = 0
        for i in all.indices where all[i].priority == top && all[i].type == type {
            sum += Int64(all[i].scaled)
            count += 1
        }
        return (sum, max(1, count))
    }

    private static func clamped(_ value: Int64, _ steps: Int32) -> Int32 { Int32(min(Int64(steps), max(-Int64(steps), value))) }
}
