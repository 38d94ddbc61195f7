// What a request does to the models when it arrives, and what it may be answered (`arbitration.md` §6, §8; `protocol-notes.md` §2–§4).
// Must not know how it was written.

import Buttplug
import Host
import Router

extension Monitor {
    /// A frame reached the router.
    func arrived(_ frame: [SimulatedRequest], from session: SessionModel) {
        if session.pending.isEmpty { active.append(session) }
        for request in frame where !session.isLeaving && session.state != .ended {
            counts.messages += 1
            note("#\(session.number) \(session.name) id \(request.id) \(request.kind)")
            let expected = expectation(request, session)
            session.pending.append(PendingRequest(request: request, arrivedAt: now, expected: expected))
            check(.queues, session.pending.count <= settings.limits.pendingRequests * 2, "#\(session.number) waits for too many answers")
        }
    }

    private func expectation(_ request: SimulatedRequest, _ session: SessionModel) -> Expectation {
        if case .nonsense(_, let code) = request.kind { return .only(code) }
        if case .handshake = request.kind { return greet(session) }
        guard session.state == .ready else { return .only(.handshake) }
        switch request.kind {
        case .ping: session.lastPingAt = now
        case .startScanning:
            session.votes = true
            votedAt = now
        case .stopScanning:
            if session.votes, session.version < .v4 { session.owedFinished += 1 }
            session.votes = false
        case .deviceList: return Expectation(kind: .deviceList)
        case .disconnect:
            session.isLeaving = true
            session.mayBeClosedFor.append(.clientDisconnected)
            forget(session)
        case .outputs(let device, let parts, _): return outputs(session, request.id, device, parts)
        case .stop(let device, let feature, let inputs, let outputs): return stop(session, device, feature, inputs, outputs)
        case .read(let device, let feature, let type): return read(session, device, feature, type)
        case .subscribe(let device, let feature, let type): return subscribe(session, device, feature, type)
        case .unsubscribe(let device, let feature, let type): return unsubscribe(session, device, feature, type)
        case .handshake, .nonsense: break
        }
        return Expectation()
    }

    private func greet(_ session: SessionModel) -> Expectation {
        guard session.state == .waiting else { return .only(.handshake) }
        return session.introducesItself(to: self)
    }

    /// The indices a session may see now, ascending.
    func visible(to session: SessionModel) -> [UInt32] {
        devices.filter { $0.isPresent && session.sees($0) }.map(\.index)
    }

    // MARK: Outputs

    private func outputs(_ session: SessionModel, _ id: UInt32, _ index: UInt32, _ parts: [RequestPart]) -> Expectation {
        guard let device = device(index), !parts.isEmpty else { return .only(.device) }
        for part in parts {
            guard let output = device.lane(part.feature)?.output(part.type), part.value <= output.steps,
                part.value >= (output.isSigned ? -output.steps : 0)
            else { return .only(.device) }
        }
        var expected = Expectation()
        let isObserved = session.rights.role == .observer || !session.sees(device)
        if isObserved {
            let hasCommand = parts.contains { $0.value != 0 || $0.type.isMove }
            expected.also(.message)
            expected.mayPass = !hasCommand
            let limit = { (part: RequestPart) in device.lane(part.feature)?.maxDuration ?? .max }
            if parts.contains(where: { $0.type == .hwPositionWithDuration && $0.duration > limit($0) }) { expected.also(.device) }
            return expected
        }
        if session.rule.rateLimit != nil { expected.also(.message) }
        for part in parts {
            guard let lane = device.lane(part.feature) else { continue }
            if part.type == .hwPositionWithDuration, let limit = lane.maxDuration, part.duration > limit {
                return parts.count == 1 ? .only(.device) : Expectation(codes: 1 << ErrorCode.device.rawValue)
            }
            output(session, id, lane, part, &expected)
        }
        return expected
    }

    private func output(_ session: SessionModel, _ id: UInt32, _ lane: LaneModel, _ part: RequestPart, _ expected: inout Expectation) {
        touch(lane)
        if !part.type.isMove, lane.limited(part.value, part.type, session.rights) == 0 {
            lane.holdings.removeAll { $0.session === session && $0.type == part.type }
            if part.type == .spray { lane.passables.removeAll { $0.session === session && $0.type == .spray } }
            return
        }
        let isLimited = session.rule.rateLimit != nil
        let isGated = isStopped || session.rights.mute || session.rights.priority < maskLevel || now < lane.holdOffUntil
        if isGated {
            // Under a rate limit an older command may still have been waiting and is discarded now, or the newer one.
            return
        }
        if lane.onConflict == .error { expected.also(.message) }
        if part.type.isHeld {
            hold(session, id, lane, part, isCertain: !isLimited && lane.onConflict == .shadow)
        } else {
            // Under a rate limit the older one may have been let through, and still wait for the device.
            if !isLimited { lane.passables.removeAll { $0.session === session } }
            if lane.passables.count >= 32 { lane.passables.removeFirst() }
            lane.passables.append(Passable(session: session, type: part.type, value: part.value, duration: part.duration))
            // A move ends its sender's contribution, and those of lower priorities; whether it was let through is not known here.
            if part.type.isMove {
                for index in lane.holdings.indices { lane.holdings[index].isSure = false }
            }
        }
    }

