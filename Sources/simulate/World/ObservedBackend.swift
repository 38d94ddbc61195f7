// Stands between the router and the simulated devices: shows the monitor both directions, and adds faults to the devices.
// Must not know sessions. What it does follows from its seed and its plan of faults alone.

import Buttplug
import Devices
import HeapModule
import Host
import SimHost

/// What is the matter with a device for a while.
enum DeviceMood: CaseIterable {
    case well
    /// The device itself is slow.
    case slow
    /// The device itself refuses some writes.
    case moody
    /// Writes reach the device late and out of order, some only after the router has given them up.
    case lagging
    /// Some writes reach the device and are never answered, some do not even reach it.
    case mute
    /// Refuses writes, half of which it has carried out.
    case lying
}

/// A backend in front of `EmbeddedBackend`, with faults.
final class ObservedBackend: Backend, BackendOwner {
    enum Due {
        case forward(DeviceWrite, incarnation: UInt32)
        case answer(ticket: UInt32, WriteOutcome, device: BackendDevice, incarnation: UInt32)
        case request(BackendRequest, device: BackendDevice, incarnation: UInt32)
        case life(BackendDevice)
        case recover(BackendDevice, count: UInt32)
        case comeBack(BackendDevice)
    }

    struct Entry: Comparable {
        var time: Instant
        var order: UInt64
        var due: Due
        static func < (a: Entry, b: Entry) -> Bool { a.time == b.time ? a.order < b.order : a.time < b.time }
        static func == (a: Entry, b: Entry) -> Bool { a.order == b.order }
    }

    let inner: EmbeddedBackend
    let monitor: Monitor
    private var random: SimRandom
    private var agenda = Heap<Entry>()
    private var order: UInt64 = 0
    private var moods: [DeviceMood]
    private var moodCounts: [UInt32]
    private var incarnations: [UInt32]
    private var present: [Bool]
    private var requestsDone: [Instant]
    /// What the device takes for every write, on average, when it is well.
    private let usual: [Interval]
    private var owner: (any BackendOwner)?
    private var number: BackendNumber = 0
    /// The device carries out a write whose answer is lost.
    private var isSilent = false
    /// Time between two things that happen to one device; nil for none.
    private let lifeEvery: Interval?
    private var isCalm = false

    init(_ inner: EmbeddedBackend, _ monitor: Monitor, seed: UInt64, lifeEvery: Interval?, start: Instant) {
        self.inner = inner
        self.monitor = monitor
        random = SimRandom(seed: seed)
        self.lifeEvery = lifeEvery
        let count = inner.count
        moods = Array(repeating: .well, count: count)
        moodCounts = Array(repeating: 0, count: count)
        incarnations = Array(repeating: 0, count: count)
        present = Array(repeating: false, count: count)
        requestsDone = Array(repeating: .zero, count: count)
        usual = (0..<count).map { [Interval.zero, .milliseconds(8), .milliseconds(60)][$0 % 3] }
        for device in 0..<count { planLife(BackendDevice(device), at: start) }
    }

    // MARK: Backend

    func start(for owner: any BackendOwner, as number: BackendNumber, at now: Instant) {
        self.owner = owner
        self.number = number
        inner.start(for: self, as: number, at: now)
    }

    func stop(at now: Instant) {
        inner.stop(at: now)
        owner = nil
    }

    func perform(_ writes: UnsafeBufferPointer<DeviceWrite>, at now: Instant) {
        monitor.now = now
        for write in writes {
            monitor.wrote(write)
            perform(write, at: now)
        }
    }

    private func perform(_ write: DeviceWrite, at now: Instant) {
        let device = Int(write.device)
        let incarnation = incarnations[device]
        let usual = usual[device]
        switch moods[device] {
        case .well, .slow, .moody:
            if usual == .zero { return forward(write, at: now) }
            plan(.forward(write, incarnation: incarnation), at: now + random.within(usual...usual * 2))
        case .lagging:
            plan(.forward(write, incarnation: incarnation), at: now + random.within(.milliseconds(50) ... .milliseconds(3_500)))
        case .mute:
            // Carried out without an answer: its ticket is nobody's when it reaches the device.
            if random.happens(1, of: 3) { return forward(write, at: now) }
            if random.happens(1, of: 2) { silently(write, at: now) }
        case .lying:
            if random.happens(1, of: 2) { silently(write, at: now) }
            let answer = Due.answer(ticket: write.ticket, .refused, device: write.device, incarnation: incarnation)
            plan(answer, at: now + random.within(.zero ... .milliseconds(200)))
        }
    }

    private func forward(_ write: DeviceWrite, at now: Instant) {
        withUnsafePointer(to: write) { inner.perform(UnsafeBufferPointer(start: $0, count: 1), at: now) }
    }

    /// The device carries out a write; its answer is lost.
    private func silently(_ write: DeviceWrite, at now: Instant) {
        isSilent = true
        forward(write, at: now)
        isSilent = false
    }

