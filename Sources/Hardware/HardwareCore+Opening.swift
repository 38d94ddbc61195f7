// From a candidate to a device that clients see: connect, let the protocol talk to it, tell it zero.
// Must not know how a transport connects.

import Buttplug
import Host

extension HardwareCore where Transport: ~Copyable {
    /// Somebody advertises, has come, or says something new of itself.
    mutating func found(_ candidate: Candidate, at now: Instant) {
        if let sighting = recognition.sighting(of: candidate) { reports.sightings.append(sighting) }
        guard let device = devices.place(of: candidate.address) else {
            // Most that advertise are telephones and lamps.
            guard recognition.isWanted(candidate) else { return }
            if let place = devices.take(candidate, atMost: Self.devicesMax) { return connect(place, at: now) }
            let problem = "there are \(Self.devicesMax) devices, and no more are taken"
            return reports.notices.append(HardwareNotice(subject: recognition.kind, problem: problem))
        }
        devices[device].candidate = candidate
        guard devices[device].phase == .forgotten else { return }
        devices[device].phase = .candidate
        devices[device].failures = 0
        connect(device, at: now)
    }

    /// Tries a candidate, if anybody knows how to drive it.
    mutating func connect(_ device: Int, at now: Instant) {
        guard recognition.take(&devices[device]) else {
            devices[device].phaseEnds = .never
            return
        }
        devices[device].phase = .connecting
        devices[device].phaseEnds = now + times.connecting
        transport.connect(devices[device].candidate, as: UInt32(device), at: now, into: &effects)
    }

    /// The transport has a connection.
    mutating func connected(_ device: Int, _ endpoints: EndpointSet, at now: Instant) {
        guard devices[device].phase == .connecting, let match = devices[device].match else { return }
        devices[device].endpoints = endpoints
        devices[device].phase = .opening
        devices[device].phaseEnds = now + times.opening
        guard takeDriver(device, match.protocolName, at: now) else { return }
        advance(device, at: now) { $0.begin(into: &$1) }
    }

    /// Gives the device a fresh protocol; false when there is none, and it was given up.
    private mutating func takeDriver(_ device: Int, _ name: String, at now: Instant) -> Bool {
        if recognition.giveDriver(name, to: &devices[device]) { return true }
        giveUp(device, because: "there is no protocol \"\(name)\"", at: now)
        return false
    }

    /// Lets the protocol take a step, and then what it says.
    mutating func advance(
        _ device: Int, at now: Instant, _ step: (inout any DeviceProtocol, inout DeviceOutput) -> Opening?
    ) {
        output.removeAll()
        guard var driver = devices[device].driver.take() else { return }
        output.memory = driver.memory
        let opening = step(&driver, &output)
        devices[device].driver = driver
        let phase = devices[device].phase
        sendOutput(device, at: now)
        guard devices[device].phase == phase else { return }
        passOnReadings(device)
        guard phase == .opening, let opening else { return }
        devices[device].waitEnds = .never
        switch opening {
        case .wait(let interval): devices[device].waitEnds = now + interval
        case .model(let identifier): adopt(device, identifier: devices[device].match?.model ?? identifier, at: now)
        case .described(let model): adopt(device, model, at: now)
        case .ready: prepare(device, at: now)
        case .refused(let text): giveUp(device, because: "\(text)", at: now)
        case .another(let name, let model): if takeDriver(device, name, at: now) { adopt(device, identifier: model, at: now) }
        }
    }

    private mutating func adopt(_ device: Int, identifier: String?, at now: Instant) {
        guard let model = recognition.model(of: devices[device], identifier: identifier) else {
            return giveUp(device, because: "nobody knows what it has; it is not driven", at: now)
        }
        adopt(device, model, at: now)
    }

    private mutating func adopt(_ device: Int, _ model: Model, at now: Instant) {
        guard model.outputs.count <= OutputState.slotsMax else {
            return giveUp(device, because: "it has more than \(OutputState.slotsMax) outputs", at: now)
        }
        devices[device].model = model
        advance(device, at: now) { $0.adopt(model, into: &$1) }
    }

    /// The protocol knows what the device is. It may still run from before, so it is told zero first.
    private mutating func prepare(_ device: Int, at now: Instant) {
        guard let model = devices[device].model else { return giveUp(device, because: "its protocol knows no model", at: now) }
        devices[device].takeSlots(of: model, recognition.settings(of: model, devices[device].candidate))
        devices[device].phase = .preparing
        devices[device].phaseEnds = now + times.preparing
        devices[device].wantZero()
        touch(device)
    }

    /// What it was told has left, or was answered.
    mutating func isPrepared(_ device: Int, at now: Instant) {
        (devices[device].failures, devices[device].owesZero) = (0, false)
        guard recognition.mayConnect(devices[device]) else {
            tell(device, "it is at zero, and was let go: the configuration denies it")
            return letGo(device, at: now)
        }
        devices[device].phase = .ready
        devices[device].phaseEnds = .never
        tell(device, devices[device].settingsProblem)
        if let sighting = recognition.sighting(of: devices[device]) { reports.sightings.append(sighting) }
        let description = devices[device].description(
            identity: recognition.identity(of: devices[device].candidate), name: devices.shownName(of: device),
            gapMilliseconds: gapMilliseconds)
        reports.events.append(.appeared(UInt32(device), description))
    }

    // MARK: Time

    /// Does what is due for a device.
    mutating func checkTimes(of device: Int, at now: Instant) {
        guard devices[device].nextTime <= now else { return }
        switch devices[device].phase {
        case .forgotten: break
        case .candidate: connect(device, at: now)
        case .connecting: if devices[device].phaseEnds <= now { giveUp(device, because: "it cannot be connected", at: now) }
        case .opening:
            if devices[device].phaseEnds <= now { return giveUp(device, because: "it does not say what it is", at: now) }
            devices[device].waitEnds = .never
            advance(device, at: now) { $0.waited(into: &$1) }
        case .preparing: if devices[device].phaseEnds <= now { giveUp(device, because: "it does not take a stop", at: now) }
        case .ready:
            devices[device].expireReadings(at: now, into: &reports)
            switch devices[device].takeKeepAlive(at: now, times.passing) {
            case .none: break
            case .again: touch(device)
            case .ask: advance(device, at: now) { $0.waited(into: &$1) }
            }
        }
    }
}
