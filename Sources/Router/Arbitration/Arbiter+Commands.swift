// Accepted commands: held values, zeros, moves, sprays (`arbitration.md` §4–§6, §8).
// Must not parse or answer; it says what the sender is told and leaves the words to others.

import Buttplug
import Host

extension Arbiter {
    /// Whether a move may last this long on this lane (`max_duration`).
    public func allowsDuration(_ lane: LaneRef, _ type: OutputType, _ duration: UInt32) -> Bool {
        guard type.isMove, let most = policy(lane.at, type).maxDurationMilliseconds else { return true }
        return duration <= most
    }

    func policy(_ lane: Int, _ type: OutputType) -> LanePolicy { policies[Int(lanes[lane].policies[Int(type.rawValue)])] }

    /// Carries out a command whose lane, type and range have been checked with `check`. Replies that it overtakes are in
    /// `effects.replies` when it returns; they leave before its own.
    public mutating func command(
        _ ref: LaneRef, type: OutputType, value: Int32, duration: UInt32, from reply: ReplyTo, at now: Instant,
        into effects: inout ArbiterEffects
    ) -> Verdict {
        let lane = ref.at
        let slot = Int(reply.session)
        if type.isMove, !allowsDuration(ref, type, duration) { return .durationTooLong }
        if sessions[slot].rights.role == .observer { return .deniedObserver }
        if value == 0, !type.isMove { return zero(lane, type, from: reply, at: now, into: &effects) }
        if isStopped || isEnding { return .stopped }
        if let gate = sessions[slot].gate { return gate }
        if lanes[lane].holdOffUntil > now { return .heldOff }
        sessions[slot].hasDriven = true
        if type.isMove { return move(lane, type, value, duration, from: reply, at: now, into: &effects) }
        var scaled = value
        if !sessions[slot].isPlain { scaled = self.scaled(value, of: lanes[lane].steps[Int(type.rawValue)], slot) }
        if scaled == 0 || lanes[lane].limits[Int(type.rawValue)] == 0 {
            let verdict = zero(lane, type, from: reply, at: now, into: &effects)
            return verdict == .waits ? .waits : .silenced
        }
        if type == .spray { return spray(lane, scaled, from: reply, at: now, into: &effects) }
        return hold(lane, type, value, scaled, from: reply, at: now, into: &effects)
    }

    /// The value after the session's gain and cap.
    func scaled(_ value: Int32, of steps: Int32, _ slot: Int) -> Int32 {
        let rights = sessions[slot].rights
        let magnitude = min(rights.gain.ceil(of: value < 0 ? -value : value), rights.cap.floor(of: steps))
        return value < 0 ? -magnitude : magnitude
    }

    // MARK: Held values

    @inline(__always)
    private mutating func hold(
        _ lane: Int, _ type: OutputType, _ value: Int32, _ scaled: Int32, from reply: ReplyTo, at now: Instant,
        into effects: inout ArbiterEffects
    ) -> Verdict {
        if lanes[lane].moveLease != nil || lanes[lane].passOn != nil || lanes[lane].mixes[Int(type.rawValue)] == .exclusive {
            if let refusal = claim(lane, type, from: reply, at: now, into: &effects) { return refusal }
        }
        let accepted = tick()
        let place = findPlace(lane, reply.session)
        var isNews = true
        if place >= 0 {
            isNews = lanes[lane].contributions[place].type != type || lanes[lane].contributions[place].value != value
            if isQuick(lane, place, type, scaled) {
                return quick(lane, place, value, scaled, isNews, accepted, from: reply, at: now, into: &effects)
            }
            lanes[lane].contributions[place].type = type
            lanes[lane].contributions[place].value = value
            lanes[lane].contributions[place].scaled = scaled
            lanes[lane].contributions[place].accepted = accepted
            if isNews { lanes[lane].contributions[place].news = accepted }
        } else {
            let session = sessions[Int(reply.session)]
            lanes[lane].contributions.append(
                Contribution(
                    session: reply.session, seniority: session.seniority, type: type, priority: session.rights.priority, value: value,
                    scaled: scaled, news: accepted, accepted: accepted))
        }
        let before = lanes[lane].wanted
        refold(lane, at: now, into: &effects)
        renewHeldLease(lane, reply.session, accepted, at: now)
        return verdict(lane, type, from: before, isNews, accepted, reply, at: now)
    }

