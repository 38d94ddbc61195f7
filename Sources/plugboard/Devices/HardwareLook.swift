// A look at hardware without a router: scans with the configured transports, and may move one output for a second.
// Must not know the command line, nor who is asked before anything moves. However it ends, the devices are told zero first.

import Buttplug
import Hardware
import Host
import UV
import UVHost

/// Runs the backends of a configuration on a host, as long as there is something to find.
final class HardwareLook: BackendOwner, TurnOwner {
    /// What comes after the scan.
    enum Next {
        case end
        /// Moves this output, then ends.
        case move(OutputTest)
        /// Somebody is being asked: `go` follows.
        case wait
    }

    private let host: UVHost
    var loop: Loop { host.loop }
    private let made: HardwareBackends
    private var alarm: (any Alarm)?
    private(set) var findings: DeviceFindings
    private var scanning: Set<BackendNumber> = []
    private var isScanning = true
    private let earliest: Instant
    private let latest: Instant
    /// Called once, when the scan is over.
    private let onScanned: (HardwareLook) -> Next
    private var test: OutputTest?
    private var testEnds = Instant.never
    private(set) var testOutcome: WriteOutcome?
    /// What was moved has no zero: it stays where it is.
    private(set) var isLeftInPlace = false
    private(set) var isOver = false

    /// At least so long, also when every transport has looked: a port opens in a moment, and a program dials in.
    private static let shortest = Interval.seconds(1)
    /// For those that are still being opened when the scan is over.
    private static let patience = Interval.seconds(15)
    private static let answer = Interval.seconds(2)

    /// - Parameters:
    ///   - findings: What is known before.
    ///   - waits: Programs may dial in: the whole time is waited for them.
    init(
        _ made: HardwareBackends, _ findings: DeviceFindings, for time: Interval, waits: Bool, on host: UVHost,
        onScanned: @escaping (HardwareLook) -> Next
    ) {
        (self.host, self.made, self.findings, self.onScanned) = (host, made, findings, onScanned)
        let now = host.now
        earliest = now + (waits ? time : min(time, Self.shortest))
        latest = now + time + Self.patience
        made.watch { [unowned self] sighting, _ in self.findings.saw(sighting) }
    }

    /// For the backends' notices.
    func noticed(_ subject: String, _ problem: String?) { findings.noticed(subject, problem) }

    func begin() {
        alarm = host.attach(self)
        let now = host.now
        for (number, backend) in made.backends.enumerated() {
            backend.start(for: self, as: BackendNumber(number), at: now)
            scanning.insert(BackendNumber(number))
            backend.handle(.startScanning, at: now)
        }
        look(at: now)
    }

    // MARK: What the backends say

    func answered(ticket: UInt32, _ outcome: WriteOutcome, at now: Instant) {
        guard test != nil else { return }
        if ticket == OutputTest.startTicket, outcome != .done { testOutcome = outcome }
        if ticket == OutputTest.endTicket { finish(outcome, at: now) }
    }

    func happened(_ event: BackendEvent, from backend: BackendNumber, at now: Instant) {
        switch event {
        case .appeared(let device, let description): findings.appeared(description, backend, device)
        case .disappeared(let device):
            findings.disappeared(backend, device)
            if let test, test.target.backend == backend, test.target.device == device { finish(.unreachable, at: now) }
        case .scanningFinished: scanning.remove(backend)
        case .reading, .readAnswered, .requestFailed, .subscriptionAnswered, .returned: break
        }
    }

    func reportIsDue(from backend: BackendNumber) {}

    // MARK: Time

    func turnEnded(at now: Instant) {
        guard !isOver else { return }
        look(at: now)
        for backend in made.backends { backend.turnEnded(at: now) }
    }

    func deadlinePassed(at now: Instant) { look(at: now) }

