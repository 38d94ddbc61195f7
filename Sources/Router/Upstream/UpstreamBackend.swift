// Another Buttplug server as a backend with devices: owns the one link to it, which it dials, or which the server opens.
// Must not decide anything; `UpstreamCore` does. What a message of the upstream leaves for the router is told before the turn ends.

import Buttplug
import Host

/// One upstream, however many clients the router has. Belongs to one router on the same host.
public final class UpstreamBackend: Backend {
    /// Where the server is; of one that dials out, where it comes to.
    public let endpoint: Endpoint
    /// What the upstream is told we are called.
    public let clientName: String
    /// Is told of transitions, at a turn's end.
    public var onEvent: ((UpstreamEvent, Instant) -> Void)?

    @exclusivity(unchecked) private var core: UpstreamCore
    @exclusivity(unchecked) private var link: (any Link)?
    @exclusivity(unchecked) private var generation: UInt32 = 0
    private let dialTimeout: Interval
    fileprivate let trust: ServerTrust
    private let host: any Host
    /// nil when the server dials out to us.
    private let dialer: (any Dialer)?
    private var end: UpstreamEnd?
    @exclusivity(unchecked) private var owner: (any BackendOwner)?
    @exclusivity(unchecked) private var number: BackendNumber = 0

    /// An upstream at `endpoint`, first dialled when the router's first turn ends. It lives until `leave`.
    public convenience init(_ endpoint: Endpoint, _ settings: UpstreamSettings = UpstreamSettings(), on host: any Dialer) {
        self.init(endpoint, settings, on: host, dialer: host)
    }

    /// An upstream that dials out to us: the listener at `endpoint` gives its connections to `connectionOwner`, which takes one at a time.
    /// It lives until `leave`.
    public convenience init(expectedAt endpoint: Endpoint, _ settings: UpstreamSettings = UpstreamSettings(), on host: any Host) {
        self.init(endpoint, settings, on: host, dialer: nil)
    }

    private init(_ endpoint: Endpoint, _ settings: UpstreamSettings, on host: any Host, dialer: (any Dialer)?) {
        self.endpoint = endpoint
        self.host = host
        self.dialer = dialer
        clientName = settings.clientName
        dialTimeout = settings.dialTimeout
        trust = settings.trust
        core = UpstreamCore(endpoint, dialsOut: dialer == nil, settings)
        end = UpstreamEnd(self)
    }

    /// Who gets the connections of a server that dials out; nil for one that is dialled, and after `leave`.
    public var connectionOwner: (any LinkOwner)? { dialer == nil ? end : nil }

    /// These routers front this one: if the upstream is one of them, it is left. The router needs a turn for it: `RouterRunner.wake`.
    public func avoid(_ routers: [RouterIdentity]) {
        core.avoid(routers, at: host.now)
        announceReport()
    }

    /// Ends the connection in good order, for good. To be called at a turn's end.
    public func leave() {
        guard let end else { return }
        self.end = nil
        dialer?.cancelDial(for: end)
        core.end()
        flush()
    }

    /// How often it was asked to scan for devices that went with a connection, and not because somebody wanted it.
    public var searches: UInt64 { core.searches }

    /// Whether its devices are there, or a link to it is being made.
    public var isUp: Bool { core.phase == .ready }
    public var isConnecting: Bool {
        switch core.phase {
        case .dialling, .greeting, .listing: true
        case .waiting, .expecting, .ready, .off: false
        }
    }
    /// How long its answers to pings and requests for the device list took.
    public var roundTrips: Histogram { core.roundTrips }
    /// How often it was up again after it had been away.
    public var reconnects: Int { max(0, core.timesReady - 1) }

    // MARK: Backend

    public func start(for owner: any BackendOwner, as number: BackendNumber, at now: Instant) {
        self.owner = owner
        self.number = number
    }

    public func stop(at now: Instant) {
        leave()
        owner = nil
    }

    public func perform(_ writes: UnsafeBufferPointer<DeviceWrite>, at now: Instant) {
        for index in writes.indices { core.perform(writes[index], at: now) }
        if core.out.hasReports { tellOwner(at: now) }
    }

