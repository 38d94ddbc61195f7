// Every write to a device, held against what the sessions may hold (`arbitration.md` §3–§7).
// Must not ask the router why it wrote.

import Buttplug
import Host
import Router

/// A write that a device has not answered.
struct OutstandingWrite {
    let write: DeviceWrite
    let device: DeviceModel
    let lane: LaneModel
    let at: Instant
}

extension WorldModel {
    /// The router handed a write to the backend.
    func wrote(_ write: DeviceWrite) {
        counts.writes += 1
        hash.add(now.nanoseconds)
        hash.add(UInt64(write.deviceIndex) << 32 | UInt64(write.feature) << 8 | UInt64(write.type.rawValue))
        hash.add(UInt64(bitPattern: Int64(write.value)) ^ UInt64(write.duration) << 32)
        note("write \(write.deviceIndex).\(write.feature) \(write.type) \(write.value) for \(write.session) ticket \(write.ticket)")
        guard let device = device(write.deviceIndex), device.handle == write.device, let lane = device.lane(write.feature),
            let output = lane.output(write.type)
        else { return check(.seam, false, "a write to what is not there: \(write)") }
        let isOfAsker = Int(write.session) < sessions.count && sessions[Int(write.session)]?.state == .asking
        check(.consent, !isOfAsker, "\(name(lane)) was written \(write.value) for a session that nobody has let in")
        let size = abs(Int64(write.value))
        check(.allowed, size <= Int64(lane.ceiling(write.type)), "\(name(lane)) was written \(write.value), over its ceiling")
        check(.allowed, write.value >= 0 || output.isSigned, "\(name(lane)) was written \(write.value) and has no negative side")
        if write.value != 0 || write.type.isMove {
            check(.zero, !isStopped, "\(name(lane)) was written \(write.value) under the emergency stop")
            if write.type.isHeld { checkHeld(write, lane) } else { checkPassed(write, lane) }
            checkPace(write, device, lane)
        } else {
            let open = outstanding.reduce(0) { $0 + ($1.lane === lane ? 1 : 0) }
            check(.queues, open < 32, "\(name(lane)) has \(open) writes in flight")
        }
        device.lastWriteAt = now
        let before = lane.issued[Int(write.type.rawValue)]
        var issued = Issued(value: write.value, at: now, isKnown: true)
        issued.nonzeroAt = write.value == 0 ? before.nonzeroAt : now
        issued.repeatsSince = write.value == 0 ? before.repeatsSince : .never
        // A zero that repeats one which was carried out late is owed to nobody.
        issued.isSettled = write.value == 0 && before.isSettled && now >= before.repeatsSince
        lane.issued[Int(write.type.rawValue)] = issued
        outstanding.append(OutstandingWrite(write: write, device: device, lane: lane, at: now))
        touch(lane)
    }

    func name(_ lane: LaneModel) -> String { "lane \(lane.device).\(lane.feature.index)" }

    /// Holds a held value against the contributions there may be.
    private func checkHeld(_ write: DeviceWrite, _ lane: LaneModel) {
        var peers = lane.holdings.filter { $0.type == write.type }
        check(.zero, !lane.holdings.isEmpty, "\(name(lane)) was written \(write.value) while nobody holds it")
        // A write that fails or is given up now ends its sender's contribution, of which the sender is told later in this turn.
        let patience = settings.arbitration.writeTimeout
        let isInDoubt =
            lane.troubleAt == now || outstanding.contains { $0.lane === lane && now - $0.at >= patience }
            || lane.holdings.contains { isOverdue($0.session) || isExpired($0.session) }
        if !isInDoubt, lane.holdings.allSatisfy(\.isSure) {
            let top = lane.holdings.reduce(0) { max($0, $1.session.rights.priority) }
            peers.removeAll { $0.session.rights.priority < top }
        }
        var bound: Int64 = 0
        var sum: Int64 = 0
        for peer in peers {
            let strongest = write.value < 0 ? peer.range.lowerBound : peer.range.upperBound
            let scaled = Int64(lane.scaled(strongest, write.type, peer.session.rights))
            let along = write.value < 0 ? -scaled : scaled
            bound = max(bound, along)
            sum += max(0, along)
        }
        if lane.mix(write.type) == .sum { bound = sum }
        check(
            .allowed, Int64(abs(write.value)) <= bound,
            "\(name(lane)) was written \(write.type) \(write.value); the strongest that wants it comes to \(bound)")
        let isTheirs = write.session == DeviceWrite.noSession || peers.contains { $0.session.id.slot == write.session }
        check(.allowed, isTheirs, "\(name(lane)) was written \(write.value) in the name of slot \(write.session), which does not hold it")
        let wasCommanded = peers.contains { $0.commandedAt >= lane.restSeenAt }
        check(.rest, wasCommanded, "\(name(lane)) was at rest and started by itself: \(write.value)")
        checkSlew(write, lane)
    }

