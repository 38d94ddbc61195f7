// The emergency stop of a cell: who has raised it, and which raises are cleared. Both sets only grow, so members that were apart agree again.
// Must not know how members tell each other, nor what a stop does.

/// Stopped: there is a raise that is not cleared. A clear names raises, so one that was not known to who cleared stays.
struct LatchSet: Hashable, Sendable {
    /// Raises that are not cleared, in ascending order.
    private(set) var raised: [UInt64] = []
    /// Cleared raises, the newest last. What is forgotten raises again where somebody still has it: the safe side.
    private(set) var cleared: [UInt64] = []

    static var clearedMax: Int { 256 }
    /// Raises that one member can tell of.
    static var raisedMax: Int { 256 }

    var isStopped: Bool { !raised.isEmpty }

    /// Differs when members do not agree on what is raised.
    var digest: UInt64 {
        raised.reduce(0) { sum, id in
            var word = (id ^ (id &>> 31)) &* 0x9E37_79B9_7F4A_7C15
            word ^= word &>> 29
            return sum &+ word
        }
    }

    mutating func raise(_ id: UInt64) {
        guard raised.count < Self.raisedMax, !cleared.contains(id), !raised.contains(id) else { return }
        raised.append(id)
        raised.sort()
    }

    /// Clears the raises that are known here.
    mutating func clear() {
        cleared += raised
        raised = []
        cleared.removeFirst(max(0, cleared.count - Self.clearedMax))
    }

    /// What another member has told. True when a raise is new here.
    mutating func merge(raised told: [UInt64], cleared toldCleared: [UInt64]) -> Bool {
        for id in toldCleared where !cleared.contains(id) { cleared.append(id) }
        raised.removeAll { cleared.contains($0) }
        let before = raised.count
        for id in told { raise(id) }
        cleared.removeFirst(max(0, cleared.count - Self.clearedMax))
        return raised.count > before
    }
}
