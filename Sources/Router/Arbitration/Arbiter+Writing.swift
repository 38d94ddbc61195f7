// What each lane owes its device, and when it may be written: zeros first, then turns and gaps (`arbitration.md` §3, §7).
// Must not decide what is wanted; it only catches up with it.

import Buttplug
import Host

extension Arbiter {
    /// Appends the writes that are due. Answers may make more due: call again until nothing is appended.
    public mutating func turnEnded(at now: Instant, into effects: inout ArbiterEffects) {
        guard !dirty.isEmpty else { return }
        var i = 0
        while i < dirty.count {
            let lane = Int(dirty[i])
            i &+= 1
            lanes[lane].isListed = false
            if lanes[lane].isPresent, lanes[lane].retryAt <= now { writeUrgentZeros(lane, at: now, into: &effects) }
        }
        i = 0
        while i < dirty.count {
            let lane = Int(dirty[i])
            i &+= 1
            if lanes[lane].isPresent { writePaced(lane, at: now, into: &effects) }
        }
        dirty.removeAll()
    }

    /// Zeros that take the lane to rest or end a type: they wait for nothing.
    private mutating func writeUrgentZeros(_ lane: Int, at now: Instant, into effects: inout ArbiterEffects) {
        var urgent = lanes[lane].owedZeros.intersection(lanes[lane].mayRun)
        while let type = urgent.first {
            urgent.remove(type)
            issueZero(lane, type, at: now, into: &effects)
        }
    }

    /// Everything else: one write in flight, one per gap, lanes in the order in which they became dirty.
    private mutating func writePaced(_ lane: Int, at now: Instant, into effects: inout ArbiterEffects) {
        advanceRamp(lane, at: now)
        guard lanes[lane].owesAnything else {
            lanes[lane].dirtySince = 0
            settleWaiting(lane, into: &effects)
            reportWinner(lane, into: &effects)
            return
        }
        let row = Int(lanes[lane].row)
        if devices[row].gap == .zero {
            while isReady(lane, at: now) { issueNext(lane, at: now, into: &effects) }
        } else {
            takeTurns(row, at: now, into: &effects)
        }
        if !lanes[lane].owesAnything { lanes[lane].dirtySince = 0 }
        reportWinner(lane, into: &effects)
    }

    /// Whether the lane may be written now, apart from the gap. One that waits for its retry is woken then.
    private mutating func isReady(_ lane: Int, at now: Instant) -> Bool {
        guard lanes[lane].owesAnything else { return false }
        if lanes[lane].retryAt > now {
            wake(lane, at: lanes[lane].retryAt)
            return false
        }
        if !lanes[lane].owedZeros.isEmpty { return true }
        return !lanes[lane].isFlying
    }

    /// One write for the lane of this device that has waited longest, if the gap allows; the others are woken when it does.
    private mutating func takeTurns(_ row: Int, at now: Instant, into effects: inout ArbiterEffects) {
        while true {
            var next = -1
            for lane in devices[row].lanes where lanes[lane].dirtySince != 0 && isReady(lane, at: now) {
                if next < 0 || lanes[lane].dirtySince < lanes[next].dirtySince { next = lane }
            }
            guard next >= 0 else { return }
            if devices[row].nextWriteAt > now {
                // Each of them: the next in turn may owe nothing any more when the gap is over.
                for lane in devices[row].lanes where lanes[lane].dirtySince != 0 && isReady(lane, at: now) {
                    wake(lane, at: devices[row].nextWriteAt)
                }
                return
            }
            issueNext(next, at: now, into: &effects)
            if lanes[next].owesAnything { lanes[next].dirtySince = tick() } else { lanes[next].dirtySince = 0 }
        }
    }

