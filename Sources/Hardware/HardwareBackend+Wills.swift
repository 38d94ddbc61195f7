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
    /// What is written to one descriptor.
    struct Letter {
        var wire: WireID
        var descriptor: Int32
        var isPaced: Bool
        var packets: [[UInt8]]
    }

    var wills: any Wills
    var transport: UInt8
    /// The letters that there are, and the wire that each goes to.
    private(set) var letters: [(key: WillKey, wire: WireID)] = []

    init(_ wills: any Wills, as transport: UInt8) { (self.wills, self.transport) = (wills, transport) }

    func anythingRuns(_ runs: Bool) { wills.anythingRuns(runs, in: transport) }

    /// The device's letters are these from now on.
    /// - Returns: Whether there was room for all of them.
    mutating func set(_ device: UInt32, _ wanted: [Letter]) -> Bool {
        clear(device, from: wanted.count)
        var isWhole = true
        for (part, letter) in wanted.enumerated() {
            let key = WillKey(transport: transport, device: device, part: UInt8(part))
            letters.removeAll { $0.key == key }
            guard wills.set(key, letter.packets, isPaced: letter.isPaced, letter.descriptor) else {
                isWhole = false
                continue
            }
            letters.append((key, letter.wire))
        }
        return isWhole
    }

    /// Takes back the device's letters from this part on.
    mutating func clear(_ device: UInt32, from part: Int = 0) {
        for place in letters.indices.reversed() where letters[place].key.device == device && Int(letters[place].key.part) >= part {
            wills.clear(letters.remove(at: place).key)
        }
    }
}

extension HardwareBackend where Transport: ~Copyable {
    func use(_ wills: any Wills, as transport: UInt8) {
        line = WillsLine(wills, as: transport)
        core.transport.prepareLetters()
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
        guard line != nil else { return }
        switch event {
        case .appeared(let device, _): sendLetter(of: device)
        case .disappeared(let device): line?.clear(device)
        default: break
        }
    }

    /// There are other ways to devices now.
    func renewLetters() {
        guard line != nil else { return }
        for device in core.devices.indices where core.devices[device].phase == .ready { sendLetter(of: UInt32(device)) }
    }

    private static var noLetter: String {
        "the watchdog cannot stop it: when the router is killed, it goes on until the router has started again"
    }

    /// The watchdog gets the packets of zero and the descriptors that take them. A device that cannot be brought to zero as a whole by those
    /// is told to the operator.
    private func sendLetter(of device: UInt32) {
        var letters: [WillsLine.Letter] = []
        var (isWhole, isComing) = (true, false)
        for zero in core.devices[Int(device)].zeros(by: &core.output) {
            switch core.transport.letter(zero.packet, Array(zero.bytes), to: device) {
            case .write(let packet, let wire, let isPaced):
                guard let (bytes, descriptor) = rim?.letter(packet, to: wire) else {
                    isWhole = false
                    continue
                }
                if let place = letters.firstIndex(where: { $0.wire == wire && $0.isPaced == isPaced }) {
                    letters[place].packets.append(bytes)
                } else {
                    letters.append(.init(wire: wire, descriptor: descriptor, isPaced: isPaced, packets: [bytes]))
                }
            case .later: isComing = true
            case .none: isWhole = false
            }
        }
        isWhole = line?.set(device, letters) == true && isWhole
        if !isWhole, !Transport.devicesSeeTheEnd { return core.tell(Int(device), Self.noLetter) }
        if !isComing, core.devices[Int(device)].told == Self.noLetter { core.tell(Int(device), nil) }
    }

    /// Before a descriptor is closed its letter is taken back: the watchdog's duplicate would keep the way to the device.
    func takeBackLetters() {
        guard let line, !line.letters.isEmpty, !core.effects.closes.isEmpty else { return }
        for letter in line.letters where core.effects.closes.contains(letter.wire) {
            self.line?.clear(letter.key.device)
            guard core.devices[Int(letter.key.device)].phase == .ready else { continue }
            // It goes on without that descriptor.
            sendLetter(of: letter.key.device)
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
            letGo(device, at: now)
            devices[device].phaseEnds = now
        }
    }
}

extension [HardwareDevice] {
    /// Whether any device has an output that is not zero, or has not been told its zero. Moves end by themselves.
    func runs() -> Bool {
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
    fileprivate func checkRunning() -> Bool {
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
