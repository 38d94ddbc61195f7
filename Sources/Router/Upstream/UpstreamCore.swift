// The link to another Buttplug server as a value: what happened and the time go in; messages, answers and events come out in `out`.
// Requests are in UpstreamCore+Requests, the server's words in UpstreamCore+Answers.
// Must not know links or hosts, nor what sessions want: the router has decided before.

import Buttplug
import Host

/// How the router talks to an upstream.
public struct UpstreamSettings: Hashable, Sendable {
    /// What it is told we are called. Should be this router's alone, so that it recognizes itself.
    public var clientName = "Plugboard"
    /// Where the differences between waits come from.
    public var seed: UInt64 = 0
    /// How long connecting may take.
    public var dialTimeout = Interval.seconds(5)
    /// How long an answer may take.
    public var answerTimeout = Interval.seconds(10)
    /// How long the handshake may take at first: a server that does not know the version may say nothing at all. Once neither version
    /// was answered, it may take `answerTimeout`.
    public var firstAnswerTimeout = Interval.seconds(2)
    /// How long the answer to a ping may take.
    public var pingTimeout = Interval.seconds(5)
    /// The least time between two writes to a device, regardless of what the upstream states for it.
    public var gapMilliseconds: UInt32 = 0
    /// New devices get the upstream's own numbers as indices where those are free.
    public var keepsNumbers = false
    /// Which certificates a dial to a `wss://` address believes.
    public var trust = ServerTrust()
    public var limits = Limits()
    /// The indices the router has given before; those of this upstream count toward `Limits.upstreamDevices`.
    public var indices = IndexTable()

    public init() {}
}

/// What the core leaves to be carried out.
struct UpstreamEffects: ~Copyable {
    struct Answer {
        let ticket: UInt32
        let outcome: WriteOutcome
    }

    /// To be sent to the upstream.
    var messages = MessageBuffer(capacity: 8 * 1024)
    var answers = Slab<Answer>()
    var events: [BackendEvent] = []
    var transitions: [UpstreamEvent] = []
    var wantsDial = false
    /// Why the connection is to be closed, after the messages.
    var close: CloseReason?

    /// Whether there is something to tell the router.
    var hasReports: Bool { !answers.isEmpty || !events.isEmpty || !transitions.isEmpty }
}

/// One upstream.
struct UpstreamCore: ~Copyable {
    enum Phase: Hashable {
        /// Between two tries. Can turn into: `dialling`, `off`.
        case waiting(until: Instant)
        /// Can turn into: `greeting`, `waiting`, `off`.
        case dialling
        /// The server opens the connection; it is awaited. Can turn into: `greeting`, `off`.
        case expecting
        /// The handshake is out. Can turn into: `listing`, `waiting`, `expecting`, `off`.
        case greeting(until: Instant)
        /// The first device list is awaited. Can turn into: `ready`, `waiting`, `expecting`, `off`.
        case listing
        /// Can turn into: `waiting`, `expecting`, `off`.
        case ready
        /// Over.
        case off
    }

    let settings: UpstreamSettings
    private let endpoint: Endpoint
    /// The server dials out to us; otherwise we dial it.
    let dialsOut: Bool
    var phase: Phase { didSet { if phase == .ready, oldValue != .ready { timesReady += 1 } } }
    /// How often a link has come so far that its devices were there.
    private(set) var timesReady = 0
    var out = UpstreamEffects()
    var session: ClientSession
    var devices: UpstreamDevices
    var asked = AskedTable()
    var batch = ServerEventBatch()
    var pace: UpstreamPace
    var pingAt = Instant.never
    /// When the ping that is under way must have been answered.
    var pingDueAt = Instant.never
    /// How long answers have taken that a server gives at once: to pings, and to requests for the device list.
    var roundTrips = Histogram()
    /// When a link that is up has worked for long enough to be relied on; `never` before and after.
    var provenAt = Instant.never
    private var openedAt = Instant.zero
    /// When the server last said anything.
    var lastMessageAt = Instant.zero
    /// The last link got as far as a device list.
    private var wasListed = false
    /// The upstream was asked to scan, over this connection, and has not said that it is done.
    var isScanning = false
    /// Somebody at the router wants a scan.
    var isScanWanted = false
    /// Until when devices that went with the last connection are looked for, though nobody may want a scan any more; `never` when they are not.
    var searchUntil = Instant.never
    /// How often that was begun.
    var searches: UInt64 = 0
    /// Routers that front this one and must not be fronted by it.
    private(set) var avoided: [RouterIdentity] = []
    /// The version that the next connection is greeted in.
    private var greeting = UpstreamGreeting()
    private var teller = UpstreamTeller()
    /// Answers, and things said, that nobody had asked for.
    private(set) var ignored: UInt64 = 0

