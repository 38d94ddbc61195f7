// What an upstream says: answers go to the request with their id; everything else is events of devices and sensors.
// Must not trust it: an id that is not open, an answer of the wrong kind or an unreadable message harms nobody else's request.

import Buttplug
import Host

extension UpstreamCore {
    /// A whole text message of the upstream.
    mutating func receive(_ text: RawSpan, at now: Instant) {
        lastMessageAt = now
        switch phase {
        case .ready: if let id = ClientSession.readOk(text) { return ok(id, at: now) }
        case .greeting, .listing: break
        case .waiting, .dialling, .expecting, .off: return
        }
        session.receive(text, into: &batch)
        for index in batch.events.indices {
            happened(batch.events[index], at: now)
            // The session has been given up.
            if session.state == .ended { return }
        }
    }

    private mutating func happened(_ event: ServerEvent, at now: Instant) {
        switch event {
        case .serverInfo(_, _, let version, _): serverInfo(version, at: now)
        case .ok(let id): ok(id, at: now)
        case .error(let id, let code, let text): error(id, code, text, at: now)
        case .deviceList(let id, let list): deviceList(id, list, at: now)
        case .reading(let id, let device, let feature, let type, let values): reading(id, device, feature, type, values, at: now)
        case .scanningFinished: scanFinished()
        case .malformed(let id, _): if id == 0 { passOver() } else { fail(id, "The server that has the device answered garbage.", at: now) }
        }
    }

    // MARK: The handshake

    private mutating func serverInfo(_ version: UInt32, at now: Instant) {
        guard case .greeting = phase else { return passOver() }
        if session.version == nil {
            giveUp(.versionRefused, .refused("it uses version \(version) of the protocol, and at least 3 is needed"), at: now)
        } else if isAvoided {
            leaveLoop(at: now)
        } else {
            greeted(at: now)
        }
    }

    /// An error while greeting: it does not know version 4, or does not want us at all. A router that says so is not asked twice.
    private mutating func greetingRefused(_ text: String, at now: Instant) {
        if session.state == .greeting(.v4), !text.hasPrefix("router.denied.") {
            greet(.v3, at: now)
        } else {
            giveUp(.versionRefused, .refused(text), at: now)
        }
    }

    // MARK: Answers

    @inline(__always)
    private mutating func ok(_ id: UInt32, at now: Instant) {
        guard let request = asked.close(id) else { return passOver() }
        if request.kind == .write {
            out.answers.append(.init(ticket: request.number, outcome: .done))
        } else {
            okOther(request, at: now)
        }
    }

    @inline(never)
    private mutating func okOther(_ request: AskedRequest, at now: Instant) {
        switch request.kind {
        case .subscribe: out.events.append(.subscriptionAnswered(request: request.number))
        case .read, .list: failed(request, "The server that has the device answered something else.", at: now)
        case .ping:
            pingDueAt = .never
            cameBack(request, at: now)
        case .write, .scan, .other: break
        }
    }

    /// An answer of the kind that a server gives at once.
    private mutating func cameBack(_ request: AskedRequest, at now: Instant) {
        roundTrips.add(now - request.deadline + settings.answerTimeout)
    }

    private mutating func error(_ id: UInt32, _ code: UInt8, _ text: String, at now: Instant) {
        if case .greeting = phase { return greetingRefused(text, at: now) }
        // It did not receive our pings, and a reference server then refuses everything from then on, over a connection that it leaves open.
        if code == ErrorCode.ping.rawValue { return giveUp(.pingMissed, .down(.pingMissed), at: now) }
        fail(id, text, at: now)
    }

    private mutating func fail(_ id: UInt32, _ text: String, at now: Instant) {
        guard let request = asked.close(id) else { return passOver() }
        failed(request, text, at: now)
    }

    /// No answer within the time for it.
    mutating func expired(_ request: AskedRequest, at now: Instant) {
        failed(request, "The server that has the device did not answer in time.", at: now)
        // Has it forgotten this one, or does it answer nothing any more?
        switch phase {
        case .listing, .ready: if pingDueAt == .never { probe(at: now) }
        case .waiting, .dialling, .expecting, .greeting, .off: break
        }
    }

    private mutating func failed(_ request: AskedRequest, _ text: String, at now: Instant) {
        switch request.kind {
        case .write: out.answers.append(.init(ticket: request.number, outcome: .refused))
        case .read, .subscribe: out.events.append(.requestFailed(request: request.number, text))
        case .scan: scanFinished()
        // Without a list this server is of no use; it may be another one next time.
        case .list: giveUp(.protocolError, .refused("it does not list its devices: \(text)"), at: now)
        // One that wants no pings may not know them, and is alive.
        case .ping: if session.maxPingTime > 0 { giveUp(.pingMissed, .down(.pingMissed), at: now) } else { pingDueAt = .never }
        case .other: break
        }
    }

    /// It has nothing more to find, or will not scan: the router asks again while somebody wants a scan.
    private mutating func scanFinished() {
        guard isScanning else { return }
        isScanning = false
        searchUntil = .never
        out.events.append(.scanningFinished)
    }

    // MARK: Devices and sensors

    private mutating func deviceList(_ id: UInt32, _ list: [DeviceInfo], at now: Instant) {
        if id != 0 {
            guard let request = asked.close(id), request.kind == .list else { return passOver() }
            cameBack(request, at: now)
        }
        if phase == .listing, id != 0 {
            phase = .ready
            provenAt = now + UpstreamPace.proof
        }
        for handle in devices.replace(with: list, into: &out.events) { asked.forget(handle) }
        if id != 0 { beginSearch(at: now) } else if !devices.missesSome { endSearch(at: now) }
        if devices.isOverfull { tell(.tooManyDevices(settings.limits.upstreamDevices), at: now) }
    }

    private mutating func reading(
        _ id: UInt32, _ device: UInt32, _ feature: UInt32, _ type: InputType, _ values: [Int32], at now: Instant
    ) {
        guard id != 0 else {
            guard let handle = devices.handle(at: device) else { return passOver() }
            out.events.append(.reading(handle, feature: feature, type: type, values: values))
            return
        }
        guard let request = asked.close(id) else { return passOver() }
        if request.kind == .read, devices.handle(at: device) == request.device {
            out.events.append(.readAnswered(request: request.number, values: values))
        } else {
            failed(request, "The server that has the device answered something else.", at: now)
        }
    }
}
