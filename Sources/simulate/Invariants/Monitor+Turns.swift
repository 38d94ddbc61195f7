// What must hold when a turn has ended, and now and then when nothing has changed for a while.
// Must not ask the router.

import Buttplug
import Host
import Router
import SimHost

extension Monitor {
    /// The router and its world have ended a turn.
    func turnEnded(_ host: SimHost) {
        endOfTurn()
        if let complaint = host.complaints.first { check(.seam, false, complaint) }
    }

    /// The same, for a world that has no host.
    func endOfTurn() {
        checkLanes()
        checkSessions()
        checkTokens()
        check(
            .scans, isScanning == (operatorVotes || live.contains { $0.votes }),
            "scan \(isScanning), votes \(live.filter(\.votes).map(\.number))")
        if sensorsChanged { checkSensors() }
        if listsChanged { checkLists() }
        sensorsChanged = false
        listsChanged = false
    }

    private func checkLanes() {
        for lane in touched {
            lane.isListed = false
            guard devices[Int(lane.device)].isPresent else { continue }
            let isNew = devices[Int(lane.device)].hasJustAppeared
            for type in lane.heldTypes {
                let issued = lane.issued[Int(type.rawValue)]
                if lane.holdings.isEmpty {
                    check(.zero, issued.value == 0, "\(name(lane)) is held by nobody and was last written \(type) \(issued.value)")
                }
                if isNew { check(.zero, issued.isKnown, "\(name(lane)) appeared and was not written \(type) 0") }
            }
            if lane.zeroOwedSince <= now, lane.heldTypes.allSatisfy({ lane.issued[Int($0.rawValue)].at >= lane.zeroOwedSince }) {
                lane.zeroOwedSince = .never
            }
        }
        touched.removeAll(keepingCapacity: true)
        for device in devices where device.hasJustAppeared { device.hasJustAppeared = false }
    }

    private func checkSessions() {
        for session in active where session.state != .ended {
            // A list is long: one that is asked for while the link takes nothing waits until it does.
            let late = session.pending.first { !$0.mayWait && !(session.isCongested && $0.request.isList) }
            check(.order, late == nil, "#\(session.number) was not answered in its turn: \(String(describing: late?.request))")
            // After a list that a congested link holds back, the event of a scan's end waits, too.
            if session.isCongested { continue }
            check(.scans, session.owedFinished == 0, "#\(session.number) was not told of the end of its scan")
            session.owedFinished = 0
        }
        active.removeAll(keepingCapacity: true)
    }

    private func checkSensors() {
        for device in devices where device.isPresent {
            for sensor in device.sensors where sensor.range.canSubscribe {
                var wanted = false
                var open = false
                for session in live {
                    for subscription in session.subscriptions
                    where subscription.device == device.index && subscription.feature == sensor.feature && subscription.type == sensor.type
                    {
                        wanted = wanted || subscription.isSure
                        open = true
                    }
                }
                let isUnderWay = sensor.open.contains { now - $0.at < .seconds(6) }
                check(
                    .subscriptions, !wanted || sensor.isSubscribed || sensor.hasFailed || isUnderWay,
                    "sensor \(device.index).\(sensor.feature) has subscribers and is not subscribed")
                check(
                    .subscriptions, open || !sensor.isSubscribed || sensor.hasFailed || isUnderWay,
                    "sensor \(device.index).\(sensor.feature) has no subscribers and is subscribed")
            }
        }
    }

    private func checkLists() {
        for session in live where session.state == .ready && !session.isLeaving {
            if session.isCongested { continue }
            checkList(session)
        }
    }

    func checkList(_ session: SessionModel) {
        let visible = visible(to: session)
        let isRight = session.hasList ? session.known == visible : session.known.allSatisfy(visible.contains)
        check(.lists, isRight, "#\(session.number) \(session.version) knows \(session.known), there is \(visible)")
    }

    // MARK: Now and then

    /// Looks for what should have happened by now. Called when no turn is under way.
    func audit() {
        let calm = now - leapEnd
        guard leapEnd == .zero || calm > .seconds(30) else { return }
        for session in live { audit(session) }
        for device in devices where device.isPresent {
            for lane in device.lanes { audit(lane, device) }
        }
        for (index, at) in scannedAt where isScanning && !scanning.contains(index) {
            check(.scans, now - at < .seconds(10), "backend \(index) was not asked to scan again since \(at.seconds) s")
        }
        // Long given up by the router, and by a device that never answers.
        outstanding.removeAll { now - $0.at > .seconds(600) }
        check(.queues, outstanding.count < 10_000, "\(outstanding.count) writes are open")
    }

    private func audit(_ session: SessionModel) {
        if let oldest = session.pending.first {
            check(
                .replies, now - oldest.arrivedAt < .seconds(20),
                "#\(session.number) \(session.name) waits for an answer to \(oldest.request) since \(oldest.arrivedAt.seconds) s")
        }
        if session.state == .waiting {
            check(
                .closes, now <= session.openedAt + settings.limits.handshakeTimeout + Self.tick, "#\(session.number) has still no handshake"
            )
        }
        if session.state == .asking, !session.isLeaving {
            let due = session.askedAt + settings.limits.consentTimeout + Self.tick
            check(.closes, now <= due, "#\(session.number) still waits to be let in")
        }
        if session.state == .ready, session.maxPingTime > 0, !session.isLeaving {
            check(.closes, now <= session.lastPingAt + patience(session) + Self.tick, "#\(session.number) has missed its ping and lives")
        }
        if session.state == .ready, !session.isCongested, !session.isLeaving { checkList(session) }
    }

