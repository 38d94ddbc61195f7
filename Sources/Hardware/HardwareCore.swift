// The devices of one transport as a pure machine: writes, requests, what the transport reports and time go in; answers and events come out.
// Must not know wires or buses. Opening is in HardwareCore+Opening, the way of a write in +Writes, sensors in +Readings; what a device is
// taken for in `Recognition`.

import Buttplug
import Host

/// How long things may take.
struct HardwareTimes: Hashable, Sendable {
    var connecting = Interval.seconds(20)
    var opening = Interval.seconds(10)
    var preparing = Interval.seconds(5)
    var reading = Interval.seconds(2)
    var shortestWait = Interval.milliseconds(500)
    var longestWait = Interval.seconds(30)
    /// After so many failures in a row only a scan tries again.
    var failuresMax = 10
    var scan = Interval.seconds(30)
    /// How old a move, or a spray, may be when it leaves. Less than the router's `write_timeout` as it comes: who was refused may be gone.
    var passing = Interval.seconds(1)
    init() {}
}

/// What the backend is to pass on.
struct HardwareReports: ~Copyable {
    struct Answer {
        var ticket: UInt32
        var outcome: WriteOutcome
    }
    var answers: [Answer] = []
    var events: [BackendEvent] = []
    var notices: [HardwareNotice] = []
    var sightings: [HardwareSighting] = []
    /// The watchdog is to be told of other ways to devices.
    var lettersChanged = false
    init() {}
    var isEmpty: Bool { answers.isEmpty && events.isEmpty && notices.isEmpty && sightings.isEmpty && !lettersChanged }
}

/// Whether devices are looked for.
enum HardwareScan: Hashable {
    case off
    /// Until then at most.
    case on(Instant)
    /// The transport has nothing more; devices are still being opened.
    case ending
}

/// All devices of one transport. After each verb the rim flushes `effects`; then `flushed` is called.
struct HardwareCore<Transport: TransportCore & ~Copyable>: ~Copyable {
    var recognition: Recognition
    let times: HardwareTimes
    /// The transport's least time between two packets.
    let gapMilliseconds: UInt32
    var transport: Transport
    var effects = TransportEffects()
    var reports = HardwareReports()
    var devices: [HardwareDevice] = []
    /// What a protocol says; reused.
    var output = DeviceOutput()
    /// Devices that have something to be written.
    var touched: [Int] = []
    var scan = HardwareScan.off
    /// The earliest time of a device, or one before it; `settle` finds it among all, and a write lowers it to that of its device.
    var deviceDeadline = Instant.never
    /// A flush has changed a device's life: `settle` is due.
    var isUnsettled = false
    /// The events that are being digested; reused.
    private var digested: [TransportEvent] = []

    /// Devices that one transport may have; more are not taken in.
    static var devicesMax: Int { 64 }

    init(
        _ kind: String, _ transport: consuming Transport, book: DeviceBook, gapMilliseconds: UInt32, times: HardwareTimes = HardwareTimes()
    ) {
        recognition = Recognition(kind, book)
        self.times = times
        self.gapMilliseconds = gapMilliseconds
        self.transport = transport
    }

    /// When `deadlinePassed` is wanted.
    var deadline: Instant {
        var deadline = min(deviceDeadline, transport.deadline)
        if case .on(let end) = scan { deadline = min(deadline, end) }
        return deadline
    }

    // MARK: What the transport says

    /// Digests events until there are none: what is done about one may bring about others.
    mutating func digest(at now: Instant) {
        while !effects.events.isEmpty {
            swap(&digested, &effects.events)
            for event in digested { digest(event, at: now) }
            digested.removeAll(keepingCapacity: true)
            if effects.events.isEmpty { effects.forgetEvents() }
            writeTouched(at: now)
        }
        settle(at: now)
    }

    private mutating func digest(_ event: TransportEvent, at now: Instant) {
        switch event {
        case .found(let candidate): found(candidate, at: now)
        case .forgotten(let address):
            guard let device = devices.place(of: address), devices[device].phase == .candidate else { return }
            devices[device].phase = .forgotten
        case .identified(let device, let name): devices[Int(device)].match?.protocolName = name
        case .ready(let device, let endpoints): connected(Int(device), endpoints, at: now)
        case .wrote(let device, let ok): wrote(Int(device), ok, at: now)
        case .drained(let device):
            guard devices[Int(device)].isOpen else { return }
            devices[Int(device)].isBlocked = false
            sendRest(Int(device), at: now)
            touch(Int(device))
        case .received(let device, let endpoint, let range): deviceSaid(Int(device), endpoint, range, at: now)
        case .silent(let device, _): devices[Int(device)].failReadings("the device did not say it", into: &reports)
        case .lost(let device, let reason): lost(Int(device), reason, at: now)
        case .lettersChanged: reports.lettersChanged = true
        case .scanEnded: if scan != .off { scan = .ending }
        case .notice(let notice): reports.notices.append(notice)
        }
    }

