// A frozen lane: after a change by the operator, contributions from before it raise the lane no higher than it was (`arbitration.md` §6).
// Must not know what the change was.

import Buttplug

/// What contributions from before the operator's change may not exceed.
struct Freeze {
    /// Rest while the lane is not frozen.
    private(set) var value = Wanted.rest
    /// The change's running number: a contribution that was accepted later is free.
    private var since: UInt64 = 0

    var isActive: Bool { !value.isRest }

    mutating func begin(at value: Wanted, _ number: UInt64) {
        self.value = value
        since = number
    }

    mutating func end() { value = .rest }

    /// What a frozen lane wants.
    /// - The mixed value itself, if it is no more than when the lane was frozen, or if a session whose contribution is in it has sent a
    ///   command since. When every contribution is newer than the freeze, the freeze ends.
    /// - Otherwise as much of it as there was before.
    /// - nil if what drove the lane has ended. Another type or direction from before the freeze would have to start, and it may not.
    mutating func limited(_ raw: Wanted, _ contributions: borrowing Contributions, _ traits: borrowing LaneTraits) -> Wanted? {
        let since = since
        guard contributions.contains(where: { $0.serial <= since }) else {
            end()
            return raw
        }
        if !value.rises(to: raw) || isNewlyCommanded(raw, contributions, traits) { return raw }
        let strongest = contributions.strongest(value.type, backward: value.value < 0)
        if strongest == 0 { return nil }
        let magnitude = min(value.magnitude, strongest, traits.ceilings[Int(value.type.rawValue)])
        return Wanted(type: value.type, value: value.value < 0 ? -magnitude : magnitude)
    }

    /// Ends the contributions from before the change, and the freeze with them: rest is empty.
    mutating func endOld(_ contributions: inout Contributions) {
        let since = since
        end()
        contributions.end { $0.serial <= since }
    }

    /// Whether a session that the value is made of has commanded since the lane was frozen.
    private func isNewlyCommanded(_ raw: Wanted, _ contributions: borrowing Contributions, _ traits: borrowing LaneTraits) -> Bool {
        let since = since
        let mix = traits.mixes[Int(raw.type.rawValue)]
        switch mix {
        case .sum, .average, .highest:
            let top = Fold.highestPriority(contributions.all)
            return contributions.contains {
                guard $0.priority == top, $0.type == raw.type, $0.serial > since else { return false }
                // Under `highest` only a value that is as high as the risen one counts.
                return mix != .highest || (($0.scaled < 0) == (raw.value < 0) && $0.magnitude >= raw.magnitude)
            }
        case .latest, .exclusive:
            let winner = contributions.winner
            return winner >= 0 && contributions[winner].serial > since
        }
    }
}
