// The one class that owns the clients' links and the backends: it feeds the core, and at the end of each turn carries out what the core left.
// Must not decide anything, and must not know which kind of host it runs on. It never calls out from inside a call into the core.

import Buttplug
import Host

/// A router on a `Host`. All calls come from the host's thread.
///
/// Connections come through `LinkOwner`, devices through the backends, the operator's requests through the verbs in
/// `RouterRunner+Operator`. What anything causes leaves when the turn ends.
public final class RouterRunner: LinkOwner, TurnOwner, BackendOwner {
    // Without checks of exclusive access: docs/decisions/0042-exclusivity.md.
    @exclusivity(unchecked) var core: RouterCore
    @exclusivity(unchecked) var outbox = Outbox()
    /// By slot.
    @exclusivity(unchecked) private var links: [(any Link)?] = []
    @exclusivity(unchecked) private var writes = Slab<DeviceWrite>(capacity: 64)
    @exclusivity(unchecked) private var alarmAt = Instant.never
    /// The alarm's time has come in this turn.
    @exclusivity(unchecked) private var isDue = false
    @exclusivity(unchecked) private var isSending = false
    /// Backends that asked for a call when the turn ends.
    @exclusivity(unchecked) private var backendsToCall: ContiguousArray<BackendNumber> = []
    /// What links reported while they were called; see `Link.send`.
    @exclusivity(unchecked) private var deferred: [Report] = []

    private enum Report {
        case closed(LinkID, CloseReason)
        case drained(LinkID)
    }

    let host: any Host
    private let backends: [any Backend]
    /// Gets every write that is handed to a backend.
    private let journal: DeviceJournal?
    private var alarm: (any Alarm)?
    /// Who is told of transitions, in this order.
    private var observers: [any RouterObserver] = []
    /// Called once, when `shutDown` has closed the last session.
    public var onEnded: (() -> Void)?

    /// Makes a router and attaches it to `host`. The host keeps it until `detach`. Under a latched emergency stop every backend is
    /// told to stop in the first turn.
    public init(
        _ settings: RouterSettings, state: RouterState = RouterState(), backends: [any Backend], host: any Host,
        journal: DeviceJournal? = nil
    ) {
        core = RouterCore(settings, state: state, backends: backends.count)
        core.outputs.foreign.backend = backends.firstIndex { !$0.isArbitratedHere }
        self.backends = backends
        self.journal = journal
        self.host = host
        if state.isStopped { core.outputs.stopBackends(into: &outbox) }
        alarm = host.attach(self)
        for (number, backend) in backends.enumerated() { backend.start(for: self, as: BackendNumber(number), at: host.now) }
        // The first turn reports what there was to begin with.
        wake()
    }

    /// What other routers know this one by; nil when it fronts nobody. To be set before the first session.
    public var identity: RouterIdentity? {
        get { core.identity }
        set { core.identity = newValue }
    }

    /// Leaves the host, and stops the backends. Links are not closed: `shutDown` does that. To be called at a turn's end.
    public func detach() {
        for backend in backends { backend.stop(at: host.now) }
        alarm?.set(.never)
        alarm = nil
        observers = []
        host.detach(self)
    }

    /// Tells `observer` of every transition from now on, after those that were added before. One that is there already is asked again what
    /// it wants. The router keeps it until `detach`.
    public func add(_ observer: any RouterObserver) {
        if !observers.contains(where: { $0 === observer }) { observers.append(observer) }
        core.outputs.arbiter.reportsWinners = observers.contains { $0.wantsWinners }
    }

    // MARK: Links

    public func refusal(of peer: Peer) -> CloseReason? { core.refusal(of: peer, into: &outbox) }

    public func opened(_ link: any Link, from peer: Peer, at now: Instant) -> LinkID {
        let id = core.opened(peer, at: now, into: &outbox)
        while links.count <= Int(id.slot) { links.append(nil) }
        links[Int(id.slot)] = link
        return id
    }

    public func received(_ text: RawSpan, from id: LinkID, at now: Instant) { core.receive(text, from: id, at: now, into: &outbox) }

    public func congested(_ id: LinkID) { core.congested(id) }

    public func drained(_ id: LinkID, at now: Instant) {
        if isSending { deferred.append(.drained(id)) } else { core.drained(id, into: &outbox) }
    }

    public func closed(_ id: LinkID, _ reason: CloseReason, at now: Instant) {
        guard !isSending else { return deferred.append(.closed(id, reason)) }
        if core.tables.sessions.slot(id) != nil { core.closed(id, reason, at: now, into: &outbox) }
        // A session that has ended earlier in the turn waits for its last messages and its close: there is no link for them any more.
        if core.tables.sessions.isLatest(id) { links[Int(id.slot)] = nil }
    }

    // MARK: Backends

    public func answered(ticket: UInt32, _ outcome: WriteOutcome, at now: Instant) {
        core.answered(ticket: ticket, outcome, at: now, into: &outbox)
    }

    public func happened(_ event: BackendEvent, from backend: BackendNumber, at now: Instant) {
        core.happened(event, backend: Int(backend), at: now, into: &outbox)
    }