    /// - Parameter endpoint: Where the server is; of one that dials out, where it comes to.
    init(_ endpoint: Endpoint, dialsOut: Bool = false, _ settings: UpstreamSettings) {
        self.settings = settings
        self.endpoint = endpoint
        self.dialsOut = dialsOut
        phase = dialsOut ? .expecting : .waiting(until: .zero)
        session = ClientSession(clientName: settings.clientName, limits: settings.limits)
        devices = UpstreamDevices(
            prefix: "upstream:\(endpoint)", known: settings.indices, max: settings.limits.upstreamDevices,
            gapMilliseconds: settings.gapMilliseconds, keepsNumbers: settings.keepsNumbers)
        pace = UpstreamPace(seed: settings.seed)
    }

    // MARK: Time

    /// When `deadlinePassed` has something to do.
    var deadline: Instant {
        switch phase {
        case .waiting(let until): until
        case .greeting(let until): until
        case .listing, .ready: min(min(asked.deadline, provenAt), min(searchUntil, min(pingAt, pingDueAt)))
        case .dialling, .expecting, .off: .never
        }
    }

    mutating func deadlinePassed(at now: Instant) {
        switch phase {
        case .waiting(let until) where until <= now:
            phase = .dialling
            out.wantsDial = true
        case .greeting(let until) where until <= now:
            greeting.metSilence()
            giveUp(.handshakeTimeout, .refused("no answer to the handshake"), at: now)
        case .listing, .ready:
            if pingDueAt <= now { return giveUp(.unresponsive, .down(.unresponsive), at: now) }
            if provenAt <= now { proven(at: now) }
            while let request = asked.closeExpired(at: now) { expired(request, at: now) }
            if pingAt <= now { ping(at: now) }
            if searchUntil <= now { endSearch(at: now) }
        case .waiting, .dialling, .expecting, .greeting, .off: break
        }
    }

    /// The link has worked for a while: earlier problems are over.
    private mutating func proven(at now: Instant) {
        pace.proved()
        greeting.proved()
        if let transition = teller.proven(at: now) { out.transitions.append(transition) }
        provenAt = teller.nextProof(at: now) ?? .never
    }

    private mutating func ping(at now: Instant) {
        pingAt = session.pingInterval.map { now + max($0, .milliseconds(1)) } ?? .never
        probe(at: now)
    }

    /// Asks whether anybody is there. One that does not answer has hung.
    mutating func probe(at now: Instant) {
        guard let id = session.ping(into: &out.messages) else { return }
        asked.add(AskedRequest(id, .ping, until: now + settings.answerTimeout))
        if pingDueAt == .never { pingDueAt = now + settings.pingTimeout }
    }

    // MARK: The connection

    private var isUnix: Bool { if case .unix = endpoint { true } else { false } }

    mutating func dialFailed(_ failure: DialFailure, at now: Instant) {
        guard phase == .dialling else { return }
        phase = .waiting(until: now + pace.afterFailedDial(isAway: failure == .refused || isUnix, wasListed: wasListed))
        tell(.unreachable(failure.words), at: now)
    }

