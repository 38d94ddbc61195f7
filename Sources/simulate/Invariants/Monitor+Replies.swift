// Every message the router sends, held against what was asked.
// Must not know how the router came to it.

import Buttplug
import Host

extension Monitor {
    /// A message left for a session.
    func replied(_ bytes: UnsafeRawBufferPointer, to session: SessionModel) {
        hash.add(UInt64(session.number))
        hash.add(now.nanoseconds)
        hash.add(bytes)
        note("#\(session.number) <- \(String(decoding: bytes.prefix(160), as: UTF8.self))")
        check(.silence, session.state != .ended, "#\(session.number) is over and was sent a message")
        guard let reply = ReplyReader(bytes) else {
            return check(.replies, false, "not a message: \(String(decoding: bytes.prefix(200), as: UTF8.self))")
        }
        if session.state == .asking {
            check(.consent, reply.name == .error && reply.code == 1, "#\(session.number) waits to be let in and was sent \(reply.name)")
        }
        if let index = session.pending.firstIndex(where: { $0.request.id == reply.id }) {
            counts.replies += 1
            settle(session, index, reply)
        } else if reply.id == 0 {
            counts.events += 1
            happened(session, reply)
        } else {
            check(
                .replies, false, "#\(session.number) was answered \(reply.name) for id \(reply.id), which it had not asked or was answered")
        }
    }

    private func settle(_ session: SessionModel, _ index: Int, _ reply: ReplyReader) {
        let pending = session.pending[index]
        if !pending.mayWait {
            // Others may overtake a list that waits for the link, but no other list.
            let isNext = !session.pending[..<index].contains { !$0.mayWait && (pending.request.isList || !$0.request.isList) }
            check(.order, isNext, "#\(session.number) was answered id \(reply.id) before an earlier request")
        }
        let isAllowed: Bool
        if reply.name == .error {
            isAllowed = pending.expected.allows(code: reply.code) || (reply.code == 4 && hasTrouble(pending))
        } else {
            isAllowed = pending.expected.mayPass && matches(reply.name, pending.expected.kind)
        }
        check(
            .replies, isAllowed,
            "#\(session.number) \(session.name) was answered \(reply.name) \(reply.code) for \(pending.request.kind), "
                + "expected \(pending.expected)")
        session.pending.remove(at: index)
        apply(session, pending.request, reply)
    }

    private func matches(_ name: ReplyReader.Name, _ kind: Expectation.Kind) -> Bool {
        switch kind {
        case .ok: name == .ok
        case .serverInfo: name == .serverInfo
        case .deviceList: name == .deviceList
        case .reading: name == .inputReading || name == .sensorReading || name == .batteryLevelReading
        }
    }

    /// Whether the device a request is about has given a reason for `Error` 4 since it arrived.
    private func hasTrouble(_ pending: PendingRequest) -> Bool {
        guard case .outputs(let index, _, _) = pending.request.kind, Int(index) < devices.count else { return false }
        let device = devices[Int(index)]
        if device.troubleAt >= pending.arrivedAt { return true }
        let timeout = settings.arbitration.writeTimeout
        // The time of a write may have been up for a tick when the request arrived.
        return outstanding.contains {
            $0.device === device && $0.at + timeout <= now && $0.at + timeout + Self.tick >= pending.arrivedAt
        }
    }

    private func apply(_ session: SessionModel, _ request: SimulatedRequest, _ reply: ReplyReader) {
        switch request.kind {
        case .deviceList where reply.name == .deviceList:
            session.hasList = true
            session.known = reply.numbers("DeviceIndex").sorted()
        case .outputs(let index, let parts, _):
            guard reply.name == .error, reply.code == 4, let device = device(index) else { return }
            for lane in device.lanes {
                guard let position = lane.holdings.firstIndex(where: { $0.session === session && $0.request == request.id }) else {
                    continue
                }
                if parts.count == 1, lane.holdings[position].isSure || lane.mix(parts[0].type) != .exclusive {
                    lane.holdings.remove(at: position)
                } else {
                    lane.holdings[position].isSure = false
                }
                touch(lane)
            }
        case .subscribe(let device, let feature, let type):
            sensorsChanged = true
            let position = session.subscriptions.firstIndex { $0.device == device && $0.feature == feature && $0.type == type }
            guard let position else { return }
            session.subscriptions[position].isOpen = false
            if reply.name == .ok {
                session.subscriptions[position].isSure = true
            } else if !session.subscriptions[position].isSure {
                session.subscriptions.remove(at: position)
            } else if self.device(device) != nil {
                // A second try that failed may have ended the first; one to a device that is away has not.
                session.subscriptions[position].isSure = false
            }
        case .disconnect: session.mayBeClosedFor.append(.clientDisconnected)
        default: break
        }
    }

    // MARK: Events

    private func happened(_ session: SessionModel, _ reply: ReplyReader) {
        switch reply.name {
        case .deviceList where session.version == .v4: session.known = reply.numbers("DeviceIndex").sorted()
        case .deviceAdded where session.version < .v4: added(session, reply)
        case .deviceRemoved where session.version < .v4: removed(session, reply)
        case .scanningFinished:
            check(.scans, session.owedFinished > 0, "#\(session.number) was told of the end of a scan that it had not asked for")
            session.owedFinished -= 1
        case .inputReading where session.version == .v4: reading(session, reply, feature: reply.number("FeatureIndex"))
        case .sensorReading where session.version == .v3: reading(session, reply, feature: nil)
        case .error where reply.code == 2: session.wasToldOfPing = true
        default: check(.replies, false, "#\(session.number) of \(session.version) was sent \(reply.name) \(reply.code) on nobody's request")
        }
    }

    private func added(_ session: SessionModel, _ reply: ReplyReader) {
        let index = reply.number("DeviceIndex") ?? .max
        check(.lists, !session.known.contains(index), "#\(session.number) was told twice that device \(index) is there")
        session.known.append(index)
        session.known.sort()
    }

    private func removed(_ session: SessionModel, _ reply: ReplyReader) {
        let index = reply.number("DeviceIndex") ?? .max
        check(.lists, session.known.contains(index), "#\(session.number) was told that device \(index) left, which it did not know")
        session.known.removeAll { $0 == index }
    }

    private func reading(_ session: SessionModel, _ reply: ReplyReader, feature: UInt32?) {
        counts.readings += 1
        let device = reply.number("DeviceIndex")
        let isWanted = session.subscriptions.contains { $0.device == device && (feature ?? $0.feature) == $0.feature }
        check(.subscriptions, isWanted, "#\(session.number) was sent a reading of a sensor it is not subscribed to")
    }
}
