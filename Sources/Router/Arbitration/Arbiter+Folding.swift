// How a lane comes to its wanted value after something about it changed: fold, freeze, lease, ramp.
// Must not write to devices; it only marks lanes that owe something.

import Buttplug
import Host

extension Arbiter {
    /// Takes a contribution off a lane. The caller folds.
    mutating func endContribution(_ lane: Int, _ place: Int) {
        lanes[lane].contributions.swapRemove(place)
        if lanes[lane].winner == place {
            lanes[lane].winner = -1
        } else if lanes[lane].winner == lanes[lane].contributions.count {
            lanes[lane].winner = place
        }
    }

    /// Folds a lane again. A change by the operator never raises anything: what would rise waits until its session commands again.
    mutating func refold(_ lane: Int, operatorChange: Bool = false, at now: Instant, into effects: inout ArbiterEffects) {
        let before = lanes[lane].wanted
        let folded = fold(lane)
        lanes[lane].winner = folded.winner
        var wanted = folded.wanted
        if !lanes[lane].frozen.isRest { wanted = limitedByFreeze(lane, wanted) }
        if operatorChange, !before.isRest, before.rises(to: wanted) {
            freeze(lane, at: before)
            wanted = limitedByFreeze(lane, wanted)
        }
        lanes[lane].wanted = wanted
        // A lease that has run out is no longer an event: whoever the change made an equal of its owner waits for its own next command.
        if operatorChange, let lease = lanes[lane].heldLease, lease.until <= now { lanes[lane].isLeaseOver = true }
        holdLease(lane, at: now)
        guard wanted != before else { return }
        lanes[lane].refreshOwed = false
        lanes[lane].repeatsSince = .never
        wantedChanged(lane, at: now, into: &effects)
    }

    /// The fold of a lane's contributions. One that keeps its type and is mixed by plain maximum takes one look at each.
    @inline(__always)
    private func fold(_ lane: Int) -> Folded {
        let present = lanes[lane].wanted
        let winner = lanes[lane].winner
        let incumbent = lanes[lane].heldLease?.owner ?? (winner >= 0 ? lanes[lane].contributions[winner].session : nil)
        if !present.isRest, lanes[lane].plain.contains(present.type) {
            let best = Fold.plainMaximum(lanes[lane].contributions, of: present.type, incumbent)
            if best >= 0 {
                let value = min(lanes[lane].contributions[best].scaled, lanes[lane].limits[Int(present.type.rawValue)])
                return Folded(wanted: Wanted(type: present.type, value: value), winner: best)
            }
        }
        return Fold.evaluate(
            lanes[lane].contributions,
            FoldContext(
                present: present, incumbent: incumbent, mixes: lanes[lane].mixes, steps: lanes[lane].steps, limits: lanes[lane].limits))
    }

    /// From now on the contributions that are there raise the lane no higher than this.
    private mutating func freeze(_ lane: Int, at value: Wanted) {
        lanes[lane].frozen = value
        lanes[lane].frozenSince = tick()
    }

    /// What a frozen lane wants: no more than when it was frozen, unless a session that the risen value is made of has commanded since. It stays
    /// frozen whatever else comes and goes, until every contribution on it is newer.
    /// When what drove the lane has ended and only another type or direction is left of old, that would have to start: it ends too, for rest is
    /// empty.
    private mutating func limitedByFreeze(_ lane: Int, _ raw: Wanted) -> Wanted {
        let frozen = lanes[lane].frozen
        if !hasOldContribution(lane) {
            lanes[lane].frozen = .rest
            return raw
        }
        if !frozen.rises(to: raw) || isNewlyCommanded(raw, on: lane) { return raw }
        let strongest = lanes[lane].strongest(frozen.type, backward: frozen.value < 0)
        if strongest == 0 { return endOldContributions(lane) }
        let magnitude = min(frozen.magnitude, strongest, lanes[lane].limits[Int(frozen.type.rawValue)])
        return Wanted(type: frozen.type, value: frozen.value < 0 ? -magnitude : magnitude)
    }