    /// What the sender of an accepted held command is told.
    private mutating func verdict(
        _ lane: Int, _ type: OutputType, from before: Wanted, _ isNews: Bool, _ accepted: UInt64, _ reply: ReplyTo, at now: Instant
    ) -> Verdict {
        if lanes[lane].wanted != before {
            guard lanes[lane].owesWanted else { return .duplicate }
            lanes[lane].waiting = WaitingReply(to: reply, accepted: accepted)
            return .waits
        }
        let winner = lanes[lane].winner
        let isWinner = winner >= 0 && lanes[lane].contributions[winner].session == reply.session
        if isWinner, refreshIsDue(lane, at: now) {
            lanes[lane].refreshOwed = true
            lanes[lane].repeatsSince = .never
            lanes[lane].waiting = WaitingReply(to: reply, accepted: accepted)
            touch(lane)
            return .waits
        }
        if isWinner || !isNews { return .duplicate }
        return type == lanes[lane].wanted.type ? .merged : .shadowed
    }

    /// Whether the last write is so old that a repeat is written again.
    private func refreshIsDue(_ lane: Int, at now: Instant) -> Bool {
        guard let written = lanes[lane].writtenAt, !lanes[lane].isFlying, lanes[lane].waiting == nil else { return false }
        return now - written >= settings.refresh
    }

    /// Where the session's contribution stands, or -1; looks where it stood last before it searches.
    @inline(__always)
    private mutating func findPlace(_ lane: Int, _ session: UInt32) -> Int {
        let hint = Int(sessions[Int(session)].hints[lane & 15])
        if hint < lanes[lane].contributions.count, lanes[lane].contributions[hint].session == session { return hint }
        let place = lanes[lane].place(of: session)
        if place >= 0, place < 65_536 { sessions[Int(session)].hints[lane & 15] = UInt16(truncatingIfNeeded: place) }
        return place
    }

    /// Whether the fold is sure to be the winner's present or new value without looking at the others: a plain maximum of one
    /// type, nobody frozen, and the value neither weakens the winner nor challenges it.
    @inline(__always)
    private func isQuick(_ lane: Int, _ place: Int, _ type: OutputType, _ scaled: Int32) -> Bool {
        let winner = lanes[lane].winner
        guard winner >= 0, lanes[lane].plain.contains(type), lanes[lane].wanted.type == type, lanes[lane].frozen.isRest,
            lanes[lane].contributions[place].type == type
        else { return false }
        if winner == place { return scaled >= lanes[lane].contributions[place].scaled || lanes[lane].contributions.count == 1 }
        let best = lanes[lane].contributions[winner]
        let mine = lanes[lane].contributions[place].priority
        return best.type == type && (mine < best.priority || (mine == best.priority && scaled <= best.scaled))
    }

    @inline(__always)
    private mutating func quick(
        _ lane: Int, _ place: Int, _ value: Int32, _ scaled: Int32, _ isNews: Bool, _ accepted: UInt64, from reply: ReplyTo,
        at now: Instant, into effects: inout ArbiterEffects
    ) -> Verdict {
        lanes[lane].contributions[place].accepted = accepted
        if isNews {
            lanes[lane].contributions[place].value = value
            lanes[lane].contributions[place].scaled = scaled
            lanes[lane].contributions[place].news = accepted
        }
        guard lanes[lane].winner == place else { return isNews ? .merged : .duplicate }
        let type = lanes[lane].wanted.type
        let next = min(scaled, lanes[lane].limits[Int(type.rawValue)])
        let before = lanes[lane].wanted
        if next != before.value {
            if lanes[lane].waiting != nil { settleWaiting(lane, into: &effects) }
            lanes[lane].wanted.value = next
            lanes[lane].level = next
            lanes[lane].levelType = type
            lanes[lane].refreshOwed = false
            lanes[lane].retryAt = .zero
            touch(lane)
        }
        return verdict(lane, type, from: before, isNews, accepted, reply, at: now)
    }

