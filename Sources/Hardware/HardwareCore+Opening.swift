// From a candidate to a device that clients see: connect, let the protocol talk to it, tell it zero.
// Must not know how a transport connects.

import Buttplug
import Host

extension HardwareCore where Transport: ~Copyable {
    /// Tries a candidate, if anybody knows how to drive it.
    mutating func connect(_ device: Int, at now: Instant) {
        // Asked each time: a protocol may have handed the device on to another.
        devices[device].match = book.match(devices[device].candidate)
        guard devices[device].match != nil else {
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
        let candidate = devices[device].candidate
        let setup = DeviceSetup(
            name: candidate.name ?? "", endpoints: devices[device].endpoints, makers: candidate.makers, model: devices[device].match?.model)
        guard let driver = book.driver(name, setup) else {
            giveUp(device, because: "there is no protocol \"\(name)\"", at: now)
            return false
        }
        devices[device].driver = driver
        devices[device].match?.protocolName = name
        return true
    }

    /// Lets the protocol take a step, and then what it says.
    mutating func advance(
        _ device: Int, at now: Instant, _ step: (inout any DeviceProtocol, inout DeviceOutput) -> Opening?
    ) {
        output.removeAll()
        guard var driver = devices[device].driver else { return }
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
        let model = book.model(
            of: devices[device].match?.protocolName ?? "", identifier: identifier, advertised: devices[device].candidate.name ?? "")
        guard let model else { return giveUp(device, because: "nobody knows what it has; it is not driven", at: now) }
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
        devices[device].takeSlots(of: model)
        devices[device].phase = .preparing
        devices[device].phaseEnds = now + times.preparing
        devices[device].wantZero()
        touch(device)
    }

    /// What it was told has left, or was answered.
    mutating func isPrepared(_ device: Int, at now: Instant) {
        devices[device].phase = .ready
        devices[device].phaseEnds = .never
        (devices[device].failures, devices[device].owesZero) = (0, false)
        tell(device, nil)
        let description = devices[device].description(
            identity: identity(device), name: shownName(device), gapMilliseconds: gapMilliseconds)
        reports.events.append(.appeared(UInt32(device), description))
    }

    /// The model's name; of several devices with one name the later ones have a number after it.
    private func shownName(_ device: Int) -> String {
        let own = devices[device].model?.name
        let alike = devices[..<device].count { $0.phase == .ready && $0.model?.name == own }
        let name = ShownName.clean(own ?? "")
        return alike == 0 ? name : "\(name) \(alike + 1)"
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
            switch devices[device].takeKeepAlive(at: now) {
            case .none: break
            case .again: touch(device)
            case .ask: advance(device, at: now) { $0.waited(into: &$1) }
            }
        }
    }
}
