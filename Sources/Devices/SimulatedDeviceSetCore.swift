// The simulated devices of one backend as a pure machine: writes, requests and time go in, answers and events come out.
// Must not know the router, a clock or a journal. The same seed and the same calls give the same events.

import Buttplug
import HeapModule
import Host

/// What the set of simulated devices reports.
enum SimulatedEffect: Hashable {
    case answered(ticket: UInt32, WriteOutcome)
    case event(BackendEvent)
}

/// What became of a write.
enum SimulatedWriteOutcome: Hashable {
    case accepted, refused
    /// The answer comes later, as an effect.
    case pending
    /// The device is gone: there is no answer.
    case lost
}

/// All simulated devices of one backend. `perform` is the hot path: it allocates nothing and, for a plain device, does
/// little more than store the value. The rest of the verbs are in `SimulatedDeviceSetCore+Presence` and `+Requests`.
struct SimulatedDeviceSetCore: ~Copyable {
    /// What a write needs to know of a device.
    struct Row {
        /// Present, and without latency, faults, limits or a carriage: store and answer.
        var isPlain: Bool
        /// Its first entry in `outputs`.
        var base: UInt32
        /// How many entries it has there: `stride` per feature.
        var count: UInt32
    }

    /// One output of one feature, whether it exists or not.
    struct Output {
        var value: Int32
        var exists: Bool
    }

    /// Something to be done at a time. Counters show whether it is still wanted.
    enum Due {
        case answer(device: Int, incarnation: UInt32, ticket: UInt32, WriteOutcome)
        case found(device: Int, scan: UInt32)
        case scanEnds(scan: UInt32)
        case leaves(device: Int, incarnation: UInt32)
        case returns(device: Int, incarnation: UInt32)
        case reading(device: Int, sensor: Int, subscription: UInt32)
    }

    /// An entry of the agenda; of two at the same time, the one made first comes first.
    struct Entry: Comparable {
        var time: Instant
        var order: UInt64
        var due: Due

        static func == (a: Entry, b: Entry) -> Bool { a.order == b.order }
        static func < (a: Entry, b: Entry) -> Bool { a.time != b.time ? a.time < b.time : a.order < b.order }
    }

    /// Entries per feature in `outputs`, one per type and some unused: a number the compiler can shift by.
    static var stride: Int { 16 }

    let options: SimulatedSetOptions
    var rows = Slab<Row>()
    var outputs = Slab<Output>()
    var devices = Slab<SimulatedDevice>()
    var agenda = Heap<Entry>()
    var entriesMade: UInt64 = 0
    /// Whether devices appear at the start, without a scan.
    let isPresentAtStart: Bool
    /// Counts scans; odd while one runs.
    var scan: UInt32 = 0

    init(_ specs: [SimulatedDeviceSpec], options: SimulatedSetOptions) {
        precondition(OutputType.allCases.count <= Self.stride)
        self.options = options
        isPresentAtStart = options.presentAtStart
        var ordinals: [(key: String, count: Int)] = []
        for spec in specs {
            let key = spec.archetype.identityKey
            let index = ordinals.firstIndex { $0.key == key } ?? ordinals.count
            if index == ordinals.count { ordinals.append((key, 0)) }
            for _ in 0..<max(spec.count, 0) {
                ordinals[index].count += 1
                add(spec, ordinal: ordinals[index].count)
            }
        }
    }

    private mutating func add(_ spec: SimulatedDeviceSpec, ordinal: Int) {
        let archetype = spec.archetype
        let description = DeviceDescription(
            identity: "simulated:\(archetype.identityKey):\(ordinal)",
            name: ordinal == 1 ? archetype.name : "\(archetype.name) \(ordinal)",
            displayName: spec.displayName, messageGapMilliseconds: spec.messageGapMilliseconds, features: archetype.features)
        let base = outputs.count
        for feature in archetype.features {
            for raw in 0..<Self.stride {
                outputs.append(Output(value: 0, exists: feature.outputs.contains { Int($0.type.rawValue) == raw }))
            }
        }
        rows.append(Row(isPlain: false, base: UInt32(base), count: UInt32(outputs.count - base)))
        devices.append(SimulatedDevice(spec, description: description, seed: options.seed))
    }

    // MARK: Writes

    /// Carries out one write. A late device takes the value at once and answers late.
    @inline(__always)
    mutating func perform(_ write: DeviceWrite, at now: Instant) -> SimulatedWriteOutcome {
        guard Int(write.device) < rows.count else { return .refused }
        let row = rows[Int(write.device)]
        guard row.isPlain else { return performWithFaults(write, at: now) }
        guard let index = index(of: write, in: row) else { return .refused }
        let old = outputs[index].value
        outputs[index].value = write.value
        if (old == 0) != (write.value == 0) { activityChanged(write, at: now) }
        return .accepted
    }

