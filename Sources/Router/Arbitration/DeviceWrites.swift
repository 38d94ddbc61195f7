// Writes to devices: when each lane has its turn, and what comes back (`arbitration.md` §3, §7).
// Must not decide what is wanted; it lets lanes catch up with it, zeros first.

import Buttplug
import Host

extension Arbiter {
    /// Appends the writes that are due. Answers may make more due: call again until nothing is appended.
    public mutating func appendDueWrites(at now: Instant, into effects: inout ArbiterEffects) {
        guard !agenda.due.isEmpty else { return }
        var i = 0
        while i < agenda.due.count {
            let lane = agenda.due[i].index
            i &+= 1
            if lanes[lane].isPresent, lanes[lane].retry.at <= now { writeUrgentZeros(lane, at: now, into: &effects) }
        }
        i = 0
        while i < agenda.due.count {
            let lane = agenda.due[i].index
            i &+= 1
            // From here on it can be listed again.
            lanes[lane].schedule.isListed = false
            if lanes[lane].isPresent { writePaced(lane, at: now, into: &effects) }
        }
        agenda.emptyList()
    }

    /// Zeros that take the lane to rest or end a type wait for no gap and no other write. A packet of several lanes has the others' due values too.
    private mutating func writeUrgentZeros(_ lane: Int, at now: Instant, into effects: inout ArbiterEffects) {
        var urgent = lanes[lane].zeros.urgent(lanes[lane].wanted)
        guard !urgent.isEmpty else { return }
        let row = lanes[lane].traits.row
        let takesOthers = devices.gathersWrites(row) && !isAnswerDue(row) && devices.nextWrite(to: row) <= now
        while let type = urgent.first {
            urgent.remove(type)
            issue(lanes[lane].takeZero(type), from: lane, at: now, into: &effects)
        }
        if takesOthers { issueWaiting(row, at: now, into: &effects) }
    }

    /// Everything else: one write in flight, one per gap, lanes in the order in which they came to owe something.
    private mutating func writePaced(_ lane: Int, at now: Instant, into effects: inout ArbiterEffects) {
        if lanes[lane].level.isRising { lanes[lane].advanceRise(at: now, &agenda) }
        guard lanes[lane].owesAnything else {
            lanes[lane].schedule.owesSince = 0
            // The operator froze a rise at what the device has, or a late answer made a zero needless: no write comes that the waiting reply could go with.
            lanes[lane].queue.answerWaiting(into: &effects)
            if reportsWinners { reportWinner(lane, into: &effects) }
            return
        }
        let row = lanes[lane].traits.row
        if devices.gap(of: row) == .zero {
            while lanes[lane].isReady(at: now, &agenda) {
                issue(lanes[lane].takeNext(at: now, &agenda), from: lane, at: now, into: &effects)
            }
        } else {
            writeInOrder(row, at: now, into: &effects)
        }
        lanes[lane].endOwingIfSettled()
        if reportsWinners { reportWinner(lane, into: &effects) }
    }

    /// One write for the lane of this device that has owed one longest, if the gap allows; the others are woken when it does.
    @inline(never)
    private mutating func writeInOrder(_ row: DeviceRow, at now: Instant, into effects: inout ArbiterEffects) {
        if devices.gathersWrites(row) { return gatherWrites(row, at: now, into: &effects) }
        let range = devices.lanes(of: row)
        while true {
            var next = -1
            for lane in range where isWaiting(lane, at: now) {
                if next < 0 || lanes[lane].schedule.owesSince < lanes[next].schedule.owesSince { next = lane }
            }
            guard next >= 0 else { return }
            let due = devices.nextWrite(to: row)
            if due > now {
                // All of them: the next in turn may owe nothing when the gap is over.
                for lane in range where isWaiting(lane, at: now) { lanes[lane].wake(at: due, &agenda) }
                return
            }
            issue(lanes[next].takeNext(at: now, &agenda), from: next, at: now, into: &effects)
            lanes[next].schedule.owesSince = lanes[next].owesAnything ? agenda.nextNumber() : 0
        }
    }

    /// A write for every lane of this device that waits, if the gap allows and nothing lacks its answer: it would be old when that is there.
    private mutating func gatherWrites(_ row: DeviceRow, at now: Instant, into effects: inout ArbiterEffects) {
        if isAnswerDue(row) { return }
        if devices.nextWrite(to: row) <= now { return issueWaiting(row, at: now, into: &effects) }
        for lane in devices.lanes(of: row) where isWaiting(lane, at: now) { lanes[lane].wake(at: devices.nextWrite(to: row), &agenda) }
    }

