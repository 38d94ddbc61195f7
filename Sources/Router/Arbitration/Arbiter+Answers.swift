// Answers of devices, answers that do not come, and alarms (`arbitration.md` §7).
// Must not write by itself: it marks lanes, and `turnEnded` catches up.

import Buttplug
import Host

extension Arbiter {
    /// A device answered a write.
    public mutating func answered(ticket: UInt32, ok: Bool, at now: Instant, into effects: inout ArbiterEffects) {
        guard let place = flights.place(of: ticket) else { return }
        let flight = flights[place]
        let lane = Int(flight.lane)
        flights.remove(place)
        if flight.isLate {
            lanes[lane].lateFlights -= 1
            answeredLate(lane, flight, ok: ok, at: now)
            return
        }
        landed(lane, place, flight)
        if ok {
            succeeded(lane, flight, into: &effects)
        } else {
            failed(lane, flight, .refused, at: now, into: &effects)
        }
        afterLanding(lane)
    }

    /// Time has come to `deadline`, or passed it.
    public mutating func deadlinePassed(at now: Instant, into effects: inout ArbiterEffects) {
        while let issued = flights.oldestIssuedAt, issued + settings.writeTimeout <= now {
            let place = flights.oldestPlace
            let flight = flights[place]
            let lane = Int(flight.lane)
            flights.giveUp(place)
            lanes[lane].lateFlights += 1
            if lanes[lane].lateFlights > 8 {
                flights.forgetLate(of: lane)
                lanes[lane].lateFlights -= 1
            }
            landed(lane, place, flight)
            failed(lane, flight, .timedOut, at: now, into: &effects)
            afterLanding(lane)
        }
        while let alarm = alarms.min, alarm.at <= now {
            alarms.removeMin()
            let lane = Int(alarm.lane)
            if lanes[lane].alarmAt == alarm.at { lanes[lane].alarmAt = .never }
            guard lanes[lane].isPresent else { continue }
            leaseEnded(lane, at: now, into: &effects)
            watchRunningLease(lane, at: now)
            if lanes[lane].owesAnything || lanes[lane].ramp.isActive { touch(lane) }
        }
    }

    private mutating func watchRunningLease(_ lane: Int, at now: Instant) {
        if let lease = lanes[lane].heldLease, lease.until > now { watchLease(lane) }
    }

    /// A write is no longer in the air.
    private mutating func landed(_ lane: Int, _ place: Int32, _ flight: Flight) {
        if lanes[lane].mainFlight == place {
            lanes[lane].mainFlight = -1
        } else {
            lanes[lane].zeroFlights -= 1
        }
    }

    @inline(__always)
    private mutating func succeeded(_ lane: Int, _ flight: Flight, into effects: inout ArbiterEffects) {
        lanes[lane].failures = 0
        lanes[lane].stopFailureReported = false
        lanes[lane].retryAt = .zero
        if flight.value == 0, flight.type.isHeld, lanes[lane].zeroSent.contains(flight.type),
            !lanes[lane].overtaken.contains(flight.type)
        {
            lanes[lane].mayRun.remove(flight.type)
        }
        if let reply = flight.reply { effects.replies.append(SettledReply(to: reply.to, outcome: .ok)) }
    }

    /// A refused or unanswered write leaves the device unknown. A sender that is told so has taken its command back.
    private mutating func failed(
        _ lane: Int, _ flight: Flight, _ outcome: SettledReply.Outcome, at now: Instant, into effects: inout ArbiterEffects
    ) {
        lanes[lane].failures &+= 1
        lanes[lane].forgetWritten()
        let isZero = flight.value == 0 && !flight.type.isMove
        if flight.value != 0, flight.type == lanes[lane].levelType { rampFailed(lane, writing: flight.value) }
        // A repeat may have been made needless meanwhile by the late answer to another zero.
        let isOwedStill = flight.issuedAt < lanes[lane].repeatsSince || flight.type == .spray || lanes[lane].mayRun.contains(flight.type)
        if isZero, isOwedStill {
            lanes[lane].zeroSent.remove(flight.type)
            if flight.type.isHeld { lanes[lane].mayRun.insert(flight.type) } else { lanes[lane].forcedZero.insert(flight.type) }
            if lanes[lane].failures >= 3, !lanes[lane].stopFailureReported {
                lanes[lane].stopFailureReported = true
                effects.events.append(.stopFailed(device: lanes[lane].device, feature: lanes[lane].feature))
            }
        }
        if let reply = flight.reply {
            effects.replies.append(SettledReply(to: reply.to, outcome: outcome))
            takeBack(lane, reply, at: now, into: &effects)
        }
        if isZero, outcome == .timedOut || lanes[lane].failures >= 3, lanes[lane].owedZeros.contains(flight.type) {
            refuseWaiting(lane, outcome, at: now, into: &effects)
        }
        guard lanes[lane].owesAnything else { return }
        if stillOwes(lane, flight) {
            let doublings = min(lanes[lane].failures - 1, 16)
            lanes[lane].retryAt = now + min(settings.retry * (1 << Int64(doublings)), settings.retryMax)
            wake(lane, at: lanes[lane].retryAt)
        } else {
            lanes[lane].retryAt = .zero
        }
    }

