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

/// A device that was found at any time. Its place in the table is its number, for ever. It has its own place in memory, so that a write, which
/// asks for much of it, copies nothing of it.
final class HardwareDevice {
    @exclusivity(unchecked) var candidate: Candidate
    @exclusivity(unchecked) var phase = HardwarePhase.candidate
    /// When the present phase has taken too long; of a candidate: when it is tried again.
    @exclusivity(unchecked) var phaseEnds = Instant.zero
    /// The time of `Opening.wait`.
    @exclusivity(unchecked) var waitEnds = Instant.never
    /// Tries that failed since it last was ready, or since the last scan.
    @exclusivity(unchecked) var failures = 0
    /// What the operator was told last, since it last was ready.
    @exclusivity(unchecked) var told: String?

    @exclusivity(unchecked) var driver: (any DeviceProtocol)?
    @exclusivity(unchecked) var match: DeviceMatch?
    @exclusivity(unchecked) var model: Model?
    /// What is set for it, what of that cannot be, and for each slot what a client's value is for the device.
    @exclusivity(unchecked) var settings = DeviceSettings()
    @exclusivity(unchecked) var settingsProblem: String?
    @exclusivity(unchecked) var maps: [RangeMap] = []
    @exclusivity(unchecked) var endpoints = EndpointSet()
    /// The outputs' bits in `OutputState.dirty`: all, and those that are no moves.
    @exclusivity(unchecked) var slots: UInt32 = 0
    @exclusivity(unchecked) var heldSlots: UInt32 = 0
    /// Moves and sprays.
    @exclusivity(unchecked) var passingSlots: UInt32 = 0
    /// Those that put `KeepAlive.ask` off: moves and sprays; of a device without such, all.
    @exclusivity(unchecked) var pacedSlots: UInt32 = 0

    @exclusivity(unchecked) var state = OutputState()
    /// The slots that the packets under way were made from.
    @exclusivity(unchecked) var sentSlots: UInt32 = 0
    /// They were a stop.
    @exclusivity(unchecked) var sentStop = false
    /// Writes that wait for the next encoding, and those whose packets are under way.
    @exclusivity(unchecked) var waiting: [TakenWrite] = []
    @exclusivity(unchecked) var sent: [TakenWrite] = []
    /// When a move or a spray was wanted, by slot.
    @exclusivity(unchecked) var passingSince = InlineArray<32, Instant>(repeating: .zero)
    /// One of the packets under way has left, or is about to.
    @exclusivity(unchecked) var hasLeft = false
    /// One of them has nowhere to go: what all of them are answered with.
    @exclusivity(unchecked) var trouble: WriteOutcome?
    /// A packet is under way that the device answers.
    @exclusivity(unchecked) var isPending = false
    /// What its protocol remembered before that packet.
    @exclusivity(unchecked) var pendingMemory = DeviceMemory()
    /// An encoding's packets that have to wait for that answer, with their bytes.
    @exclusivity(unchecked) var rest: [DeviceStep] = []
    @exclusivity(unchecked) var restBytes: [UInt8] = []
    /// The way to the device takes nothing for now.
    @exclusivity(unchecked) var isBlocked = false
    /// Writes that failed in a row.
    @exclusivity(unchecked) var failedWrites = 0
    @exclusivity(unchecked) var lastWriteAt = Instant.zero
    /// Since when `KeepAlive.ask` counts.
    @exclusivity(unchecked) var pacedAt = Instant.zero
    /// What the watchdog knows: it may be at something else than zero.
    @exclusivity(unchecked) var isRunning = false
    /// It was lost while it may have run, so it is looked for until it has been told zero.
    @exclusivity(unchecked) var owesZero = false
    /// It is on the list of those that are written when the call ends.
    @exclusivity(unchecked) var isTouched = false

    /// What is asked of it.
    @exclusivity(unchecked) var readings: [AskedReading] = []
    @exclusivity(unchecked) var subscribed: [SensorOf] = []

    init(_ candidate: Candidate) { self.candidate = candidate }