    private mutating func issueWaiting(_ row: DeviceRow, at now: Instant, into effects: inout ArbiterEffects) {
        for lane in devices.lanes(of: row) where isWaiting(lane, at: now) {
            issue(lanes[lane].takeNext(at: now, &agenda), from: lane, at: now, into: &effects)
            lanes[lane].schedule.owesSince = lanes[lane].owesAnything ? agenda.nextNumber() : 0
        }
    }

    private func isAnswerDue(_ row: DeviceRow) -> Bool { devices.lanes(of: row).contains { lanes[$0].flights.isAny } }

    private mutating func isWaiting(_ lane: Int, at now: Instant) -> Bool {
        lanes[lane].schedule.owesSince != 0 && lanes[lane].isReady(at: now, &agenda)
    }

    @inline(__always)
    private mutating func issue(_ write: NextWrite, from lane: Int, at now: Instant, into effects: inout ArbiterEffects) {
        let (index, ticket) = flights.add(write, from: lane, at: now)
        lanes[lane].issued(write, flight: index, at: now)
        let row = lanes[lane].traits.row
        devices.written(row, at: now)
        effects.writes.append(devices.makeWrite(write, to: row, feature: lanes[lane].traits.feature, ticket: ticket))
    }

    private mutating func reportWinner(_ lane: Int, into effects: inout ArbiterEffects) {
        let session = lanes[lane].contributions.winningSession ?? DeviceWrite.noSession
        guard session != lanes[lane].reportedWinner else { return }
        lanes[lane].reportedWinner = session
        effects.events.append(
            .winnerChanged(
                device: lanes[lane].traits.device, feature: lanes[lane].traits.feature,
                session: session == DeviceWrite.noSession ? nil : session))
    }

    // MARK: Answers

    /// A device answered a write.
    public mutating func answered(ticket: UInt32, _ outcome: WriteOutcome, at now: Instant, into effects: inout ArbiterEffects) {
        guard let index = flights.index(of: ticket) else { return }
        let flight = flights[index]
        let lane = Int(flight.lane)
        flights.remove(index)
        if flight.isLate {
            lanes[lane].flights.lateEnded()
            let main = lanes[lane].flights.main
            lanes[lane].answeredLate(flight, ok: outcome == .done, mainIssuedAt: main >= 0 ? flights[main].issuedAt : nil, at: now, &agenda)
            return
        }
        lanes[lane].flights.landed(index)
        devices.answered(lanes[lane].traits.row, after: now - flight.issuedAt, at: now)
        if outcome == .done {
            lanes[lane].succeeded(flight, into: &effects)
        } else {
            devices.refused(lanes[lane].traits.row)
            lanes[lane].failed(flight, .refused, at: now, &agenda, into: &effects)
        }
        lanes[lane].afterLanding(&agenda)
        if devices.gathersWrites(lanes[lane].traits.row) { listGathered(lanes[lane].traits.row) }
    }

    private mutating func listGathered(_ row: DeviceRow) {
        for lane in devices.lanes(of: row) where lanes[lane].isPresent && lanes[lane].owesAnything { lanes[lane].listAsDue(&agenda) }
    }

    /// Time has come to `deadline`, or passed it: writes without an answer are given up, and lanes are looked at whose alarm has come.
    public mutating func deadlinePassed(at now: Instant, into effects: inout ArbiterEffects) {
        while let issued = flights.oldestIssuedAt, issued + agenda.settings.writeTimeout <= now {
            let index = flights.oldestIndex
            let flight = flights[index]
            let lane = Int(flight.lane)
            flights.giveUp(index)
            if lanes[lane].flights.becameLate() {
                flights.forgetLate(of: lane)
                lanes[lane].flights.lateEnded()
            }
            lanes[lane].flights.landed(index)
            devices.unanswered(lanes[lane].traits.row)
            lanes[lane].failed(flight, .timedOut, at: now, &agenda, into: &effects)
            lanes[lane].afterLanding(&agenda)
            if devices.gathersWrites(lanes[lane].traits.row) { listGathered(lanes[lane].traits.row) }
        }
        while let alarm = agenda.takeAlarm(at: now) {
            let lane = alarm.lane.index
            if lanes[lane].schedule.alarmAt == alarm.at { lanes[lane].schedule.alarmAt = .never }
            guard lanes[lane].isPresent else { continue }
            lanes[lane].endLease(at: now, &agenda, into: &effects)
            if lanes[lane].owesAnything || lanes[lane].level.isRising { lanes[lane].listAsDue(&agenda) }
        }
    }
}