    /// Ends the contributions from before the lane was frozen, and with them the freeze; what the others want.
    private mutating func endOldContributions(_ lane: Int) -> Wanted {
        let since = lanes[lane].frozenSince
        lanes[lane].frozen = .rest
        for place in stride(from: lanes[lane].contributions.count - 1, through: 0, by: -1)
        where lanes[lane].contributions[place].accepted <= since {
            endContribution(lane, place)
        }
        let folded = fold(lane)
        lanes[lane].winner = folded.winner
        return folded.wanted
    }

    /// Whether a contribution is there that was accepted before the lane was frozen.
    private func hasOldContribution(_ lane: Int) -> Bool {
        for i in lanes[lane].contributions.indices where lanes[lane].contributions[i].accepted <= lanes[lane].frozenSince { return true }
        return false
    }

    /// Whether a session that the value is made of has commanded since the lane was frozen.
    private func isNewlyCommanded(_ raw: Wanted, on lane: Int) -> Bool {
        let since = lanes[lane].frozenSince
        let mix = lanes[lane].mixes[Int(raw.type.rawValue)]
        switch mix {
        case .sum, .average, .highest:
            let top = Fold.highestPriority(lanes[lane].contributions)
            for i in lanes[lane].contributions.indices {
                let part = lanes[lane].contributions[i]
                guard part.priority == top, part.type == raw.type, part.accepted > since else { continue }
                // Under `highest` an equal value is the risen one too.
                if mix != .highest || ((part.scaled < 0) == (raw.value < 0) && part.magnitude >= raw.magnitude) { return true }
            }
            return false
        case .latest, .exclusive:
            let winner = lanes[lane].winner
            return winner >= 0 && lanes[lane].contributions[winner].accepted > since
        }
    }

    /// Keeps the lease of an exclusive held type with whoever the fold chose; a new owner's lease is fresh.
    private mutating func holdLease(_ lane: Int, at now: Instant) {
        let winner = lanes[lane].winner
        guard winner >= 0, lanes[lane].mixes[Int(lanes[lane].contributions[winner].type.rawValue)] == .exclusive else {
            lanes[lane].heldLease = nil
            return
        }
        let owner = lanes[lane].contributions[winner]
        if lanes[lane].heldLease?.owner != owner.session {
            lanes[lane].heldLease = Lease(
                owner: owner.session, priority: owner.priority, until: now + settings.hold, accepted: owner.accepted)
            lanes[lane].isLeaseOver = false
        }
        lanes[lane].heldLease?.priority = owner.priority
        watchLease(lane)
    }

    /// While somebody of equal priority waits, the lease's end is an event.
    mutating func watchLease(_ lane: Int) {
        guard let lease = lanes[lane].heldLease, lanes[lane].contributions.count > 1, !lanes[lane].isLeaseOver else { return }
        wake(lane, at: lease.until)
    }

    /// The lease has run out: a waiting peer takes over for good, and the former owner's contribution ends. Nobody waits: it stays.
    mutating func leaseEnded(_ lane: Int, at now: Instant, into effects: inout ArbiterEffects) {
        guard let lease = lanes[lane].heldLease, lease.until <= now, !lanes[lane].isLeaseOver else { return }
        let place = lanes[lane].place(of: lease.owner)
        guard place >= 0 else { return }
        let top = lanes[lane].contributions[place].priority
        for i in lanes[lane].contributions.indices where i != place && lanes[lane].contributions[i].priority == top {
            endContribution(lane, place)
            lanes[lane].heldLease = nil
            refold(lane, at: now, into: &effects)
            return
        }
    }

    /// The lane wants something else: who waited for the old value is answered, and the lane is looked at when the turn ends.
    @inline(__always)
    private mutating func wantedChanged(_ lane: Int, at now: Instant, into effects: inout ArbiterEffects) {
        let wanted = lanes[lane].wanted
        settleWaiting(lane, into: &effects)
        if wanted.isRest { lanes[lane].frozen = .rest }
        setLevel(lane, at: now)
        lanes[lane].retryAt = .zero
        touch(lane)
    }

    /// Whoever waits for the lane's next write has been overtaken: `Ok`.
    mutating func settleWaiting(_ lane: Int, into effects: inout ArbiterEffects) {
        guard let waiting = lanes[lane].waiting else { return }
        effects.replies.append(SettledReply(to: waiting.to, outcome: .ok))
        lanes[lane].waiting = nil
    }
}