    func handle(_ request: BackendRequest, at now: Instant) {
        monitor.now = now
        monitor.requested(request)
        switch request {
        case .read(let device, _, _, _), .subscribe(let device, _, _, _), .unsubscribe(let device, _, _, _):
            let mood = moods[Int(device)]
            if mood == .mute, random.happens(1, of: 2) { return }
            if mood == .well, usual[Int(device)] == .zero, requestsDone[Int(device)] <= now {
                return inner.handle(request, at: now)
            }
            let delay = mood == .lagging ? random.within(.zero ... .seconds(7)) : random.within(.zero ... .milliseconds(80))
            // A device takes requests in their order, however slow it is.
            requestsDone[Int(device)] = max(requestsDone[Int(device)], now + delay)
            plan(.request(request, device: device, incarnation: incarnations[Int(device)]), at: requestsDone[Int(device)])
        default: inner.handle(request, at: now)
        }
    }

    var deadline: Instant { min(inner.deadline, agenda.min?.time ?? .never) }

    func report(at now: Instant) {
        monitor.now = now
        let last = order
        while let entry = agenda.min, entry.time <= now, entry.order <= last {
            agenda.removeMin()
            carryOut(entry.due, at: now)
        }
        if inner.deadline <= now { inner.report(at: now) }
    }

    func turnEnded(at now: Instant) { inner.turnEnded(at: now) }

    // MARK: BackendOwner, toward the devices

    func reportIsDue(from backend: BackendNumber) { owner?.reportIsDue(from: number) }

    func answered(ticket: UInt32, _ outcome: WriteOutcome, at now: Instant) {
        guard !isSilent else { return }
        monitor.now = now
        monitor.answered(ticket, outcome == .done)
        owner?.answered(ticket: ticket, outcome, at: now)
    }

    func happened(_ event: BackendEvent, from backend: BackendNumber, at now: Instant) {
        monitor.now = now
        switch event {
        case .appeared(let device, let description):
            present[Int(device)] = true
            monitor.appeared(device, description)
        case .disappeared(let device):
            present[Int(device)] = false
            incarnations[Int(device)] &+= 1
            monitor.disappeared(device)
        case .subscriptionAnswered(let request): monitor.requestAnswered(request, ok: true)
        case .requestFailed(let request, _): monitor.requestAnswered(request, ok: false)
        case .scanningFinished: monitor.scanningFinished()
        case .reading, .readAnswered, .returned: break
        }
        owner?.happened(event, from: number, at: now)
    }

    // MARK: Faults

    private func plan(_ due: Due, at time: Instant) {
        order &+= 1
        agenda.insert(Entry(time: time, order: order, due: due))
    }

    private func planLife(_ device: BackendDevice, at now: Instant) {
        if let lifeEvery { plan(.life(device), at: now + random.around(lifeEvery)) }
    }

    private func carryOut(_ due: Due, at now: Instant) {
        switch due {
        case .forward(let write, let incarnation):
            if incarnations[Int(write.device)] == incarnation { forward(write, at: now) }
        case .answer(let ticket, let outcome, let device, let incarnation):
            if incarnations[Int(device)] == incarnation { answered(ticket: ticket, outcome, at: now) }
        case .request(let request, let device, let incarnation):
            if incarnations[Int(device)] == incarnation { inner.handle(request, at: now) }
        case .life(let device):
            if !isCalm { live(device, at: now) }
            planLife(device, at: now)
        case .recover(let device, let count): if moodCounts[Int(device)] == count { become(.well, device) }
        case .comeBack(let device): inner.reconnect(device, at: now)
        }
    }

    private func live(_ device: BackendDevice, at now: Instant) {
        if random.happens(1, of: 3) {
            guard present[Int(device)] else { return }
            inner.disconnect(device, at: now)
            // Sometimes it is back before anybody has noticed.
            let away = random.happens(1, of: 4) ? Interval.zero : random.within(.milliseconds(100) ... .seconds(600))
            if away == .zero { inner.reconnect(device, at: now) } else { plan(.comeBack(device), at: now + away) }
        } else {
            become(random.pick(DeviceMood.allCases), device)
            plan(.recover(device, count: moodCounts[Int(device)]), at: now + random.within(.milliseconds(500) ... .seconds(60)))
        }
    }

    private func become(_ mood: DeviceMood, _ device: BackendDevice) {
        monitor.note("device handle \(device) is \(mood)")
        moods[Int(device)] = mood
        moodCounts[Int(device)] &+= 1
        inner.setLatency(mood == .slow ? .normal(mean: .milliseconds(400), deviation: .milliseconds(300)) : .none, on: device)
        inner.setFailureRate(mood == .moody ? 0.4 : 0, on: device)
    }

    /// From here on every device answers, and those that are away come back.
    func calm(at now: Instant) {
        isCalm = true
        for device in moods.indices { become(.well, BackendDevice(device)) }
    }
}