    /// Renews the owner's lease with an accepted command of its own.
    private mutating func renewHeldLease(_ lane: Int, _ session: UInt32, _ accepted: UInt64, at now: Instant) {
        guard lanes[lane].heldLease?.owner == session else { return }
        lanes[lane].heldLease?.until = now + settings.hold
        lanes[lane].heldLease?.accepted = accepted
        lanes[lane].isLeaseOver = false
        watchLease(lane)
    }

    /// What leases say to a held command; nil lets it through.
    @inline(__always)
    private mutating func claim(
        _ lane: Int, _ type: OutputType, from reply: ReplyTo, at now: Instant, into effects: inout ArbiterEffects
    ) -> Verdict? {
        let mine = sessions[Int(reply.session)].rights.priority
        let refusal: Verdict = policy(lane, type).onConflict == .error ? .deniedLeased : .shadowed
        if let lease = lanes[lane].moveLease, !lanes[lane].isLeaseOfSprays {
            if lease.owner != reply.session, lease.until > now, lease.priority >= mine { return refusal }
            endMoves(lane, into: &effects)
        }
        guard lanes[lane].mixes[Int(type.rawValue)] == .exclusive, let lease = lanes[lane].heldLease, lease.owner != reply.session
        else { return nil }
        if lease.until > now {
            if lease.priority >= mine, refusal == .deniedLeased { return refusal }
        } else if lease.priority == mine {
            let place = lanes[lane].place(of: lease.owner)
            if place >= 0 { endContribution(lane, place) }
            lanes[lane].heldLease = nil
        }
        return nil
    }

    /// A move lease gives way, and with it the move that waits. A spray that waits there is its session's own affair.
    private mutating func endMoves(_ lane: Int, into effects: inout ArbiterEffects) {
        lanes[lane].moveLease = nil
        if let passOn = lanes[lane].passOn, passOn.type.isMove { takeBackPassOn(lane, into: &effects) }
    }

    /// The move or spray that waits is not written any more: `Ok`.
    mutating func takeBackPassOn(_ lane: Int, into effects: inout ArbiterEffects) {
        guard let passOn = lanes[lane].passOn else { return }
        effects.replies.append(SettledReply(to: passOn.reply.to, outcome: .ok))
        lanes[lane].passOn = nil
        giveUpTurn(lane)
    }

    /// A lane that owes nothing any more has no turn to keep.
    mutating func giveUpTurn(_ lane: Int) {
        if !lanes[lane].owesAnything { lanes[lane].dirtySince = 0 }
    }

    // MARK: Zeros

    /// A zero ends the session's contribution of that type and its lease. Never blocked.
    private mutating func zero(
        _ lane: Int, _ type: OutputType, from reply: ReplyTo, at now: Instant, into effects: inout ArbiterEffects
    ) -> Verdict {
        if type == .spray { return zeroSpray(lane, from: reply, into: &effects) }
        let place = findPlace(lane, reply.session)
        let accepted = tick()
        guard place >= 0, lanes[lane].contributions[place].type == type else {
            guard lanes[lane].wanted.isRest, lanes[lane].held.contains(type), refreshIsDue(lane, at: now), !lanes[lane].owesAnything,
                !lanes[lane].isLeased(notBy: reply.session, at: now)
            else { return .relinquished }
            lanes[lane].forcedZero.insert(type)
            lanes[lane].repeatsSince = .never
            lanes[lane].waiting = WaitingReply(to: reply, accepted: accepted)
            touch(lane)
            return .waits
        }
        endContribution(lane, place)
        let before = lanes[lane].wanted
        if lanes[lane].heldLease?.owner == reply.session { lanes[lane].heldLease = nil }
        refold(lane, at: now, into: &effects)
        guard lanes[lane].wanted != before, lanes[lane].owesHeld else { return .relinquished }
        lanes[lane].waiting = WaitingReply(to: reply, accepted: accepted)
        return .waits
    }

    /// A zero of spray takes the session's own spray back, if that still waits, and ends its claim.
    private mutating func zeroSpray(_ lane: Int, from reply: ReplyTo, into effects: inout ArbiterEffects) -> Verdict {
        if lanes[lane].isLeaseOfSprays, lanes[lane].moveLease?.owner == reply.session { lanes[lane].moveLease = nil }
        if let passOn = lanes[lane].passOn, passOn.type == .spray, passOn.reply.to.session == reply.session {
            takeBackPassOn(lane, into: &effects)
        }
        return .relinquished
    }

