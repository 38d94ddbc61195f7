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

/// The watchdog, the backend's number there, and which devices it knows.
struct WillsLine {
    var wills: any Wills
    var transport: UInt8
    /// The devices that have a letter, and the wire that it goes to.
    var letters: [(device: UInt32, wire: WireID)] = []

    func anythingRuns(_ runs: Bool) { wills.anythingRuns(runs, in: transport) }

    mutating func set(_ device: UInt32, _ packets: [[UInt8]], _ wire: WireID, _ descriptor: Int32) -> Bool {
        guard wills.set(WillKey(transport: transport, device: device), packets, descriptor) else { return false }
        letters.append((device, wire))
        return true
    }

    mutating func clear(_ device: UInt32) {
        guard let place = letters.firstIndex(where: { $0.device == device }) else { return }
        letters.remove(at: place)
        wills.clear(WillKey(transport: transport, device: device))
    }
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
        guard line != nil, !Transport.devicesSeeTheEnd else { return }
        switch event {
        case .appeared(let device, _): sendLetter(of: device)
        case .disappeared(let device): line?.clear(device)
        default: break
        }
    }

    /// The watchdog gets the packets of zero and the descriptor that takes all of them. A device that has no such descriptor is told to the
    /// operator.
    private func sendLetter(of device: UInt32) {
        let zeros = core.devices[Int(device)].zeros(by: &core.output)
        guard let first = zeros.first else { return }
        let wire = core.transport.wire(for: first.packet, to: device)
        if let wire, zeros.allSatisfy({ core.transport.wire(for: $0.packet, to: device) == wire }),
            let descriptor = rim?.descriptor(of: wire), descriptor >= 0,
            line?.set(device, zeros.map { Transport.letterStart + $0.bytes }, wire, descriptor) == true
        {
            return
        }
        core.tell(Int(device), "the watchdog cannot stop it: when the router is killed, it goes on until the router has started again")
    }

    /// Before a descriptor is closed its letter is taken back: the watchdog's duplicate would keep the way to the device.
    func takeBackLetters() {
        guard let line, !line.letters.isEmpty, !core.effects.closes.isEmpty else { return }
        for letter in line.letters where core.effects.closes.contains(letter.wire) {
            self.line?.clear(letter.device)
            guard core.devices[Int(letter.device)].phase == .ready else { continue }
            // It goes on without that descriptor.
            sendLetter(of: letter.device)
        }
    }

    /// The router ends. A device that is not known to be at zero stays with the watchdog.
    func tellOfEnd() {
        guard let line, !core.devices.runs() else { return }
        line.anythingRuns(false)
    }
}

extension HardwareCore where Transport: ~Copyable {
    /// The router had stopped, and the watchdog has posted its letters. What clients wanted before that is over: each device is told zero by
    /// the router too, since not all have letters and the router may have written after one; it is gone for clients, and comes again.
    mutating func lettersPosted(at now: Instant) {
        for device in devices.indices where devices[device].phase == .ready {
            tell(device, "the router had stopped; the device was brought to zero and comes again")
            devices[device].isRunning = true
            tellLast(device, at: now)
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
    func zeros(by output: inout DeviceOutput) -> [(packet: Packet, bytes: ArraySlice<UInt8>)] {
        // A copy: what it remembers of this is of no concern to the device.
        guard var driver else { return [] }
        var zeros = OutputState()
        zeros.dirty = heldSlots
        zeros.isStop = true
        output.removeAll()
        driver.encode(zeros, into: &output)
        var packets: [(packet: Packet, bytes: ArraySlice<UInt8>)] = []
        for step in output.steps {
            if case .write(let packet) = step { packets.append((packet, output.bytes[packet.range])) }
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