    /// Whether the transport has it.
    var isConnected: Bool { phase == .connecting || phase == .opening || phase == .preparing || phase == .ready }
    /// Whether it is connected, or is being connected, and clients do not see it yet.
    var isOnItsWay: Bool { isConnected && phase != .ready }
    /// Whether nobody will miss it: the transport has forgotten it, or it was given up, and it does not run.
    var isFree: Bool { !owesZero && (phase == .forgotten || phase == .candidate && phaseEnds == .never) }
    /// Nothing is under way that a packet would have to wait for.
    var takesPackets: Bool { !isPending && !isBlocked && rest.isEmpty }
    /// Whether it can be written.
    var isOpen: Bool { phase == .opening || phase == .preparing || phase == .ready }

    /// The slot of an output; nil when the device has none such that clients see.
    func slot(feature: UInt32, _ type: OutputType) -> Int? {
        guard let slot = model?.outputs.firstIndex(where: { $0.feature == feature && $0.type == type }) else { return nil }
        return maps[slot].isDisabled ? nil : slot
    }

    /// Notes the outputs that the model has, and what is set for them.
    func takeSlots(of model: Model, _ set: (DeviceSettings, problem: String?)) {
        (settings, settingsProblem) = set
        maps = model.rangeMaps(settings)
        for (slot, output) in model.outputs.enumerated() {
            slots |= 1 << UInt32(slot)
            if !output.type.isMove { heldSlots |= 1 << UInt32(slot) }
            if !output.type.isHeld { passingSlots |= 1 << UInt32(slot) }
        }
        pacedSlots = passingSlots == 0 ? slots : passingSlots
    }

    /// A try has failed.
    /// - Returns: How long to wait for the next one; nil after so many that there is none. There always is for one that owes its zero.
    func failed(_ times: HardwareTimes) -> Interval? {
        failures += 1
        if failures >= times.failuresMax { return owesZero ? times.longestWait : nil }
        return min(times.shortestWait * Int64(1 << min(failures - 1, 10)), times.longestWait)
    }

    /// Whether it may be at something else than zero, or has not been told all that it was to be.
    var mayRun: Bool {
        if isRunning || isPending || isBlocked || !rest.isEmpty || state.isStop || state.dirty != 0 { return true }
        return state.values.indices.contains { heldSlots >> UInt32($0) & 1 == 1 && state.values[$0] != 0 }
    }

    /// Takes a write into the state.
    func want(_ write: DeviceWrite, in slot: Int, at now: Instant, into reports: inout HardwareReports) {
        // Then what waits has this zero: made again it would begin with the other motors, and come later each time.
        let wasZero = state.values[slot] == 0
        state.values[slot] = maps[slot].hardware(write.value)
        state.durations[slot] = write.duration
        state.dirty |= 1 << UInt32(slot)
        if !write.type.isHeld { passingSince[slot] = now }
        // Nothing that is older than a zero may start something after it.
        if write.value == 0, !write.type.isMove, !rest.isEmpty, !wasZero { dropRest(into: &reports) }
        waiting.append(TakenWrite(ticket: write.ticket, slot: UInt32(slot)))
    }

    /// Everything at zero, and everything to be told.
    func wantZero() {
        state.values = InlineArray(repeating: 0)
        state.durations = InlineArray(repeating: 0)
        state.dirty = heldSlots
        state.isStop = true
    }

    /// Turns what is wanted into packets, and counts it as under way.
    func encode(into output: inout DeviceOutput, at now: Instant) {
        lastWriteAt = now
        if state.dirty & pacedSlots != 0 { pacedAt = now }
        if sentSlots == 0, !sentStop { hasLeft = false }
        output.memory = driver?.memory ?? DeviceMemory()
        driver?.encode(state, into: &output)
        sentSlots |= state.dirty
        sentStop = sentStop || state.isStop
        (state.dirty, state.isStop) = (0, false)
        if sent.isEmpty { swap(&sent, &waiting) } else { sent.append(contentsOf: waiting) }
        waiting.forget()
    }

    /// What was under way is over.
    func answerSent(_ outcome: WriteOutcome, into reports: inout HardwareReports) {
        for index in sent.indices { reports.answers.append(.init(ticket: sent[index].ticket, outcome: outcome)) }
        sent.forget()
        (sentSlots, sentStop, hasLeft, trouble) = (0, false, false, nil)
    }

