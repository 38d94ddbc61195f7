// What a backend tells the watchdog: each device's zeros when it becomes ready, and whether anything runs.
// Must not know the watchdog, nor decide what is written.

import Buttplug
import Host

/// A backend whose devices the watchdog can know.
package protocol WillsOwner: AnyObject {
    /// From here on the watchdog is told of its devices. To be called once, before the host runs.
    /// - Parameter transport: The backend's number among those of the router, below 64.
    func use(_ wills: any Wills, as transport: UInt8)
}

/// The watchdog and the backend's number there.
struct WillsLine {
    var wills: any Wills
    var transport: UInt8

    func anythingRuns(_ runs: Bool) { wills.anythingRuns(runs, in: transport) }
    func clear(_ device: UInt32) { wills.clear(WillKey(transport: transport, device: device)) }
}

extension HardwareBackend: WillsOwner where Transport: ~Copyable {
    func use(_ wills: any Wills, as transport: UInt8) {
        line = WillsLine(wills: wills, transport: transport)
        wills.onPosted { [weak self] now in self?.happened(at: now) { $0.lettersPosted(at: now) } }
    }

    /// Before the bytes leave: a watchdog that is told later could be told never.
    func tellOfRise(_ writes: UnsafeBufferPointer<DeviceWrite>) {
        guard let line else { return }
        for index in writes.indices where writes[index].value != 0 && !writes[index].type.isMove { return line.anythingRuns(true) }
    }

    /// After the bytes have left.
    func tellWhatRuns() { line?.anythingRuns(core.devices.runs()) }

    /// A device has come or gone.
    func tellWatchdog(_ event: BackendEvent) {
        guard let line else { return }
        switch event {
        case .appeared(let device, _):
            // What has no descriptor of its own sees the end of the router by itself.
            guard let wire = core.transport.wire(of: device), let descriptor = rim?.descriptor(of: wire), descriptor >= 0 else { return }
            let letter = core.devices[Int(device)].letter(beginning: Transport.letterStart, by: &core.output)
            line.wills.set(WillKey(transport: line.transport, device: device), letter, descriptor)
        case .disappeared(let device): line.clear(device)
        default: break
        }
    }

    /// The router ends. A device that is not known to be at zero stays with the watchdog.
    func tellOfEnd() {
        guard let line, !core.devices.runs() else { return }
        line.anythingRuns(false)
    }
}

extension HardwareCore where Transport: ~Copyable {
    /// The watchdog has brought every device to zero while the router did not run. What clients wanted before that is over: each device
    /// is gone for them, and comes again.
    mutating func lettersPosted(at now: Instant) {
        for device in devices.indices where devices[device].phase == .ready {
            tell(device, "the router had stopped, and its watchdog brought the device to zero")
            transport.leave(UInt32(device), at: now, into: &effects)
            disconnected(device, at: now)
            devices[device].phaseEnds = now
        }
    }
}

extension [HardwareDevice] {
    /// Whether any device has an output that is not zero, or has not been told its zero. Moves end by themselves.
    mutating func runs() -> Bool {
        var anything = false
        for device in indices where self[device].phase == .ready { anything = self[device].checkRunning() || anything }
        return anything
    }
}

extension HardwareDevice {
    /// The packets that bring the device to zero, regardless of what it was told before.
    func letter(beginning start: [UInt8], by output: inout DeviceOutput) -> [[UInt8]] {
        // A copy: what it remembers of this is of no concern to the device.
        guard var driver else { return [] }
        var zeros = OutputState()
        zeros.dirty = heldSlots
        zeros.isStop = true
        output.removeAll()
        driver.encode(zeros, into: &output)
        var packets: [[UInt8]] = []
        for step in output.steps {
            if case .write(let packet) = step { packets.append(start + output.bytes[packet.range]) }
        }
        output.removeAll()
        return packets
    }

    /// It runs from the first value that is not zero until all zeros have left. One that is told its zeros again does not run.
    fileprivate mutating func checkRunning() -> Bool {
        var left = heldSlots
        while left != 0 {
            if state.values[left.trailingZeroBitCount] != 0 {
                isRunning = true
                return true
            }
            left &= left - 1
        }
        if isRunning, !isPending, !isBlocked, rest.isEmpty { isRunning = false }
        return isRunning
    }
}