    private func hold(_ session: SessionModel, _ id: UInt32, _ lane: LaneModel, _ part: RequestPart, isCertain: Bool) {
        changeNumber += 1
        // Who waits for a lease, and who loses one, the models do not follow: there only somebody who is alone is sure.
        // After a reload a lane may be kept below what is wanted, until those who want it have commanded again.
        let isAlone = !lane.holdings.contains { $0.session !== session }
        let isFollowed = !lane.holdings.contains { $0.session !== session && !$0.isSure }
        if lane.mix(part.type) == .exclusive, !isAlone {
            for index in lane.holdings.indices { lane.holdings[index].isSure = false }
        }
        let isSure = isCertain && isFollowed && (lane.mix(part.type) != .exclusive || isAlone) && !lane.outputs.contains { $0.type.isMove }
        var fresh = Holding(
            session: session, request: id, type: part.type, value: part.value, range: part.value...part.value, changeNumber: changeNumber,
            commandedAt: now, isSure: isSure)
        guard let index = lane.holdings.firstIndex(where: { $0.session === session && (isCertain || $0.type == part.type) }) else {
            return lane.holdings.append(fresh)
        }
        let old = lane.holdings[index]
        if old.type == fresh.type, old.value == fresh.value { fresh.changeNumber = old.changeNumber }
        if !isCertain, old.type == fresh.type {
            fresh.range = min(old.range.lowerBound, part.value)...max(old.range.upperBound, part.value)
        }
        lane.holdings[index] = fresh
    }

    // MARK: Stops

    private func stop(
        _ session: SessionModel, _ index: UInt32?, _ feature: UInt32?, _ inputs: Bool, _ outputs: Bool
    ) -> Expectation {
        // A panic button stops everything, regardless of what it names.
        let isPanic = outputs && session.rights.stopScope == .estop
        if isPanic { stopRaised() }
        if let index {
            guard let device = device(index) else { return .only(.device) }
            if let feature, device.lane(feature) == nil { return .only(.device) }
        }
        if inputs { stopInputs(session, index, feature) }
        guard outputs, !isPanic else { return Expectation() }
        forEachLane(device: index, feature: feature) { device, lane in
            guard session.sees(device) else { return }
            if session.rights.stopScope == .global {
                clear(lane)
                lane.holdOffUntil = now + settings.arbitration.stopHoldoff
            } else {
                release(session, lane)
            }
        }
        return Expectation()
    }

    private func stopInputs(_ session: SessionModel, _ index: UInt32?, _ feature: UInt32?) {
        let before = session.subscriptions.count
        session.subscriptions.removeAll {
            (index == nil || $0.device == index) && (index == nil || feature == nil || $0.feature == feature)
        }
        if session.subscriptions.count != before { sensorsChanged = true }
    }

    // MARK: Sensors

    private func sensor(_ session: SessionModel, _ index: UInt32, _ feature: UInt32, _ type: InputType) -> InputRange? {
        guard let device = device(index), let position = device.sensor(feature, type) else { return nil }
        return device.sensors[position].range
    }

    private func read(_ session: SessionModel, _ index: UInt32, _ feature: UInt32, _ type: InputType) -> Expectation {
        guard let range = sensor(session, index, feature, type), range.canRead else { return .only(.device) }
        if let device = device(index), !session.sees(device) { return .only(.message) }
        return Expectation(kind: .reading, codes: 1 << ErrorCode.device.rawValue)
    }

    private func subscribe(_ session: SessionModel, _ index: UInt32, _ feature: UInt32, _ type: InputType) -> Expectation {
        guard let range = sensor(session, index, feature, type), range.canSubscribe else { return .only(.device) }
        if let device = device(index), !session.sees(device) { return .only(.message) }
        sensorsChanged = true
        let position = session.subscriptions.firstIndex { $0.device == index && $0.feature == feature && $0.type == type }
        if let position {
            session.subscriptions[position].isOpen = true
        } else {
            session.subscriptions.append(
                SubscriptionModel(device: index, feature: feature, type: type, isSure: false, isOpen: true))
        }
        return Expectation(codes: 1 << ErrorCode.device.rawValue)
    }

    private func unsubscribe(_ session: SessionModel, _ index: UInt32, _ feature: UInt32, _ type: InputType) -> Expectation {
        guard let range = sensor(session, index, feature, type), range.canSubscribe else { return .only(.device) }
        if let device = device(index), !session.sees(device) { return .only(.message) }
        sensorsChanged = true
        session.subscriptions.removeAll { $0.device == index && $0.feature == feature && $0.type == type }
        return Expectation(codes: 1 << ErrorCode.device.rawValue)
    }
}