    private func look(at now: Instant) {
        guard !isOver else { return }
        for backend in made.backends { backend.report(at: now) }
        if isScanning, now >= latest || now >= earliest && scanning.isEmpty && !findings.isPending {
            isScanning = false
            go(onScanned(self), at: now)
        }
        if testEnds <= now { endTest(at: now) }
        guard !isOver else { return }
        var deadline = min(testEnds, isScanning ? now < earliest ? earliest : latest : .never)
        for backend in made.backends { deadline = min(deadline, backend.deadline) }
        alarm?.set(deadline)
    }

    // MARK: After the scan

    /// Goes on after somebody was asked.
    func go(_ next: Next) { if !isOver { go(next, at: host.now) } }

    private func go(_ next: Next, at now: Instant) {
        switch next {
        case .wait: break
        case .end: end()
        case .move(let test):
            self.test = test
            testEnds = now + test.time
            isLeftInPlace = test.end == nil
            perform(test.start, at: now)
            alarm?.set(min(testEnds, now))
        }
    }

    private func perform(_ write: DeviceWrite, at now: Instant) {
        withUnsafePointer(to: write) {
            made.backends[Int(write.backend)].perform(UnsafeBufferPointer(start: $0, count: 1), at: now)
        }
    }

    private func endTest(at now: Instant) {
        guard let test else { return }
        // It has been told zero, and does not answer: the end tells it again.
        guard let zero = test.end, testOutcome == nil, !isZeroTold else { return finish(testOutcome ?? .done, at: now) }
        isZeroTold = true
        testEnds = now + Self.answer
        perform(zero, at: now)
    }

    private var isZeroTold = false

    private func finish(_ outcome: WriteOutcome, at now: Instant) {
        testOutcome = testOutcome ?? outcome
        testEnds = .never
        test = nil
        end()
    }

    /// Somebody wants it to end. What moves is told zero and may answer first; asked again it ends at once.
    func cancel() {
        guard test?.end != nil, !isZeroTold, !isOver else { return end() }
        endTest(at: host.now)
        if !isOver { alarm?.set(testEnds) }
    }

    /// Tells every device zero and lets go of it. What was told leaves before the host ends.
    func end() {
        guard !isOver else { return }
        isOver = true
        for backend in made.backends { backend.stop(at: host.now) }
        host.detach(self)
        BackendsEnd.keep(made.backends, on: host)
        host.stop(within: .seconds(1))
    }
}

/// A weak move of one output, for a second.
struct OutputTest {
    static let startTicket: UInt32 = 1
    static let endTicket: UInt32 = 2

    var target: DeviceTarget
    var start: DeviceWrite
    /// Zero; nil for what moves and ends by itself.
    var end: DeviceWrite?
    var time = Interval.seconds(1)
    /// "vibrate of feature 0 to 4 of 20, for a second".
    var words: String

    /// Of the first output that can be moved weakly: those first that only shake.
    init?(_ description: DeviceDescription, at place: (backend: BackendNumber, device: BackendDevice)) {
        func target(_ feature: UInt32) -> DeviceTarget {
            DeviceTarget(backend: place.backend, device: place.device, deviceIndex: 0, feature: feature)
        }
        for type in [OutputType.vibrate, .rotate, .oscillate, .constrict, .led] {
            for feature in description.features {
                guard let range = feature.outputs.first(where: { $0.type == type }) else { continue }
                let value = max(1, Int32(range.steps) / 5)
                self.target = target(feature.index)
                start = DeviceWrite(to: self.target, type: type, value: value, ticket: Self.startTicket)
                end = DeviceWrite(to: self.target, type: type, value: 0, ticket: Self.endTicket)
                words = "\(type) of feature \(feature.index) to \(value) of \(range.steps), for a second"
                return
            }
        }
        for feature in description.features {
            guard let range = feature.outputs.first(where: { $0.type == .hwPositionWithDuration }) else { continue }
            let value = Int32(range.steps) / 2
            self.target = target(feature.index)
            start = DeviceWrite(to: self.target, type: range.type, value: value, duration: 3_000, ticket: Self.startTicket)
            time = .milliseconds(3_500)
            words = "feature \(feature.index) slowly to its middle, in three seconds; it stays there"
            return
        }
        return nil
    }
}