    /// The transport has lost a device.
    private mutating func lost(_ device: Int, _ reason: LossReason, at now: Instant) {
        guard devices[device].isConnected else { return }
        let wasReady = devices[device].phase == .ready
        if let problem = reason.problem { tell(device, problem) }
        devices[device].disconnected(as: UInt32(device), into: &reports)
        // Only a scan tries such a one again.
        if reason.isFinal, !devices[device].owesZero { return }
        // One that worked is looked for at once.
        devices[device].phaseEnds = wasReady ? now : nextTry(device, at: now)
    }

    // MARK: Life

    /// Gives a connection up, and tries again later.
    mutating func giveUp(_ device: Int, because text: String, at now: Instant) {
        tell(device, text)
        letGo(device, at: now)
        devices[device].phaseEnds = nextTry(device, at: now)
    }

    /// Ends a connection.
    mutating func letGo(_ device: Int, at now: Instant) {
        transport.leave(UInt32(device), at: now, into: &effects)
        devices[device].disconnected(as: UInt32(device), into: &reports)
    }

    /// When a device that could not be opened is tried again.
    private mutating func nextTry(_ device: Int, at now: Instant) -> Instant {
        if let wait = devices[device].failed(times) { return now + wait }
        tell(device, "it was given up after \(devices[device].failures) tries; a scan tries again")
        return .never
    }

    /// Tells the operator what is wrong with a device, once; nil: it is over.
    mutating func tell(_ device: Int, _ text: String?) {
        guard devices[device].told != text else { return }
        devices[device].told = text
        reports.notices.append(HardwareNotice(subject: recognition.identity(of: devices[device].candidate), problem: text))
    }

    mutating func deadlinePassed(at now: Instant) {
        if transport.deadline <= now { transport.deadlinePassed(at: now, into: &effects) }
        if case .on(let end) = scan, end <= now {
            transport.scan(false, at: now, into: &effects)
            scan = .ending
        }
        if deviceDeadline <= now {
            for device in devices.indices { checkTimes(of: device, at: now) }
        }
        digest(at: now)
        writeTouched(at: now)
        settle(at: now)
    }

    /// Brings the deadline up to date, and ends a scan when nothing more can come of it.
    mutating func settle(at now: Instant) {
        isUnsettled = false
        var earliest = Instant.never
        var isBusy = false
        for device in devices.indices {
            earliest = min(earliest, devices[device].nextTime)
            isBusy = isBusy || devices[device].isOnItsWay
        }
        deviceDeadline = earliest
        guard scan == .ending, !isBusy else { return }
        scan = .off
        reports.events.append(.scanningFinished)
    }

    // MARK: What the router asks

    mutating func handle(_ request: BackendRequest, at now: Instant) {
        switch request {
        case .startScanning: startScanning(at: now)
        case .stopScanning:
            if case .on = scan { transport.scan(false, at: now, into: &effects) }
            scan = .off
        case .read(let device, let feature, let type, let request):
            ask(Int(device), SensorOf(feature: feature, type: type), request, at: now)
        case .subscribe(let device, let feature, let type, let request):
            subscribe(Int(device), SensorOf(feature: feature, type: type), request)
        case .unsubscribe(let device, let feature, let type, let request):
            guard device < devices.count else { break }
            devices[Int(device)].unsubscribe(SensorOf(feature: feature, type: type), request, into: &reports)
        case .stopOutputs: stopAll(at: now)
        case .cutOff(let device):
            guard device < devices.count, devices[Int(device)].phase == .ready else { break }
            tellLast(Int(device), at: now)
            giveUp(Int(device), because: "it does not take a stop, and was disconnected", at: now)
        case .foreign: break
        }
        digest(at: now)
        writeTouched(at: now)
        settle(at: now)
    }

    private mutating func startScanning(at now: Instant) {
        guard scan == .off || scan == .ending else { return }
        scan = .on(now + times.scan)
        transport.scan(true, at: now, into: &effects)
        for device in devices.indices where devices[device].phase == .candidate {
            devices[device].failures = 0
            devices[device].phaseEnds = now
        }
    }

    private mutating func stopAll(at now: Instant) {
        for device in devices.indices where devices[device].phase == .ready { stop(device, at: now) }
    }

    /// Everything at zero, before anything else that the device was to be told.
    private mutating func stop(_ device: Int, at now: Instant) {
        if !devices[device].rest.isEmpty { devices[device].dropRest(into: &reports) }
        devices[device].wantZero()
        writeNow(device, at: now)
    }

    /// The last that a device is told before it is let go: zero, also when something else holds packets back, as far as its way takes them.
    mutating func tellLast(_ device: Int, at now: Instant) {
        guard devices[device].phase == .ready, devices[device].mayRun else { return }
        (devices[device].isPending, devices[device].isBlocked) = (false, false)
        transport.hurry(UInt32(device))
        stop(device, at: now)
    }

    /// The router has ended: every device is let go.
    mutating func end(at now: Instant) {
        for device in devices.indices where devices[device].isConnected {
            tellLast(device, at: now)
            transport.leave(UInt32(device), at: now, into: &effects)
            devices[device].forgetConnection()
            devices[device].phase = .forgotten
        }
    }
}