    mutating func opened(at now: Instant) {
        guard phase == .dialling || phase == .expecting else { return }
        openedAt = now
        session = ClientSession(clientName: settings.clientName, limits: settings.limits)
        out.messages.reset()
        out.close = nil
        greet(greeting.version, at: now)
    }

    mutating func greet(_ version: SpecVersion, at now: Instant) {
        session.greet(version, into: &out.messages)
        phase = .greeting(until: now + (greeting.isPatient ? settings.answerTimeout : settings.firstAnswerTimeout))
    }

    /// The other side, or the network, ended it.
    mutating func lost(_ reason: CloseReason, at now: Instant) {
        switch phase {
        case .greeting:
            greeting.wasCutOff()
            leave(.refused("the connection ended within the handshake (\(reason.rawValue))"), at: now)
        case .listing, .ready: leave(.down(reason), at: now)
        case .waiting, .dialling, .expecting, .off: break
        }
    }

    /// We end it, to try again.
    mutating func giveUp(_ reason: CloseReason, _ event: UpstreamEvent, at now: Instant) {
        out.close = reason
        leave(event, at: now)
    }

    /// The router ends.
    mutating func end() {
        switch phase {
        case .greeting, .listing, .ready: out.close = .routerEnding
        case .waiting, .dialling, .expecting, .off: break
        }
        phase = .off
        pingAt = .never
        asked.removeAll()
    }

    /// Everything the connection carried is over.
    private mutating func leave(_ event: UpstreamEvent, at now: Instant) {
        if provenAt <= now { proven(at: now) }
        wasListed = phase == .ready
        if !pace.hasWorked, session.version == .v3 { greeting.wasCutOff() }
        devices.lost(into: &out.events)
        asked.removeAll()
        pingAt = .never
        pingDueAt = .never
        provenAt = .never
        session.end()
        isScanning = false
        searchUntil = .never
        var wait = pace.afterLoss(wasListed: wasListed, wasShort: now < openedAt + UpstreamPace.proof)
        // A server that takes one client has to have seen the other connection end.
        if out.close != nil { wait = max(wait, .milliseconds(100)) }
        phase = dialsOut ? .expecting : .waiting(until: now + wait)
        if out.close == nil { out.messages.reset() }
        tell(event, at: now)
    }

    /// The handshake is through.
    mutating func greeted(at now: Instant) {
        guard let version = session.version else { return }
        greeting.worked(in: version)
        phase = .listing
        if let id = session.requestDeviceList(into: &out.messages) {
            asked.add(AskedRequest(id, .list, until: now + settings.answerTimeout))
        }
        if let interval = session.pingInterval { pingAt = now + max(interval, .milliseconds(1)) }
        out.events.append(.returned)
        tell(.up(name: RouterIdentity.take(fromServerName: session.serverName).name, version), at: now)
    }

    /// These routers front this one: an upstream that is one of them is left.
    mutating func avoid(_ routers: [RouterIdentity], at now: Instant) {
        avoided = routers
        switch phase {
        case .listing, .ready: if isAvoided { leaveLoop(at: now) }
        case .waiting, .dialling, .expecting, .greeting, .off: break
        }
    }

    /// The server that has just been greeted fronts this router.
    var isAvoided: Bool {
        guard !avoided.isEmpty, let router = RouterIdentity.take(fromServerName: session.serverName).identity else { return false }
        return avoided.contains(router)
    }

    /// Two routers that show each other their devices would show them without end. It may be over some day, so it is tried, but rarely.
    mutating func leaveLoop(at now: Instant) {
        pace.slowDown()
        giveUp(.clientDisconnected, .refused("it fronts this router: one of two routers may front the other"), at: now)
    }

    /// Says so, unless it is not to be said (again, or yet).
    mutating func tell(_ event: UpstreamEvent, at now: Instant) {
        if let transition = teller.tell(event, isUnsteady: pace.isUnsteady, at: now) { out.transitions.append(transition) }
    }

    mutating func passOver() { ignored &+= 1 }
}