    /// A backend that asks several times within a turn is called once.
    public func reportIsDue(from backend: BackendNumber) { if !backendsToCall.contains(backend) { backendsToCall.append(backend) } }

    // MARK: The turn

    /// Only noted. `turnEnded` checks deadlines, after those backends have reported that asked for a call (`reportIsDue`).
    public func deadlinePassed(at now: Instant) {
        alarmAt = .never
        isDue = true
    }

    public func turnEnded(at now: Instant) {
        // What has happened already (`reportIsDue`) comes before deadlines: it may be the answer without which a write is about to be given up.
        if !backendsToCall.isEmpty { callBackends(at: now) }
        // Deadlines count only when the host says so: then everything that had arrived by then has been read.
        if isDue { checkDeadlines(at: now) }
        // Once more for what was deferred, and while lists do not fit into one buffer.
        repeat {
            carryOutDue(at: now)
            core.tellPushes(into: &outbox)
            core.endIfSettled(at: now, into: &outbox)
            send()
            close()
        } while takeDeferred(at: now) || core.pushes.owesLists
        let hasReleasedMemory = core.endTurn()
        if hasReleasedMemory {
            outbox.forgetSessions()
            links = []
        }
        var due = Instant.never
        for backend in backends {
            backend.turnEnded(at: now)
            due = min(due, backend.deadline)
        }
        journal?.flush()
        due = min(due, core.deadline)
        if !backendsToCall.isEmpty { due = now }
        if due != alarmAt {
            alarmAt = due
            alarm?.set(due)
        }
        if !outbox.events.isEmpty { tellObservers(at: now) }
    }

    /// The core's deadlines, then those of the backends: what a backend does only now is too late for a write that times out now.
    @inline(never)
    private func checkDeadlines(at now: Instant) {
        isDue = false
        core.checkDeadlines(at: now, into: &outbox)
        for backend in backends where backend.deadline <= now { backend.report(at: now) }
    }

    @inline(never)
    private func callBackends(at now: Instant) {
        let backendsToCall = self.backendsToCall
        self.backendsToCall.removeAll(keepingCapacity: true)
        for number in backendsToCall { backends[Int(number)].report(at: now) }
    }

    /// Asks for a turn at once: an operator's verb, or a backend, has left something to be carried out.
    public func wake() {
        alarmAt = host.now
        alarm?.set(alarmAt)
    }

    /// Hands over device writes and requests until nothing is due: a backend may answer at once, and an answer may free the next write.
    private func carryOutDue(at now: Instant) {
        while true {
            core.appendDue(at: now, into: &outbox)
            if core.outputs.effects.writes.isEmpty, outbox.requests.isEmpty { return }
            swap(&core.outputs.effects.writes, &writes)
            if !writes.isEmpty {
                perform(at: now)
                writes.removeAll()
            }
            guard !outbox.requests.isEmpty else { continue }
            let requests = outbox.requests
            outbox.requests.removeAll(keepingCapacity: true)
            for request in requests { backends[request.backend].handle(request.request, at: now) }
        }
    }

    /// Consecutive writes for the same backend go out in one call, in the order in which they were decided.
    private func perform(at now: Instant) {
        if let journal { record(in: journal, at: now) }
        writes.withUnsafeBufferPointer { all in
            var start = 0
            while start < all.count {
                let backend = all[start].backend
                var end = start + 1
                while end < all.count, all[end].backend == backend { end += 1 }
                backends[Int(backend)].perform(UnsafeBufferPointer(rebasing: all[start..<end]), at: now)
                start = end
            }
        }
    }

    @inline(never)
    private func record(in journal: DeviceJournal, at now: Instant) {
        for index in 0..<writes.count {
            journal.record(writes[index], at: now) { core.tables.devices[$0.deviceIndex]?.description.name ?? "" }
        }
    }

    /// One call per link that gets anything.
    private func send() {
        guard outbox.hasMessages else { return }
        isSending = true
        for index in 0..<outbox.runCount {
            guard let slot = outbox.session(at: index), let link = links[Int(slot)] else { continue }
            outbox.send(index, to: link)
        }
        outbox.clearMessages()
        isSending = false
    }

    private func close() {
        guard !outbox.closes.isEmpty else { return }
        let closes = outbox.closes
        outbox.closes.removeAll(keepingCapacity: true)
        isSending = true
        for close in closes {
            // A guest has no link.
            guard Int(close.id.slot) < links.count else { continue }
            let link = links[Int(close.id.slot)]
            links[Int(close.id.slot)] = nil
            link?.close(close.reason)
        }
        isSending = false
    }

    /// Acts on deferred reports. True when there were any: another round is due.
    private func takeDeferred(at now: Instant) -> Bool {
        guard !deferred.isEmpty else { return false }
        let reports = deferred
        deferred.removeAll(keepingCapacity: true)
        for report in reports {
            switch report {
            case .closed(let id, let reason): closed(id, reason, at: now)
            case .drained(let id): drained(id, at: now)
            }
        }
        return true
    }

    private func tellObservers(at now: Instant) {
        let events = outbox.events
        outbox.events = []
        let observers = observers
        for event in events {
            for observer in observers { observer.happened(event, at: now) }
            if case .ended = event { onEnded?() }
        }
    }
}
