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

    /// Whether a late write agrees with it; `level` is what is to be written now. A late move does: it is over, and no value contradicts it.
    func agrees(with late: Flight, level: Int32) -> Bool {
        if isRest || type != late.type { return late.value == 0 || late.type.isMove }
        return late.value == level
    }

    /// Whether going from `self` to `other` would start or strengthen anything.
    func rises(to other: Wanted) -> Bool {
        guard other.value != 0 else { return false }
        guard value != 0, type == other.type, (value < 0) == (other.value < 0) else { return true }
        return other.magnitude > magnitude
    }
}

/// What decides between contributions that are equal.
struct FoldContext {
    /// What the lane wanted before this fold; rest when it wanted nothing.
    var before: Wanted
    /// The contribution that is winning now (its session), if any: it keeps a tie.
    var incumbent: UInt32?
}

/// How one output type mixes on a lane.
struct MixRule {
    var mix: Mix
    /// Upper end of the type's range.
    var steps: Int32
    /// What no value of the type may pass.
    var ceiling: Int32
}

/// Which contributions a lane's value is made of.
struct FoldChoice {
    var type: OutputType
    /// The highest one.
    var priority: UInt8
}

/// The fold's outcome.
struct Folded {
    var wanted: Wanted
    /// Index of the winning contribution; under `sum` and `average` the strongest. -1 at rest.
    var winner: Int
}

enum Fold {
    private typealias Contributors = UnsafeBufferPointer<Contribution>

    /// Which contributions count.
    @inline(__always)
    static func choice(of all: borrowing Slab<Contribution>, _ context: FoldContext) -> FoldChoice {
        all.withUnsafeBufferPointer {
            let top = highestPriority($0)
            return FoldChoice(type: chosenType($0, top, context.before), priority: top)
        }
    }

    /// The value of a lane that has contributions.
    /// - Parameter rule: How the chosen type mixes on this lane.
    @inline(__always)
    static func evaluate(
        _ all: borrowing Slab<Contribution>, _ choice: FoldChoice, _ rule: MixRule, _ context: FoldContext
    ) -> Folded {
        all.withUnsafeBufferPointer { evaluate($0, choice, rule, context) }
    }

    private static func evaluate(_ all: Contributors, _ choice: FoldChoice, _ rule: MixRule, _ context: FoldContext) -> Folded {
        let (top, type) = (choice.priority, choice.type)
        let winner: Int
        switch rule.mix {
        case .highest, .sum, .average: winner = strongest(all, top, type, rule.steps, context)
        case .latest: winner = newest(all, top, type)
        case .exclusive: winner = owner(all, top, type, context.incumbent)
        }
        precondition(winner >= 0)
        var value: Int32
        switch rule.mix {
        case .highest, .latest, .exclusive: value = all[winner].scaled
        case .sum: value = clamped(total(all, top, type).sum, rule.steps)
        case .average:
            let (sum, count) = total(all, top, type)
            value = clamped(sum / Int64(count), rule.steps)
        }
        value = min(rule.ceiling, max(-rule.ceiling, value))
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

    /// The present type while a contribution of the top priority has it, else that of the contribution that changed last.
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

    /// The strongest contribution of the top priority in the present direction; the other direction takes over when it is alone, or stronger by more than a
    /// tenth of the range. Without a present direction: the stronger one. Ties: incumbent, older session.
    private static func strongest(
        _ all: Contributors, _ top: UInt8, _ type: OutputType, _ steps: Int32, _ context: FoldContext
    ) -> Int {
        var forward = -1
        var backward = -1
        for i in all.indices where all[i].priority == top && all[i].type == type {
            if all[i].scaled > 0 {
                forward = forward < 0 ? i : stronger(all, i, forward, context.incumbent)
            } else {
                backward = backward < 0 ? i : stronger(all, i, backward, context.incumbent)
            }
        }
        if backward < 0 { return forward }
        if forward < 0 { return backward }
        guard !context.before.isRest, context.before.type == type else {
            return stronger(all, backward, forward, nil)
        }
        let (same, other) = context.before.value > 0 ? (forward, backward) : (backward, forward)
        let lead = Int64(all[other].magnitude) - Int64(all[same].magnitude)
        return lead * 10 > Int64(steps) ? other : same
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