    /// A step that cannot go now waits for those before it. Of an encoding that was blocked nothing is kept: it is made again.
    func keep(_ step: DeviceStep, _ bytes: [UInt8]) {
        if isBlocked, phase != .opening { return }
        guard rest.count < 64 else { return }
        guard case .write(let packet) = step else { return rest.append(step) }
        let start = UInt32(restBytes.count)
        restBytes.append(contentsOf: bytes[packet.range])
        var kept = packet
        (kept.start, kept.end) = (start, UInt32(restBytes.count))
        rest.append(.write(kept))
    }

    /// A packet did not go out: its protocol remembers what it did before. What is said while a device is opened is no encoding.
    func takeBack(to memory: DeviceMemory) {
        if phase != .opening { driver?.memory = memory }
    }

    /// What the router is told about a device that is ready.
    /// - Parameter gapMilliseconds: The transport's least time between two packets.
    func description(identity: String, name: String, gapMilliseconds: UInt32) -> DeviceDescription {
        guard let model else { preconditionFailure("a ready device has a model") }
        var description = DeviceDescription(identity: identity, name: name, features: model.limited(by: maps).features)
        description.displayName = settings.displayName.map { ShownName.clean($0) }
        description.preferredIndex = settings.index
        description.messageGapMilliseconds =
            switch settings.gap {
            case .models: model.gapMilliseconds ?? gapMilliseconds
            case .transports: gapMilliseconds
            case .milliseconds(let gap): gap
            }
        description.gathersWrites = true
        return description
    }

    /// What keeps the device alive, if it is due: then its state is to be told again, or its protocol asked.
    /// - Parameter patience: For what a move or a spray still has to be told.
    func takeKeepAlive(at now: Instant, _ patience: Interval) -> KeepAlive {
        guard !isPending, !isBlocked, let keepAlive = driver?.keepAlive else { return .none }
        switch keepAlive {
        case .again(let interval) where lastWriteAt + interval <= now: state.dirty |= heldSlots
        case .ask(let interval) where pacedAt + interval <= now:
            if pacedAt + interval + patience <= now { driver?.endMoves() }
            pacedAt = now
        case .none, .again, .ask: return .none
        }
        lastWriteAt = now
        return keepAlive
    }

    /// What was encoded is not carried out.
    func forgetRest() {
        rest.removeAll(keepingCapacity: true)
        restBytes.removeAll(keepingCapacity: true)
    }

    /// It is not connected any more.
    /// - Parameter number: What the router knows it by.
    func disconnected(as number: UInt32, into reports: inout HardwareReports) {
        failReadings("the device is gone", into: &reports)
        if phase == .ready {
            // Writes without an answer fail with it.
            reports.events.append(.disappeared(number))
            owesZero = owesZero || mayRun
        }
        forgetConnection()
        (phase, phaseEnds) = (.candidate, .never)
    }

    /// Forgets what belongs to a connection; writes without an answer are the caller's to answer.
    func forgetConnection() {
        driver = nil
        model = nil
        (settings, settingsProblem, maps) = (DeviceSettings(), nil, [])
        endpoints = EndpointSet()
        state = OutputState()
        (slots, heldSlots, passingSlots, pacedSlots) = (0, 0, 0, 0)
        (sentSlots, sentStop, hasLeft, trouble) = (0, false, false, nil)
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

extension [HardwareDevice] {
    /// The device of an address.
    func place(of address: String) -> Int? { firstIndex { $0.candidate.address == address } }

    /// The model's name; of several devices with one name the later ones have a number after it.
    func shownName(of device: Int) -> String {
        let own = self[device].model?.name
        let alike = self[..<device].count { $0.phase == .ready && $0.model?.name == own }
        let name = ShownName.clean(own ?? "")
        return alike == 0 ? name : "\(name) \(alike + 1)"
    }

    /// A place for a new device: another one, or when there are so many, one that nobody misses.
    mutating func take(_ candidate: Candidate, atMost count: Int) -> Int? {
        if self.count < count {
            append(HardwareDevice(candidate))
            return self.count - 1
        }
        guard let free = firstIndex(where: \.isFree) else { return nil }
        self[free] = HardwareDevice(candidate)
        return free
    }
}