    /// How late an alarm may go off.
    static let tick = Interval.milliseconds(2)

    /// How long nothing must have happened on a lane before it is expected to be where the fold wants it.
    private static let quiet = Interval.seconds(8)

    private func audit(_ lane: LaneModel, _ device: DeviceModel) {
        if lane.zeroOwedSince <= now {
            // The zero of a lane that rests keeps the gap and its turn, but it comes.
            let patience = Interval.seconds(10) + device.gap * Int64(device.lanes.count)
            check(.zero, now - lane.zeroOwedSince < patience, "\(name(lane)) was not written zero by the emergency stop")
        }
        let isTroubled = now - max(lane.troubleAt, device.troubleAt) < Self.quiet
        if lane.holdings.isEmpty {
            for type in lane.heldTypes {
                let issued = lane.issued[Int(type.rawValue)]
                let isCared = issued.isSettled || now - issued.at < .seconds(4)
                check(.settled, isCared, "\(name(lane)) owes a zero since \(issued.at.seconds) s and does not repeat it")
            }
        }
        guard !isTroubled, now - lane.changeNumber > Self.quiet, !outstanding.contains(where: { $0.device === device }) else { return }
        let isAtRest = lane.heldTypes.allSatisfy { lane.issued[Int($0.rawValue)].value == 0 }
        if isAtRest { lane.restSeenAt = now }
        for type in lane.heldTypes {
            // Also where the models do not know what is wanted: nothing stays over what may be.
            let (bound, issued) = (strongest(lane, type), Int64(abs(lane.issued[Int(type.rawValue)].value)))
            check(.settled, issued <= bound, "\(name(lane)) stays at \(type) \(issued); the strongest that wants it comes to \(bound)")
        }
        guard !lane.holdings.isEmpty, lane.holdings.allSatisfy(\.isSure), let (type, value) = wanted(lane) else { return }
        let issued = lane.issued[Int(type.rawValue)]
        check(
            .settled, issued.value == value,
            "\(name(lane)) should be at \(type) \(value) and was last written \(issued.value) at \(issued.at.seconds) s")
    }

    /// No fold comes to more, in either direction.
    private func strongest(_ lane: LaneModel, _ type: OutputType) -> Int64 {
        let wishes = lane.holdings.filter { $0.type == type }.map { holding in
            let ends = [holding.range.lowerBound, holding.range.upperBound].map { lane.scaled($0, type, holding.session.rights) }
            return Int64(max(abs(ends[0]), abs(ends[1])))
        }
        return min(Int64(lane.ceiling(type)), lane.mix(type) == .sum ? wishes.reduce(0, +) : wishes.max() ?? 0)
    }

    /// What the fold comes to where the models know enough to say: one held type, and a mix that has no memory.
    private func wanted(_ lane: LaneModel) -> (OutputType, Int32)? {
        guard lane.heldTypes.count == 1, let output = lane.outputs.first(where: { $0.type.isHeld }) else { return nil }
        let top = lane.holdings.reduce(0) { max($0, $1.session.rights.priority) }
        let peers = lane.holdings.filter { $0.session.rights.priority == top }
        let values = peers.map { lane.scaled($0.value, output.type, $0.session.rights) }
        let ceiling = lane.ceiling(output.type)
        let limit = { (value: Int32) in (output.type, max(-ceiling, min(ceiling, value))) }
        if peers.count == 1 { return limit(values[0]) }
        switch lane.mix(output.type) {
        case .highest: return output.isSigned ? nil : limit(values.max() ?? 0)
        case .latest:
            guard let newest = peers.indices.max(by: { peers[$0].changeNumber < peers[$1].changeNumber }) else { return nil }
            return limit(values[newest])
        case .sum: return limit(Int32(clamping: values.reduce(Int64(0)) { $0 + Int64($1) }))
        case .average: return limit(values.reduce(0, +) / Int32(values.count))
        case .exclusive: return nil
        }
    }

    // MARK: The end

    /// Everybody has left and the devices have had time to answer.
    func checkEnd(_ values: (BackendDevice, UInt32, OutputType) -> Int32?) {
        check(.queues, live.isEmpty, "\(live.count) sessions are left")
        for device in devices where device.isPresent {
            for lane in device.lanes {
                for type in lane.heldTypes {
                    let value = values(device.handle, lane.feature.index, type) ?? 0
                    check(.settled, value == 0, "\(name(lane)) still runs at \(type) \(value) when everybody has left")
                }
            }
        }
        for write in outstanding where now - write.at > .seconds(15) {
            check(.settled, false, "a write to \(name(write.lane)) was never answered by a device that answers")
        }
    }
}