    private func checkSlew(_ write: DeviceWrite, _ lane: LaneModel) {
        guard let slew = lane.slew, let output = lane.output(write.type) else { return }
        let before = lane.issued[Int(write.type.rawValue)]
        guard before.isKnown, (before.value < 0) == (write.value < 0) || before.value == 0 else { return }
        let rise = Int64(abs(write.value)) - Int64(abs(before.value))
        // A step is taken every `slewStep` and written when the device is free: what is written may be a step older than the write.
        let microseconds = (now - before.at + settings.arbitration.slewStep).nanoseconds / 1000
        let share = Int64(output.steps) * Int64(slew.tenThousandths)
        let allowed = 3 + share * min(microseconds, 1_000_000_000) / 10_000_000_000
        check(.allowed, rise <= allowed, "\(name(lane)) rose by \(rise) at once, its slew allows \(allowed)")
    }

    /// A move or a spray must be a command that arrived, and only once.
    private func checkPassed(_ write: DeviceWrite, _ lane: LaneModel) {
        let match = lane.passables.firstIndex { passable in
            guard passable.type == write.type, passable.duration == write.duration,
                write.session == DeviceWrite.noSession || passable.session.id.slot == write.session
            else { return false }
            let rights = passable.session.rights
            let value =
                write.type == .spray
                ? lane.limited(passable.value, .spray, rights) : lane.limitedMove(passable.value, write.type, rights)
            return value == write.value || (passable.isLoose && write.value <= passable.value)
        }
        check(.allowed, match != nil, "\(name(lane)) was passed \(write.type) \(write.value), which nobody commanded, or not again")
        if let match { lane.passables.remove(at: match) }
        guard write.type == .spray else { return }
        let isApart = lane.lastSprayAt.map { now - $0 >= settings.arbitration.sprayGap } ?? true
        check(.pacing, isApart, "\(name(lane)) sprayed twice within the gap")
        lane.lastSprayAt = now
    }

    private func checkPace(_ write: DeviceWrite, _ device: DeviceModel, _ lane: LaneModel) {
        let patience = settings.arbitration.writeTimeout
        let isFree = !outstanding.contains { $0.lane === lane && now - $0.at < patience }
        check(.pacing, isFree, "\(name(lane)) was written \(write.value) while another write was in flight")
        guard device.gap > .zero, let last = device.lastWriteAt else { return }
        check(.pacing, now - last >= device.gap, "device \(device.index) was written within its gap of \(device.gap.milliseconds) ms")
    }

    // MARK: Answers

    /// A device answered. Answers to writes that the router gave up count as well.
    func answered(_ ticket: UInt32, _ ok: Bool) {
        note("answered \(ticket) \(ok)")
        guard let index = outstanding.firstIndex(where: { $0.write.ticket == ticket }) else {
            return check(.seam, false, "an answer to a write that is not open: \(ticket)")
        }
        let open = outstanding.remove(at: index)
        let isLate = now - open.at >= settings.arbitration.writeTimeout
        let type = Int(open.write.type.rawValue)
        if !ok { counts.refusedWrites += 1 }
        if !ok || isLate {
            open.device.troubleAt = now
            open.lane.troubleAt = now
            let issued = open.lane.issued[type]
            // The alarm that gives a write up may come later than the answer: the newest write has then just arrived.
            if issued.isRepeat(open.write, at: open.at) || ok && issued.at == open.at {
                if ok { open.lane.issued[type].isSettled = true }
            } else if !isLate || !issued.staysSettled(after: open.write) {
                open.lane.issued[type].isSettled = false
            }
            if isLate { open.lane.issued[type].repeatsSince = open.write.value == 0 ? min(issued.repeatsSince, now) : now }
            return
        }
        let last = open.lane.issued[type]
        if last.at == open.at, last.value == open.write.value { open.lane.issued[type].isSettled = true }
    }

