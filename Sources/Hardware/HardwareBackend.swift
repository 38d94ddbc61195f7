// The devices of one transport: it owns the core and hands on what the core left. The router and the wires call it by `TransportBackend`.
// Must not decide anything; `HardwareCore` does.

import Buttplug
import Host

final class HardwareBackend<Transport: TransportCore & ~Copyable> {
    @exclusivity(unchecked) var core: HardwareCore<Transport>
    @exclusivity(unchecked) private var owner: (any BackendOwner)?
    @exclusivity(unchecked) private var number: BackendNumber = 0
    /// Set once, before `start`.
    @exclusivity(unchecked) var rim: (any TransportRim)?
    /// nil without a watchdog, and when the router has ended.
    @exclusivity(unchecked) var line: WillsLine?
    /// Room for answers; empty between two calls.
    @exclusivity(unchecked) private var told: [HardwareReports.Answer] = []
    private let onNotice: (HardwareNotice, Instant) -> Void
    private var onSighting: ((HardwareSighting, Instant) -> Void)?

    init(_ core: consuming HardwareCore<Transport>, onNotice: @escaping (HardwareNotice, Instant) -> Void) {
        self.core = core
        self.onNotice = onNotice
    }

    // MARK: What the router says

    func start(for owner: any BackendOwner, as number: BackendNumber, at now: Instant) {
        self.owner = owner
        self.number = number
    }

    func perform(_ writes: UnsafeBufferPointer<DeviceWrite>, at now: Instant) {
        guard owner != nil else { return }
        tellOfRise(writes)
        core.perform(writes, at: now)
        flush(at: now)
        tellOwner(at: now)
    }

    func handle(_ request: BackendRequest, at now: Instant) {
        guard owner != nil else { return }
        core.handle(request, at: now)
        flush(at: now)
        tellOwner(at: now)
    }

    private(set) var keepsUntil = Instant.never
    var deadline: Instant { owner == nil ? keepsUntil : core.deadline }

    func report(at now: Instant) {
        guard owner != nil else { return letGo(at: now) }
        if core.deadline <= now { core.deadlinePassed(at: now) }
        flush(at: now)
        tellOwner(at: now)
    }

    func turnEnded(at now: Instant) { rim?.turnEnded(at: now) }

    func stop(at now: Instant) {
        tellOfEnd()
        line = nil
        core.end(at: now)
        flush(at: now)
        owner = nil
        let kept = core.transport.closing
        keepsUntil = kept.map(\.at).max() ?? .never
        rim?.stop(keeping: kept.map(\.wire), at: now)
    }

    /// The last zeros have been read by now.
    private func letGo(at now: Instant) {
        guard keepsUntil <= now else { return }
        keepsUntil = .never
        rim?.stop(keeping: [], at: now)
    }

    // MARK: Carrying out

    private func flush(at now: Instant) {
        while !core.effects.isFlushed {
            takeBackLetters()
            rim?.flush(&core.effects, at: now)
            core.flushed(at: now)
        }
        if core.isUnsettled { core.settle(at: now) }
    }

    /// Answers first: those there are belong to devices that the router still has.
    private func tellOwner(at now: Instant) {
        tellWhatRuns()
        guard let owner, !core.reports.isEmpty else { return }
        if !core.reports.answers.isEmpty {
            // Taken out while the owner is told, since it may ask for more meanwhile. Their room is used again.
            var answers: [HardwareReports.Answer] = []
            swap(&answers, &told)
            swap(&answers, &core.reports.answers)
            for answer in answers { owner.answered(ticket: answer.ticket, answer.outcome, at: now) }
            answers.removeAll(keepingCapacity: true)
            swap(&answers, &told)
        }
        if !core.reports.events.isEmpty {
            let events = core.reports.events
            core.reports.events.removeAll(keepingCapacity: true)
            for event in events {
                tellWatchdog(event)
                owner.happened(event, from: number, at: now)
            }
        }
        if core.reports.lettersChanged {
            core.reports.lettersChanged = false
            renewLetters()
        }
        if !core.reports.notices.isEmpty {
            let notices = core.reports.notices
            core.reports.notices.removeAll(keepingCapacity: true)
            for one in notices { onNotice(one, now) }
        }
        if !core.reports.sightings.isEmpty {
            let sightings = core.reports.sightings
            core.reports.sightings.removeAll(keepingCapacity: true)
            for one in sightings { onSighting?(one, now) }
        }
    }

    /// After what a rim has brought: the router calls `report` before this turn ends.
    fileprivate func announce(at now: Instant) {
        flush(at: now)
        owner?.reportIsDue(from: number)
    }

    func use(_ rules: DeviceRules) { core.recognition.book.rules = rules }

    func watch(_ onSighting: @escaping (HardwareSighting, Instant) -> Void) {
        self.onSighting = onSighting
        core.recognition.isWatched = true
    }

    func withTransport<Result>(_ body: (borrowing Transport) -> Result) -> Result { body(core.transport) }

    /// For rims that bring something else than bytes.
    func happened(at now: Instant, _ body: (inout HardwareCore<Transport>) -> Void) {
        guard owner != nil else { return }
        body(&core)
        core.digest(at: now)
        announce(at: now)
    }
}

// What the wires say.
extension HardwareBackend where Transport: ~Copyable {
    func opened(_ id: WireID, at now: Instant) {
        guard owner != nil else { return }
        core.transport.wireOpened(id, at: now, into: &core.effects)
        core.digest(at: now)
        announce(at: now)
    }

    func received(_ bytes: RawSpan, from id: WireID, at now: Instant) {
        guard owner != nil else { return }
        core.transport.received(bytes, from: id, at: now, into: &core.effects)
        core.digest(at: now)
        announce(at: now)
    }

    func passed(_ descriptor: Int32, from id: WireID) -> Bool { owner != nil && core.transport.passed(descriptor, from: id) }

    func drained(_ id: WireID, at now: Instant) {
        guard owner != nil else { return }
        core.transport.wireDrained(id, at: now, into: &core.effects)
        core.digest(at: now)
        announce(at: now)
    }

    func closed(_ id: WireID, _ end: WireEnd, at now: Instant) {
        (rim as? WireRim)?.forget(id)
        guard owner != nil else { return }
        core.transport.wireClosed(id, end, at: now, into: &core.effects)
        core.digest(at: now)
        announce(at: now)
    }
}

extension HardwareBackend<SocketsCore> {
    /// A message that was a text.
    func receivedText(_ text: RawSpan, from id: WireID, at now: Instant) {
        core.transport.receivedText(text, from: id, at: now, into: &core.effects)
        core.digest(at: now)
        announce(at: now)
    }
}