    /// Writes the first thing the lane owes: zeros, then a move or spray, then the wanted value.
    private mutating func issueNext(_ lane: Int, at now: Instant, into effects: inout ArbiterEffects) {
        if let type = lanes[lane].owedZeros.first {
            issueZero(lane, type, at: now, into: &effects)
        } else if let passOn = lanes[lane].passOn {
            lanes[lane].passOn = nil
            // One that had to wait was written later than it was accepted.
            if passOn.type == .spray { lanes[lane].sprayUntil = now + settings.sprayGap }
            issue(lane, passOn.type, passOn.value, passOn.duration, passOn.reply, session: passOn.reply.to.session, at: now, into: &effects)
        } else {
            let reply = lanes[lane].waiting
            lanes[lane].waiting = nil
            lanes[lane].refreshOwed = false
            let winner = lanes[lane].winner
            let session = winner >= 0 ? lanes[lane].contributions[winner].session : DeviceWrite.noSession
            issue(lane, lanes[lane].wanted.type, lanes[lane].level, 0, reply, session: session, at: now, into: &effects)
        }
    }

    /// Writes a zero. The reply that waits goes with it when neither another zero nor a value is left to write.
    private mutating func issueZero(_ lane: Int, _ type: OutputType, at now: Instant, into effects: inout ArbiterEffects) {
        lanes[lane].forcedZero.remove(type)
        if lanes[lane].mainFlight >= 0, lanes[lane].mainFlightType == type { lanes[lane].overtaken.insert(type) }
        lanes[lane].zeroSent.insert(type)
        lanes[lane].writtenType = type
        lanes[lane].writtenValue = 0
        var reply: WaitingReply?
        if !lanes[lane].owesWanted, lanes[lane].owedZeros.isEmpty {
            reply = lanes[lane].waiting
            lanes[lane].waiting = nil
        }
        lanes[lane].zeroFlights &+= 1
        send(lane, type, 0, 0, reply, session: DeviceWrite.noSession, at: now, into: &effects)
    }

    private mutating func issue(
        _ lane: Int, _ type: OutputType, _ value: Int32, _ duration: UInt32, _ reply: WaitingReply?, session: UInt32, at now: Instant,
        into effects: inout ArbiterEffects
    ) {
        if type.isHeld, value != 0 {
            lanes[lane].mayRun.insert(type)
            lanes[lane].zeroSent.remove(type)
        }
        if lanes[lane].ramp.isActive, type.isHeld { rampWritten(lane, at: now) }
        lanes[lane].writtenType = type
        lanes[lane].writtenValue = value
        lanes[lane].mainFlightType = type
        lanes[lane].mainFlight = send(lane, type, value, duration, reply, session: session, at: now, into: &effects)
    }

    @discardableResult
    private mutating func send(
        _ lane: Int, _ type: OutputType, _ value: Int32, _ duration: UInt32, _ reply: WaitingReply?, session: UInt32, at now: Instant,
        into effects: inout ArbiterEffects
    ) -> Int32 {
        let flight = flights.add(lane: lane, type: type, value: value, duration: duration, reply: reply, at: now)
        let row = Int(lanes[lane].row)
        lanes[lane].writtenDuration = duration
        lanes[lane].writtenAt = now
        devices[row].nextWriteAt = now + devices[row].gap
        effects.writes.append(
            DeviceWrite(
                backend: devices[row].backend, device: devices[row].handle, deviceIndex: devices[row].index,
                feature: lanes[lane].feature, type: type, value: value, duration: duration, ticket: flight.ticket, session: session))
        return flight.place
    }

    private mutating func reportWinner(_ lane: Int, into effects: inout ArbiterEffects) {
        guard reportsWinners else { return }
        let winner = lanes[lane].winner
        let session = winner >= 0 ? lanes[lane].contributions[winner].session : DeviceWrite.noSession
        guard session != lanes[lane].reportedWinner else { return }
        lanes[lane].reportedWinner = session
        effects.events.append(
            .winnerChanged(
                device: lanes[lane].device, feature: lanes[lane].feature, session: session == DeviceWrite.noSession ? nil : session))
    }
}