// MARK: Slew

extension Arbiter {
    private func slew(_ lane: Int) -> Fraction? {
        policies[Int(lanes[lane].policies[Int(lanes[lane].wanted.type.rawValue)])].slew
    }

    /// Sets the value to write now, after the wanted one changed.
    private mutating func setLevel(_ lane: Int, at now: Instant) {
        let wanted = lanes[lane].wanted
        guard !wanted.isRest, let slew = slew(lane) else {
            lanes[lane].level = wanted.value
            lanes[lane].levelType = wanted.type
            lanes[lane].ramp.forget()
            return
        }
        let level = lanes[lane].level
        let isSame = lanes[lane].levelType == wanted.type && level != 0 && (level < 0) == (wanted.value < 0)
        let reached = isSame ? abs(level) : 0
        lanes[lane].levelType = wanted.type
        if !isSame { lanes[lane].ramp.forget() }
        if isSame, wanted.magnitude < reached {
            lanes[lane].level = wanted.value
            lanes[lane].ramp.end()
        } else if isSame, wanted.magnitude == reached {
            lanes[lane].ramp.reachedTarget()
        } else if !lanes[lane].ramp.isActive {
            beginRamp(lane, from: reached, slew, at: now)
        }
    }

    private mutating func beginRamp(_ lane: Int, from reached: Int32, _ slew: Fraction, at now: Instant) {
        let wanted = lanes[lane].wanted
        let steps = lanes[lane].steps[Int(wanted.type.rawValue)]
        let first = lanes[lane].ramp.begin(from: reached, steps: steps, slew: slew, at: now)
        lanes[lane].level = wanted.value < 0 ? -first : first
        // A step that was written before the target went away and came back is not written again.
        if !lanes[lane].owesWanted, let written = lanes[lane].writtenAt { rampWritten(lane, at: written) }
    }

    /// The operator changed the settings under a ramp: it goes no higher until a command says so. Under a new `slew` a value that has not been written
    /// yet is reached by steps.
    mutating func freezeRamp(_ lane: Int, at now: Instant) {
        guard lanes[lane].ramp.isActive else {
            guard lanes[lane].owesWanted, let slew = slew(lane) else { return }
            let wanted = lanes[lane].wanted
            let isSame = lanes[lane].writtenType == wanted.type && (lanes[lane].writtenValue < 0) == (wanted.value < 0)
            let reached = isSame ? abs(lanes[lane].writtenValue) : 0
            if wanted.magnitude > reached { beginRamp(lane, from: reached, slew, at: now) }
            return
        }
        let reached = Wanted(type: lanes[lane].levelType, value: lanes[lane].level)
        lanes[lane].ramp.end()
        freeze(lane, at: reached)
        lanes[lane].wanted = reached
        touch(lane)
    }

    /// Takes a ramp as far as time allows, at most every `slewStep`.
    mutating func advanceRamp(_ lane: Int, at now: Instant) {
        guard lanes[lane].ramp.isActive, let slew = slew(lane) else { return }
        let wanted = lanes[lane].wanted
        if now >= lanes[lane].ramp.nextStep(every: settings.slewStep) {
            let steps = lanes[lane].steps[Int(wanted.type.rawValue)]
            let magnitude = lanes[lane].ramp.step(towards: wanted.magnitude, steps: steps, slew: slew, at: now)
            lanes[lane].level = wanted.value < 0 ? -magnitude : magnitude
        }
        if lanes[lane].level != wanted.value { wake(lane, at: lanes[lane].ramp.nextStep(every: settings.slewStep)) }
    }

    /// The lane's level was written.
    mutating func rampWritten(_ lane: Int, at now: Instant) {
        lanes[lane].ramp.written(reachesTarget: lanes[lane].level == lanes[lane].wanted.value, at: now)
        wake(lane, at: lanes[lane].ramp.nextStep(every: settings.slewStep))
    }

    /// A level of the lane was refused, or nobody answered: a rise of which nothing was carried out begins again.
    mutating func rampFailed(_ lane: Int, writing value: Int32) {
        guard let first = lanes[lane].ramp.failed(writing: value < 0 ? -value : value) else { return }
        lanes[lane].level = lanes[lane].level < 0 ? -first : first
    }
}
