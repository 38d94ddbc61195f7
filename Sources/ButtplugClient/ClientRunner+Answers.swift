// What the server says, and who receives it: waiting calls, readers of events, the log.
// Must not know how a text is read; the session does.

import Buttplug
import Host

extension ClientRunner {
    func handle(_ event: ServerEvent, at now: Instant) {
        switch event {
        case .ok(let id): settle(id, .success(.ok))
        case .reading(let id, let device, let feature, let type, let values):
            if id == 0 {
                tell(Reading(device: device, feature: feature, type: type, values: values))
            } else {
                settle(id, .success(.values(values)))
            }
        case .deviceList(let id, let list): receivedList(id, list, at: now)
        case .scanningFinished: tell(.scanningFinished)
        case .serverInfo(let id, let name, let version, _):
            if case .greeting(let index, _) = state { greeted(index, name, version, id: id) }
        case .error(let id, let code, let text): receivedError(ServerComplaint(id: id, code: code, text: text))
        case .malformed(let id, let text):
            log(.warning, "a message of the server cannot be read", ["reason": .string(text)])
            if id != 0 { settle(id, .failure(.unsupported("the server's answer cannot be read: \(text)"))) }
        }
    }

    private func settle(_ id: UInt32, _ result: Result<Answer, ClientError>) { waiting.removeValue(forKey: id)?.settle(result) }

    private func receivedList(_ id: UInt32, _ list: [DeviceInfo], at now: Instant) {
        guard case .listing(_, let expected) = state, id == expected else {
            if case .ready = state { replaceDevices(list) }
            return settle(id, .success(.ok))
        }
        if isReconnecting {
            arrived(at: now)
            replaceDevices(list)
        } else {
            devices = list
            arrived(at: now)
        }
    }

    private func receivedError(_ complaint: ServerComplaint) {
        switch state {
        case .greeting(let index, let tried): return greetingRefused(index, tried, complaint)
        case .listing(_, let id) where id == complaint.id:
            failure = ClientError(complaint)
            if let link { closes.append((link, .protocolError)) }
            link = nil
            return connectionEnded(.protocolError)
        default: break
        }
        let error = ClientError(complaint)
        if waiting[complaint.id] != nil {
            settle(complaint.id, .failure(error))
        } else if complaint.id == 0 || complaint.id == pings {
            log(.warning, "the server reports an error", ["error": .string(error.description)])
            tell(.error(error))
        } else {
            log(.debug, "an error for a call that nobody waits for", ["error": .string(error.description)])
        }
    }

    // MARK: Events

    func tell(_ event: ClientEvent) {
        for buffer in buffers where buffer.sensor == nil { buffer.put(event) }
    }

    private func tell(_ reading: Reading) {
        let key = SensorKey(device: reading.device, feature: reading.feature, type: reading.type)
        for buffer in buffers where buffer.sensor == nil || buffer.sensor == key { buffer.put(.reading(reading)) }
    }

    /// Replaces the old list by a new one, and reports the difference.
    func replaceDevices(_ list: [DeviceInfo]) {
        let old = devices
        devices = list
        guard let client, old != list else { return }
        // Both are in ascending order of index. A device that has changed is another device.
        var index = 0
        for device in old {
            while index < list.count, list[index].index < device.index { index += 1 }
            if index < list.count, list[index] == device { continue }
            for buffer in buffers where buffer.sensor?.device == device.index { buffer.finish() }
            tell(.deviceRemoved(Device(device, client)))
        }
        index = 0
        for device in list {
            while index < old.count, old[index].index < device.index { index += 1 }
            if index == old.count || old[index] != device { tell(.deviceAdded(Device(device, client))) }
        }
        tell(.deviceList(list.map { Device($0, client) }))
    }

    // MARK: Buffers

    func openBuffer(_ sensor: SensorKey?) -> UInt64 {
        let buffer = EventBuffer(id: takeToken(), sensor: sensor, capacity: options.eventsMax)
        if case .idle = state { buffer.finish() }
        buffers.append(buffer)
        return buffer.id
    }

    func buffer(_ id: UInt64) -> EventBuffer? { buffers.first { $0.id == id } }

    /// Nobody reads it any more. The last reader of a sensor ends its subscription.
    func closeBuffer(_ id: UInt64) {
        guard let index = buffers.firstIndex(where: { $0.id == id }) else { return }
        let buffer = buffers.remove(at: index)
        buffer.finish()
        guard let key = buffer.sensor, case .ready = state, !buffers.contains(where: { $0.sensor == key }),
            devices.contains(where: { $0.index == key.device })
        else { return }
        _ = session.unsubscribe(device: key.device, feature: key.feature, type: key.type, into: &self.buffer)
    }

    func takeToken() -> UInt64 {
        nextToken += 1
        return nextToken
    }
}