    /// A command behind a zero that does not get through is refused with it: nobody waits without end, and nothing of it comes later by
    /// surprise.
    private mutating func refuseWaiting(
        _ lane: Int, _ outcome: SettledReply.Outcome, at now: Instant, into effects: inout ArbiterEffects
    ) {
        let replies = [lanes[lane].passOn?.reply, lanes[lane].waiting]
        lanes[lane].passOn = nil
        lanes[lane].waiting = nil
        giveUpTurn(lane)
        for case let reply? in replies {
            effects.replies.append(SettledReply(to: reply.to, outcome: outcome))
            takeBack(lane, reply, at: now, into: &effects)
        }
    }

    /// Whether a write that failed is among what the lane owes now: then it waits before it is tried again.
    private func stillOwes(_ lane: Int, _ flight: Flight) -> Bool {
        if flight.type.isMove { return false }
        if flight.value == 0 { return lanes[lane].owedZeros.contains(flight.type) }
        return lanes[lane].owesWanted && lanes[lane].wanted.type == flight.type && lanes[lane].level == flight.value
    }

    /// Ends what a refused command had begun, unless its session has commanded again since.
    private mutating func takeBack(_ lane: Int, _ reply: WaitingReply, at now: Instant, into effects: inout ArbiterEffects) {
        if let lease = lanes[lane].moveLease, lease.owner == reply.to.session, lease.accepted == reply.accepted {
            lanes[lane].moveLease = nil
        }
        let place = lanes[lane].place(of: reply.to.session)
        guard place >= 0, lanes[lane].contributions[place].accepted == reply.accepted else { return }
        endContribution(lane, place)
        if lanes[lane].heldLease?.owner == reply.to.session { lanes[lane].heldLease = nil }
        refold(lane, at: now, into: &effects)
    }

    /// An old write was carried out late: what the lane owes or wants is written once more. The answers to that may be late too; they ask
    /// for more only when they contradict what is wanted, so a device that is always late is not written to without end.
    private mutating func answeredLate(_ lane: Int, _ flight: Flight, ok: Bool, at now: Instant) {
        guard lanes[lane].isPresent else { return }
        let isAgreed = agrees(lane, flight)
        if isAgreed, flight.issuedAt >= lanes[lane].repeatsSince {
            if ok, flight.value == 0, flight.type.isHeld, !isOldWriteFlying(lane) {
                lanes[lane].mayRun.remove(flight.type)
                lanes[lane].overtaken.remove(flight.type)
                if !lanes[lane].owesAnything { lanes[lane].retryAt = .zero }
            }
            return
        }
        // What was written before this answer came may have been carried out before it, in whatever order the answers come.
        if !isAgreed || lanes[lane].repeatsSince == .never { lanes[lane].repeatsSince = now }
        if flight.type.isHeld {
            lanes[lane].mayRun.insert(flight.type)
            lanes[lane].zeroSent.remove(flight.type)
            if lanes[lane].isFlying { lanes[lane].overtaken.insert(flight.type) }
        }
        lanes[lane].forgetWritten()
        lanes[lane].retryAt = .zero
        touch(lane)
    }

    /// Whether a write is in the air that is older than the repeats: it may land after them.
    private func isOldWriteFlying(_ lane: Int) -> Bool {
        let main = lanes[lane].mainFlight
        return main >= 0 && flights[main].issuedAt < lanes[lane].repeatsSince
    }

    /// Whether what a late write did is what the lane wants of its type.
    private func agrees(_ lane: Int, _ flight: Flight) -> Bool {
        let wanted = lanes[lane].wanted
        if wanted.isRest || wanted.type != flight.type { return flight.value == 0 || flight.type.isMove }
        return flight.value == lanes[lane].level
    }

    /// Once nothing is in the air any more, a zero that overtook a write is written once more.
    private mutating func afterLanding(_ lane: Int) {
        guard lanes[lane].isPresent else { return }
        if !lanes[lane].overtaken.isEmpty, !lanes[lane].isFlying {
            lanes[lane].zeroSent = lanes[lane].zeroSent.subtracting(lanes[lane].overtaken)
            lanes[lane].mayRun = lanes[lane].mayRun.union(lanes[lane].overtaken)
            lanes[lane].overtaken = .none
            lanes[lane].forgetWritten()
        }
        if lanes[lane].owesAnything { touch(lane) }
    }
}
