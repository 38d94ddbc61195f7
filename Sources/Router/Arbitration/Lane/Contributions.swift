// All contributions to one lane, and which of them wins.
// Must not know sessions' rights or time; the fold decides how values mix.

import Buttplug
import Host

/// The mark is another one after each change of a contribution. Only `LaneWatch` compares marks.
struct ChangeMark {
    /// The running number of the newest command that changed a contribution. No number is used twice, also when a device goes and comes back.
    fileprivate(set) var lastCommand: UInt64 = 0
    /// How many contributions have ended, or have got other rights.
    fileprivate(set) var otherChanges: UInt64 = 0
}

/// The contributions of one lane, in no order.
struct Contributions: ~Copyable {
    private(set) var all = Slab<Contribution>(capacity: 2)
    /// Index of the winning contribution, or -1.
    private(set) var winner = -1
    private(set) var mark = ChangeMark()

    var count: Int { all.count }
    var isEmpty: Bool { all.isEmpty }

    subscript(index: Int) -> Contribution {
        @inline(__always) get { all[index] }
    }

    /// The session that wins; nil at rest.
    var winningSession: UInt32? { winner >= 0 ? all[winner].session : nil }

    func isWinner(_ session: UInt32) -> Bool { winner >= 0 && all[winner].session == session }

    /// Index of the session's contribution, or -1.
    func index(of session: UInt32) -> Int {
        all.withUnsafeBufferPointer { all in
            for i in all.indices where all[i].session == session { return i }
            return -1
        }
    }

    /// The same, for an app that drives a few lanes again and again: looks first where the contribution was the last time.
    @inline(__always)
    func index(of session: UInt32, hint: inout UInt16) -> Int {
        let expected = Int(hint)
        if expected < all.count, all[expected].session == session { return expected }
        let index = index(of: session)
        if index >= 0, index < 65_536 { hint = UInt16(truncatingIfNeeded: index) }
        return index
    }

    /// Whether the winner of a plain maximum is the same when the contribution at `own` gets this value: it is the winner's own and not
    /// weaker, or another's that does not beat the winner.
    @inline(__always)
    func winnerStays(_ own: Int, _ type: OutputType, _ scaled: Int32) -> Bool {
        guard winner >= 0, all[own].type == type else { return false }
        // The winner's own: the new value against the old one.
        if winner == own { return scaled >= all[own].scaled || all.count == 1 }
        // Another's: the new value against the winner's.
        guard all[winner].type == type else { return false }
        return all[own].priority < all[winner].priority || (all[own].priority == all[winner].priority && scaled <= all[winner].scaled)
    }

    /// Whether a command differs in type or value from the one that the contribution is from.
    @inline(__always)
    func differs(_ index: Int, from order: Order) -> Bool { all[index].type != order.type || all[index].value != order.value }

    /// Whether another session has a contribution of the same priority.
    func hasPeer(of index: Int) -> Bool {
        let (session, priority) = (all[index].session, all[index].priority)
        return contains { $0.session != session && $0.priority == priority }
    }

    mutating func add(_ contribution: Contribution) {
        mark.lastCommand = contribution.changeSerial
        all.append(contribution)
    }

    /// The session commands again.
    @inline(__always)
    mutating func renew(_ held: HeldCommand, _ type: OutputType, _ value: Int32) {
        all[held.index].serial = held.serial
        guard held.hasChanged else { return }
        all[held.index].type = type
        all[held.index].value = value
        all[held.index].scaled = held.scaled
        all[held.index].changeSerial = held.serial
        mark.lastCommand = held.serial
    }

    /// The session's rights have changed.
    mutating func setRights(_ index: Int, priority: UInt8, scaled: Int32) {
        all[index].priority = priority
        all[index].scaled = scaled
        mark.otherChanges &+= 1
    }

    mutating func end(at index: Int) {
        mark.otherChanges &+= 1
        all.swapRemove(index)
        if winner == index {
            winner = -1
        } else if winner == all.count {
            winner = index
        }
    }

    /// Ends the session's contribution; false when it has none.
    @discardableResult
    mutating func end(of session: UInt32) -> Bool {
        let index = index(of: session)
        if index >= 0 { end(at: index) }
        return index >= 0
    }

    mutating func endAll() {
        mark.otherChanges &+= 1
        all.removeAll()
        winner = -1
    }

    /// Ends those that `isMeant` is true of.
    mutating func end(where isMeant: (Contribution) -> Bool) {
        for index in stride(from: all.count - 1, through: 0, by: -1) where isMeant(all[index]) { end(at: index) }
    }

    func contains(where isMeant: (Contribution) -> Bool) -> Bool {
        for index in all.indices where isMeant(all[index]) { return true }
        return false
    }

    /// The strongest magnitude of one type and direction; 0 when nobody wants it.
    func strongest(_ type: OutputType, backward: Bool) -> Int32 {
        var best: Int32 = 0
        for i in all.indices where all[i].type == type && (all[i].scaled < 0) == backward { best = max(best, all[i].magnitude) }
        return best
    }

    /// The value while the present type stays and is a plain maximum: each contribution is read once. Notes who wins. nil: there is no present type, or it goes.
    @inline(__always)
    mutating func foldPlainly(_ context: FoldContext, ceiling: Int32) -> Wanted? {
        guard !context.before.isRest else { return nil }
        let best = Fold.plainMaximum(all, of: context.before.type, context.incumbent)
        guard best >= 0 else { return nil }
        winner = best
        return Wanted(type: context.before.type, value: min(all[best].scaled, ceiling))
    }

    /// Mixes those that were chosen to one value, and notes who wins.
    @inline(__always)
    mutating func fold(_ choice: FoldChoice, _ rule: MixRule, _ context: FoldContext) -> Wanted {
        let folded = all.isEmpty ? Folded(wanted: .rest, winner: -1) : Fold.evaluate(all, choice, rule, context)
        winner = folded.winner
        return folded.wanted
    }
}
