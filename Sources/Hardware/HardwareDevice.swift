// One device of a transport: where it is in its life, what it should do, and what it still owes.
// Must not know how bytes get to it.

import Buttplug
import Host

/// Where a device is in its life.
enum HardwarePhase: UInt8, Hashable, Sendable {
    /// It was found and is not connected. Can turn into: connecting, forgotten.
    case candidate
    /// The transport connects it. Can turn into: opening, candidate.
    case connecting
    /// Its protocol talks to it. Can turn into: preparing, candidate.
    case opening
    /// It was told zero, and its answer is awaited. Can turn into: ready, candidate.
    case preparing
    /// Clients see it. Can turn into: candidate, forgotten.
    case ready
    /// The transport does not have it any more. Can turn into: candidate.
    case forgotten
}

/// A device that was found at any time. Its place in the table is its number, for ever.
struct HardwareDevice {
    var candidate: Candidate
    var phase = HardwarePhase.candidate
    /// When the present phase has taken too long; of a candidate: when it is tried again.
    var phaseEnds = Instant.zero
    /// The time of `Opening.wait`.
    var waitEnds = Instant.never
    /// Tries that failed since it last was ready, or since the last scan.
    var failures = 0
    /// What the operator was told last, since it last was ready.
    var told: String?

    var driver: (any DeviceProtocol)?
    var match: DeviceMatch?
    var model: Model?
    var endpoints = EndpointSet()
    /// The outputs' bits in `OutputState.dirty`: all, and those that are no moves.
    var slots: UInt32 = 0
    var heldSlots: UInt32 = 0

    var state = OutputState()
    /// The slots that the packets under way were made from.
    var sentSlots: UInt32 = 0
    /// They were a stop.
    var sentStop = false
    /// Writes that wait for the next encoding, and those whose packets are under way.
    var waiting: [UInt32] = []
    var sent: [UInt32] = []
    /// A packet is under way that the device answers.
    var isPending = false
    /// An encoding's packets that have to wait for that answer, with their bytes.
    var rest: [DeviceStep] = []
    var restBytes: [UInt8] = []
    /// The way to the device takes nothing for now.
    var isBlocked = false
    /// Writes that failed in a row.
    var failedWrites = 0
    var lastWriteAt = Instant.zero
    /// What the watchdog knows: it may be at something else than zero.
    var isRunning = false
    /// It is on the list of those that are written when the call ends.
    var isTouched = false

    /// What is asked of it.
    var readings: [AskedReading] = []
    var subscribed: [SensorOf] = []

    init(_ candidate: Candidate) { self.candidate = candidate }

    /// Whether the transport has it.
    var isConnected: Bool { phase == .connecting || phase == .opening || phase == .preparing || phase == .ready }
    /// Whether it is connected, or is being connected, and clients do not see it yet.
    var isOnItsWay: Bool { isConnected && phase != .ready }
    /// Whether it can be written.
    var isOpen: Bool { phase == .opening || phase == .preparing || phase == .ready }

    /// The slot of an output; nil when the device has none such.
    func slot(feature: UInt32, _ type: OutputType) -> Int? {
        model?.outputs.firstIndex { $0.feature == feature && $0.type == type }
    }

    /// Notes the outputs that the model has.
    mutating func takeSlots(of model: Model) {
        for (slot, output) in model.outputs.enumerated() {
            slots |= 1 << UInt32(slot)
            if !output.type.isMove { heldSlots |= 1 << UInt32(slot) }
        }
    }

    /// A try has failed.
    /// - Returns: How long to wait for the next one; nil after so many that there is none.
    mutating func failed(_ times: HardwareTimes) -> Interval? {
        failures += 1
        if failures >= times.failuresMax { return nil }
        return min(times.shortestWait * Int64(1 << min(failures - 1, 10)), times.longestWait)
    }

    /// Everything at zero, and everything to be told.
    mutating func wantZero() {
        state.values = InlineArray(repeating: 0)
        state.durations = InlineArray(repeating: 0)
        state.dirty = heldSlots
        state.isStop = true
    }

    /// Turns what is wanted into packets, and counts it as under way.
    mutating func encode(into output: inout DeviceOutput) {
        driver?.encode(state, into: &output)
        sentSlots |= state.dirty
        sentStop = sentStop || state.isStop
        (state.dirty, state.isStop) = (0, false)
        sent.append(contentsOf: waiting)
        waiting.removeAll(keepingCapacity: true)
    }

    /// A step that cannot go now waits for those before it. Of an encoding that was blocked nothing is kept: it is made again.
    mutating func keep(_ step: DeviceStep, _ bytes: [UInt8]) {
        if isBlocked, phase != .opening { return }
        guard rest.count < 64 else { return }
        guard case .write(let packet) = step else { return rest.append(step) }
        let start = UInt32(restBytes.count)
        restBytes.append(contentsOf: bytes[packet.range])
        rest.append(.write(Packet(start: start, end: UInt32(restBytes.count), endpoint: packet.endpoint, delivery: packet.delivery)))
    }

    /// What waits for the packet under way is wanted again, in its newest form.
    mutating func dropRest() {
        forgetRest()
        oweAgain()
    }

    /// What was encoded could not leave: it is wanted again, in its newest form.
    mutating func oweAgain() {
        state.dirty |= sentSlots
        state.isStop = state.isStop || sentStop
        (sentSlots, sentStop) = (0, false)
        sent.append(contentsOf: waiting)
        swap(&sent, &waiting)
        sent.removeAll(keepingCapacity: true)
    }

    /// What the router is told about a device that is ready.
    func description(identity: String, name: String, gapMilliseconds: UInt32) -> DeviceDescription {
        guard let model else { preconditionFailure("a ready device has a model") }
        var description = DeviceDescription(identity: identity, name: name, features: model.features)
        description.messageGapMilliseconds = match?.gapMilliseconds ?? model.gapMilliseconds ?? gapMilliseconds
        description.gathersWrites = true
        return description
    }

    /// What was encoded is not carried out.
    mutating func forgetRest() {
        rest.removeAll(keepingCapacity: true)
        restBytes.removeAll(keepingCapacity: true)
    }

    /// Forgets what belongs to a connection; writes without an answer are the caller's to answer.
    mutating func forgetConnection() {
        driver = nil
        model = nil
        endpoints = EndpointSet()
        state = OutputState()
        (slots, heldSlots, sentSlots, sentStop) = (0, 0, 0, false)
        waiting.removeAll()
        sent.removeAll()
        (isPending, isBlocked, isRunning) = (false, false, false)
        rest.removeAll()
        restBytes.removeAll()
        failedWrites = 0
        waitEnds = .never
        subscribed.removeAll()
    }
}

/// A sensor of a device.
struct SensorOf: Hashable, Sendable {
    var feature: UInt32
    var type: InputType
}

/// A reading that was asked for and has not come.
struct AskedReading: Hashable, Sendable {
    var request: UInt32
    var sensor: SensorOf
    var ends: Instant
}
