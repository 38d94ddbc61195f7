// The way of a write: into the device's state, one encoding per device and call, packets, answers.
// There is no queue of states: what could not leave is encoded again, from what is wanted then.

import Buttplug
import Host

extension HardwareCore where Transport: ~Copyable {
    /// Puts every write into its device's state, then encodes each device once.
    mutating func perform(_ writes: UnsafeBufferPointer<DeviceWrite>, at now: Instant) {
        for index in writes.indices {
            let write = writes[index]
            let device = Int(write.device)
            guard device < devices.count, devices[device].phase == .ready else {
                reports.answers.append(.init(ticket: write.ticket, outcome: .unreachable))
                continue
            }
            let one = devices[device]
            guard let slot = one.slot(feature: write.feature, write.type) else {
                reports.answers.append(.init(ticket: write.ticket, outcome: .refused))
                continue
            }
            one.want(write, in: slot, at: now, into: &reports)
            touch(device)
        }
        writeTouched(at: now)
        if !effects.events.isEmpty { digest(at: now) }
    }

    mutating func touch(_ device: Int) {
        guard !devices[device].isTouched else { return }
        devices[device].isTouched = true
        touched.append(device)
    }

    mutating func writeTouched(at now: Instant) {
        var next = 0
        while next < touched.count {
            let device = touched[next]
            next += 1
            devices[device].isTouched = false
            writeNow(device, at: now)
        }
        touched.forget()
    }

    /// Encodes what a device is to do, and sends it, unless something is under way.
    mutating func writeNow(_ device: Int, at now: Instant) {
        let one = devices[device]
        guard one.phase == .ready || one.phase == .preparing, one.takesPackets else { return }
        one.forgetLate(at: now, after: times.passing, into: &reports)
        guard one.state.dirty != 0 || one.state.isStop else {
            // A device without anything that has a zero.
            if one.phase == .preparing, !one.sentStop { isPrepared(device, at: now) }
            return
        }
        output.removeAll()
        one.encode(into: &output, at: now)
        sendOutput(device, at: now)
        if one.takesPackets, !effects.hasRuns(of: UInt32(device)) { landed(device, .done, at: now) }
        deviceDeadline = min(deviceDeadline, one.nextTime)
    }

    /// Hands the protocol's packets to the transport, in order, as far as they can go.
    mutating func sendOutput(_ device: Int, at now: Instant) {
        let one = devices[device]
        let bytes = output.bytes
        for index in output.steps.indices {
            let step = output.steps[index]
            guard one.takesPackets else {
                one.keep(step, bytes)
                continue
            }
            let sent = bytes.withUnsafeBytes { send(step, $0, device, at: now) }
            if sent == .blocked { blocked(device, step) }
            if sent == .gone { return }
        }
    }

    private mutating func send(_ step: DeviceStep, _ bytes: UnsafeRawBufferPointer, _ device: Int, at now: Instant) -> Sent {
        let runs = effects.runs.count
        let sent = transport.carryOut(step, bytes, of: UInt32(device), at: now, into: &effects)
        guard case .write(let packet) = step else { return sent }
        switch sent {
        case .pending:
            (devices[device].isPending, devices[device].pendingMemory) = (true, packet.memory)
            devices[device].hasLeft = true
        case .done: effects.remember(packet.memory, from: runs)
        case .blocked: break
        case .gone: devices[device].cannotLeave(.unreachable)
        case .lacking: devices[device].cannotLeave(.refused)
        }
        return sent
    }

    /// The way takes nothing: what was to be told is owed again, in the state. While a device is being opened the step itself waits.
    private mutating func blocked(_ device: Int, _ step: DeviceStep?) {
        devices[device].isBlocked = true
        if devices[device].phase == .opening {
            if let step { devices[device].keep(step, output.bytes) }
            return
        }
        if case .write(let packet) = step { devices[device].takeBack(to: packet.memory) }
        if effects.hasRuns(of: UInt32(device)) { devices[device].hasLeft = true }
        devices[device].oweAgain(into: &reports)
    }

    /// What the rim did with the runs: those that were not taken are owed again, the others have been written.
    mutating func flushed(at now: Instant) {
        effects.putAway()
        // The last first: what counts in the end is what a protocol remembered before the first packet that was not taken.
        for index in effects.carriedOut.indices.reversed() where !effects.carriedOut[index].isTaken {
            isUnsettled = true
            transport.wireBlocked(effects.carriedOut[index].wire)
            guard effects.carriedOut[index].device != WireRun.nobody else { continue }
            let device = Int(effects.carriedOut[index].device)
            guard devices[device].isOpen else { continue }
            if effects.carriedOut.contains(where: { $0.isTaken && $0.device == UInt32(device) }) { devices[device].hasLeft = true }
            blocked(device, nil)
            devices[device].takeBack(to: effects.carriedOut[index].memory)
        }
        for index in effects.carriedOut.indices where effects.carriedOut[index].device != WireRun.nobody {
            let device = Int(effects.carriedOut[index].device)
            let one = devices[device]
            guard one.isOpen, one.takesPackets else { continue }
            if one.phase == .preparing { isUnsettled = true }
            landed(device, .done, at: now)
        }
    }

    /// All packets of an encoding have been carried out, or one has not.
    private mutating func landed(_ device: Int, _ outcome: WriteOutcome, at now: Instant) {
        let outcome = devices[device].trouble ?? outcome
        devices[device].answerSent(outcome, into: &reports)
        guard devices[device].phase == .preparing else { return }
        switch outcome {
        case .done: isPrepared(device, at: now)
        case .refused: giveUp(device, because: "it lacks what its zero is written to; it is not driven", at: now)
        case .unreachable: break
        }
    }

    /// The device has answered a packet.
    mutating func wrote(_ device: Int, _ ok: Bool, at now: Instant) {
        guard devices[device].isOpen, devices[device].isPending else { return }
        devices[device].isPending = false
        devices[device].failedWrites = ok ? 0 : devices[device].failedWrites + 1
        if !ok {
            devices[device].forgetRest()
            devices[device].takeBack(to: devices[device].pendingMemory)
            if devices[device].failedWrites >= 3 || devices[device].phase == .preparing {
                devices[device].sent += devices[device].waiting
                devices[device].answerSent(.refused, into: &reports)
                return giveUp(device, because: "it does not take what it is told", at: now)
            }
            devices[device].oweRefusedZeros()
            landed(device, .refused, at: now)
        }
        sendRest(device, at: now)
        if devices[device].isPending || devices[device].isBlocked { return }
        // What went to a wire has landed when the rim has flushed it.
        if devices[device].rest.isEmpty, ok, !effects.hasRuns(of: UInt32(device)) { landed(device, .done, at: now) }
        touch(device)
    }

    /// The rest of an encoding, or of what a protocol said while it opened the device.
    mutating func sendRest(_ device: Int, at now: Instant) {
        guard !devices[device].rest.isEmpty else { return }
        if devices[device].isLate(at: now, after: times.passing) { return devices[device].dropRest(into: &reports) }
        var steps: [DeviceStep] = []
        swap(&steps, &devices[device].rest)
        let bytes = devices[device].restBytes
        var next = 0
        while next < steps.count, !devices[device].isPending, !devices[device].isBlocked {
            let sent = bytes.withUnsafeBytes { send(steps[next], $0, device, at: now) }
            if sent == .gone { return }
            if sent == .blocked { devices[device].isBlocked = true } else { next += 1 }
        }
        devices[device].rest = Array(steps[next...])
        if devices[device].rest.isEmpty { devices[device].restBytes.removeAll(keepingCapacity: true) }
    }
}