    // MARK: Devices

    func appeared(_ handle: BackendDevice, _ description: DeviceDescription) {
        counts.deviceChanges += 1
        while byHandle.count <= Int(handle) { byHandle.append(-1) }
        if byHandle[Int(handle)] < 0 {
            byHandle[Int(handle)] = devices.count
            let device = DeviceModel(handle: handle, index: UInt32(devices.count), description: description)
            for lane in device.lanes { lane.apply(settings.arbitration.lanes, deviceName: description.name) }
            devices.append(device)
        }
        let device = devices[byHandle[Int(handle)]]
        note("device \(device.index) \(description.name) appeared")
        check(.seam, !device.isPresent, "device \(device.index) appeared twice")
        device.isPresent = true
        device.hasJustAppeared = true
        device.lastWriteAt = nil
        for lane in device.lanes {
            lane.forget()
            touch(lane)
        }
        for session in live where session.state == .ready && !session.sees(device) {
            session.subscriptions.removeAll { $0.device == device.index }
        }
        listsChanged = true
        sensorsChanged = true
    }

    func disappeared(_ handle: BackendDevice) {
        counts.deviceChanges += 1
        let device = devices[byHandle[Int(handle)]]
        note("device \(device.index) disappeared")
        device.isPresent = false
        device.hasJustAppeared = false
        device.troubleAt = now
        for lane in device.lanes { lane.forget() }
        for index in device.sensors.indices {
            device.sensors[index].isSubscribed = false
            device.sensors[index].hasFailed = false
            device.sensors[index].open = []
        }
        outstanding.removeAll { $0.device === device }
        listsChanged = true
        sensorsChanged = true
    }

    // MARK: Requests to the backend

    /// - Parameter place: Which of several backends is asked, where they count as one.
    func requested(_ request: BackendRequest, index: Int = 0) {
        note("request \(request)")
        switch request {
        case .startScanning:
            check(.scans, votedAt == now || operatorVotes || live.contains { $0.votes }, "a scan was started and nobody wants one")
            check(.scans, !scanning.contains(index) || scannedAt[index] == now, "a scan was started where one runs")
            isScanning = true
            scanning.insert(index)
            scannedAt[index] = now
        case .stopScanning:
            // With several places the first one ends it.
            check(.scans, isScanning || scanEndedAt == now, "a scan was stopped while none runs")
            isScanning = false
            scanEndedAt = now
            scanning.remove(index)
        case .subscribe(let handle, let feature, let type, let request): sensorAsked(handle, feature, type, request, true)
        case .unsubscribe(let handle, let feature, let type, let request): sensorAsked(handle, feature, type, request, false)
        case .read, .stopOutputs, .cutOff, .foreign: break
        }
    }

    private func sensorAsked(_ handle: BackendDevice, _ feature: UInt32, _ type: InputType, _ request: UInt32, _ isSubscribed: Bool) {
        sensorsChanged = true
        let device = devices[byHandle[Int(handle)]]
        guard let index = device.sensor(feature, type) else { return check(.seam, false, "no sensor \(feature) \(type)") }
        device.sensors[index].isSubscribed = isSubscribed
        device.sensors[index].hasFailed = false
        device.sensors[index].open.append((request, now))
    }

    /// The backend answered a request, or said that it failed.
    func requestAnswered(_ request: UInt32, ok: Bool) {
        for device in devices {
            for index in device.sensors.indices {
                guard let open = device.sensors[index].open.firstIndex(where: { $0.request == request }) else { continue }
                device.sensors[index].open.remove(at: open)
                if !ok { device.sensors[index].hasFailed = true }
                sensorsChanged = true
                return
            }
        }
    }

    /// A place has nothing more to find, or has come back and knows of no scan. Nobody is told, and it is asked again.
    func scanningFinished(index: Int = 0) {
        note("scanning finished")
        scanning.remove(index)
        scannedAt[index] = now
    }
}