    public func handle(_ request: BackendRequest, at now: Instant) {
        core.handle(request, at: now)
        if core.out.hasReports { tellOwner(at: now) }
    }

    public var deadline: Instant { core.deadline }

    public func report(at now: Instant) {
        core.deadlinePassed(at: now)
        if core.out.wantsDial {
            core.out.wantsDial = false
            if let end { dialer?.dial(endpoint, timeout: dialTimeout, for: end) }
        }
        if core.out.hasReports { tellOwner(at: now) }
    }

    public func turnEnded(at now: Instant) { flush() }

    /// Tells what has come of it. Answers first: those there are belong to devices that the router still has.
    private func tellOwner(at now: Instant) {
        guard let owner else { return }
        for index in core.out.answers.indices {
            let answer = core.out.answers[index]
            owner.answered(ticket: answer.ticket, answer.outcome, at: now)
        }
        core.out.answers.removeAll()
        if !core.out.events.isEmpty {
            let events = core.out.events
            core.out.events.removeAll(keepingCapacity: true)
            for event in events { owner.happened(event, from: number, at: now) }
        }
        if !core.out.transitions.isEmpty {
            let transitions = core.out.transitions
            core.out.transitions.removeAll()
            for one in transitions { onEvent?(one, now) }
        }
    }

    /// After what the link has brought: the router calls `report` before this turn ends, and that reports.
    @inline(__always)
    private func announceReport() {
        if core.out.hasReports { owner?.reportIsDue(from: number) }
    }

    /// One write per turn.
    private func flush() {
        if core.out.messages.count > 0 {
            if let link {
                withUnsafePointer(to: core.out.messages.run(0, core.out.messages.count)) {
                    link.send(UnsafeBufferPointer(start: $0, count: 1))
                }
            }
            core.out.messages.reset()
        }
        guard let reason = core.out.close else { return }
        core.out.close = nil
        let link = self.link
        self.link = nil
        link?.close(reason)
    }

    // MARK: The link

    fileprivate var messageBytesMax: Int { core.settings.limits.messageBytes }

    fileprivate func refusal() -> CloseReason? {
        switch core.phase {
        // A connection that was given up in this turn is not closed yet.
        case .expecting where link == nil: nil
        case .off: .routerEnding
        default: .taken
        }
    }

    fileprivate func opened(_ link: any Link, at now: Instant) -> LinkID {
        generation &+= 1
        self.link = link
        core.opened(at: now)
        announceReport()
        return LinkID(slot: 0, generation: generation)
    }

    fileprivate func dialFailed(_ failure: DialFailure, at now: Instant) {
        core.dialFailed(failure, at: now)
        announceReport()
    }

    fileprivate func received(_ text: RawSpan, from id: LinkID, at now: Instant) {
        guard id.generation == generation, link != nil else { return }
        core.receive(text, at: now)
        announceReport()
    }

    fileprivate func closed(_ id: LinkID, _ reason: CloseReason, at now: Instant) {
        guard id.generation == generation, link != nil else { return }
        link = nil
        core.lost(reason, at: now)
        announceReport()
    }
}

/// The owner of the upstream's one link. Its turn is the router's.
private final class UpstreamEnd: DialOwner {
    private let backend: UpstreamBackend

    init(_ backend: UpstreamBackend) { self.backend = backend }

    var messageBytesMax: Int { backend.messageBytesMax }
    var trust: ServerTrust { backend.trust }
    func refusal(of peer: Peer) -> CloseReason? { backend.refusal() }
    func opened(_ link: any Link, from peer: Peer, at now: Instant) -> LinkID { backend.opened(link, at: now) }
    func dialFailed(_ failure: DialFailure, at now: Instant) { backend.dialFailed(failure, at: now) }
    func received(_ text: RawSpan, from id: LinkID, at now: Instant) { backend.received(text, from: id, at: now) }
    func closed(_ id: LinkID, _ reason: CloseReason, at now: Instant) { backend.closed(id, reason, at: now) }

    // At most one write per lane is on its way, so what waits for a slow upstream is bounded without holding anything back.
    func congested(_ id: LinkID) {}
    func drained(_ id: LinkID, at now: Instant) {}
}