    /// Where the output that a write means is in `outputs`; nil when the device has none such. Features have no holes (`Archetype.init`).
    @inline(__always)
    private func index(of write: DeviceWrite, in row: Row) -> Int? {
        let (feature, type) = (UInt64(write.feature), UInt64(write.type.rawValue))
        let offset = feature &* UInt64(Self.stride) &+ type
        guard offset < UInt64(row.count) else { return nil }
        let index = Int(UInt64(row.base) &+ offset)
        return outputs[index].exists ? index : nil
    }

    /// A held output went on or off. The battery is the only one to care.
    @inline(never)
    private mutating func activityChanged(_ write: DeviceWrite, at now: Instant) {
        guard write.type.isHeld else { return }
        let device = Int(write.device)
        devices[device].settle(until: now)
        devices[device].activeOutputs += write.value == 0 ? -1 : 1
    }

    @inline(never)
    private mutating func performWithFaults(_ write: DeviceWrite, at now: Instant) -> SimulatedWriteOutcome {
        let device = Int(write.device)
        guard devices[device].presence == .present else { return .lost }
        guard let index = index(of: write, in: rows[device]) else { return .refused }
        let ok = !devices[device].refuses()
        if ok { store(write, at: index, now) }
        let answer = devices[device].answerTime(at: now)
        refreshRow(device)
        guard answer > now else { return ok ? .accepted : .refused }
        schedule(.answer(device: device, incarnation: devices[device].incarnation, ticket: write.ticket, ok ? .done : .refused), at: answer)
        return .pending
    }

    private mutating func store(_ write: DeviceWrite, at index: Int, _ now: Instant) {
        let device = Int(write.device)
        let old = outputs[index].value
        outputs[index].value = write.value
        if (old == 0) != (write.value == 0) { activityChanged(write, at: now) }
        guard write.type.isMove, write.feature == devices[device].carriageFeature, devices[device].carriage != nil else { return }
        devices[device].settle(until: now)
        devices[device].carriage?.move(to: write.value, within: .milliseconds(Int64(write.duration)), at: now)
    }

    /// What the device last took for an output, 0 after it was gone; nil when it has no such output.
    func value(_ device: BackendDevice, feature: UInt32, type: OutputType) -> Int32? {
        guard Int(device) < rows.count else { return nil }
        let asked = DeviceWrite(
            to: DeviceTarget(backend: 0, device: device, deviceIndex: 0, feature: feature), type: type, value: 0, duration: 0, ticket: 0,
            session: DeviceWrite.noSession)
        return index(of: asked, in: rows[Int(device)]).map { outputs[$0].value }
    }

    /// Puts every held output of a device to zero and halts its moves.
    mutating func rest(_ device: Int, at now: Instant) {
        devices[device].settle(until: now)
        devices[device].carriage?.halt(at: now)
        devices[device].activeOutputs = 0
        let row = rows[device]
        for index in Int(row.base)..<Int(row.base + row.count) { outputs[index].value = 0 }
    }

    // MARK: Time

    /// The earliest time at which something is to be done.
    var deadline: Instant { agenda.min?.time ?? .never }

    mutating func schedule(_ due: Due, at time: Instant) {
        entriesMade &+= 1
        agenda.insert(Entry(time: time, order: entriesMade, due: due))
    }

    /// Does everything that was scheduled before this call and is due. What is scheduled during the call waits for the next call, even if it is
    /// due already.
    mutating func deadlinePassed(at now: Instant, into effects: inout ContiguousArray<SimulatedEffect>) {
        let newest = entriesMade
        while let entry = agenda.min, entry.time <= now, entry.order <= newest {
            agenda.removeMin()
            carryOut(entry.due, at: now, into: &effects)
        }
    }

    private mutating func carryOut(_ due: Due, at now: Instant, into effects: inout ContiguousArray<SimulatedEffect>) {
        switch due {
        case .answer(let device, let incarnation, let ticket, let outcome):
            guard devices[device].incarnation == incarnation else { return }
            effects.append(.answered(ticket: ticket, outcome))
        case .found(let device, let scan):
            guard scan == self.scan, devices[device].presence == .undiscovered else { return }
            appear(device, at: now, into: &effects)
        case .scanEnds(let scan):
            guard scan == self.scan else { return }
            self.scan &+= 1
            effects.append(.event(.scanningFinished))
        case .leaves(let device, let incarnation):
            guard devices[device].incarnation == incarnation else { return }
            vanish(device, to: .away, at: now, into: &effects)
            scheduleReturn(of: device, at: now)
        case .returns(let device, let incarnation):
            guard devices[device].incarnation == incarnation else { return }
            appear(device, at: now, into: &effects)
        case .reading(let device, let sensor, let subscription):
            sendReading(device, sensor: sensor, subscription: subscription, at: now, into: &effects)
        }
    }

    /// Brings a device's row up to date after anything that `isPlain` depends on.
    mutating func refreshRow(_ device: Int) { rows[device].isPlain = devices[device].isPlain }
}