    // MARK: Moves and sprays

    private mutating func move(
        _ lane: Int, _ type: OutputType, _ value: Int32, _ duration: UInt32, from reply: ReplyTo, at now: Instant,
        into effects: inout ArbiterEffects
    ) -> Verdict {
        let row = Int(type.rawValue)
        let rights = sessions[Int(reply.session)].rights
        let most = min(rights.cap.floor(of: lanes[lane].steps[row]), lanes[lane].limits[row])
        if most == 0, value > 0 { return .silenced }
        let target = min(value, most)
        for i in lanes[lane].contributions.indices {
            let other = lanes[lane].contributions[i]
            if other.session != reply.session, other.priority >= rights.priority { return .shadowed }
        }
        if let refusal = moveRefusal(lane, type, reply.session, rights.priority, at: now) { return refusal }
        let accepted = tick()
        let length = min(Interval.milliseconds(Int64(duration)), settings.leaseMax)
        lanes[lane].moveLease = Lease(
            owner: reply.session, priority: rights.priority, until: now + length + settings.hold, accepted: accepted)
        lanes[lane].isLeaseOfSprays = false
        endContributions(lane, at: now, into: &effects)
        if lanes[lane].passOn == nil, lanes[lane].writtenType == type, lanes[lane].writtenValue == target,
            lanes[lane].writtenDuration == duration, let written = lanes[lane].writtenAt, now - written < settings.refresh
        {
            return .duplicate
        }
        pass(lane, type, target, duration, WaitingReply(to: reply, accepted: accepted), into: &effects)
        return .waits
    }

    /// What another's lease says to a move or an exclusive spray; nil lets it through.
    private func moveRefusal(
        _ lane: Int, _ type: OutputType, _ session: UInt32, _ priority: UInt8, at now: Instant
    ) -> Verdict? {
        guard let lease = lanes[lane].moveLease, lease.owner != session, lease.until > now else { return nil }
        let isBlocked =
            lanes[lane].mixes[Int(type.rawValue)] == .latest ? lease.priority > priority : lease.priority >= priority
        guard isBlocked else { return nil }
        return policy(lane, type).onConflict == .error ? .deniedLeased : .shadowed
    }

    private mutating func spray(
        _ lane: Int, _ scaled: Int32, from reply: ReplyTo, at now: Instant, into effects: inout ArbiterEffects
    ) -> Verdict {
        let row = Int(OutputType.spray.rawValue)
        let priority = sessions[Int(reply.session)].rights.priority
        if lanes[lane].mixes[row] == .exclusive {
            if let refusal = moveRefusal(lane, .spray, reply.session, priority, at: now) { return refusal }
        }
        if lanes[lane].sprayUntil > now { return .sprayLimited }
        let accepted = tick()
        lanes[lane].sprayUntil = now + settings.sprayGap
        if lanes[lane].mixes[row] == .exclusive {
            lanes[lane].moveLease = Lease(
                owner: reply.session, priority: priority, until: now + settings.hold, accepted: accepted)
            lanes[lane].isLeaseOfSprays = true
        }
        let value = min(scaled, lanes[lane].limits[row])
        pass(lane, .spray, value, 0, WaitingReply(to: reply, accepted: accepted), into: &effects)
        return .waits
    }

    /// Puts a move or spray where the lane's next write finds it; one that still waited is overtaken.
    private mutating func pass(
        _ lane: Int, _ type: OutputType, _ value: Int32, _ duration: UInt32, _ reply: WaitingReply,
        into effects: inout ArbiterEffects
    ) {
        if let passOn = lanes[lane].passOn { effects.replies.append(SettledReply(to: passOn.reply.to, outcome: .ok)) }
        lanes[lane].passOn = PassedOn(type: type, value: value, duration: duration, reply: reply)
        lanes[lane].retryAt = .zero
        touch(lane)
    }

    /// All contributions of a lane end, and it folds to rest.
    mutating func endContributions(_ lane: Int, at now: Instant, into effects: inout ArbiterEffects) {
        lanes[lane].heldLease = nil
        guard !lanes[lane].contributions.isEmpty else { return }
        lanes[lane].contributions.removeAll()
        lanes[lane].winner = -1
        refold(lane, at: now, into: &effects)
    }
}
