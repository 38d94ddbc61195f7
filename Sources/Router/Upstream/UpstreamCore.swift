// The link to another Buttplug server as a value: what happened and the time go in; messages, answers and events come out in `out`.
// Requests are in UpstreamCore+Requests, the server's words in UpstreamCore+Answers.
// Must not know links or hosts, nor what sessions want: the router has decided before.

import Buttplug
import Host

/// How an upstream is spoken to.
public struct UpstreamSettings: Hashable, Sendable {
    /// What it is told we are called. Should be this router's alone, so that it recognizes itself.
    public var clientName = "Plugboard"
    /// Where the differences between waits come from.
    public var seed: UInt64 = 0
    /// How long connecting may take.
    public var dialTimeout = Interval.seconds(5)
    /// How long an answer may take.
    public var answerTimeout = Interval.seconds(10)
    public var limits = Limits()
    /// The indices the router has given before; those of this upstream count toward `Limits.upstreamDevices`.
    public var indices = IndexTable()

    public init() {}
}

/// What the core leaves to be carried out.
struct UpstreamEffects: ~Copyable {
    struct Answer {
        let ticket: UInt32
        let ok: Bool
    }

    /// To be sent to the upstream.
    var messages = MessageBuffer(capacity: 8 * 1024)
    var answers = Slab<Answer>()
    var events: [BackendEvent] = []
    var news: [UpstreamNews] = []
    var wantsDial = false
    /// Why the connection is to be closed, behind the messages.
    var close: CloseReason?

    /// Whether the router has something to hear.
    var hasReports: Bool { !answers.isEmpty || !events.isEmpty || !news.isEmpty }
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
    /// The server dials out to us; otherwise we dial it.
    let dialsOut: Bool
    var phase: Phase
    var out = UpstreamEffects()
    var session: ClientSession
    var devices: UpstreamDevices
    var asked = AskedTable()
    var batch = ServerEventBatch()
    var pace: UpstreamPace
    var pingAt = Instant.never
    var isScanning = false
    /// Routers that front this one and must not be fronted by it.
    private(set) var avoided: [RouterIdentity] = []
    /// The version the next connection is greeted in: a server that hangs up on version 4 gets a try in 3.
    private var greeting = SpecVersion.v4
    private var lastNews: UpstreamNews?
    /// Answers, and things said, that nobody had asked for.
    private(set) var ignored: UInt64 = 0

    /// - Parameter endpoint: Where the server is; of one that dials out, where it comes to.
    init(_ endpoint: Endpoint, dialsOut: Bool = false, _ settings: UpstreamSettings) {
        self.settings = settings
        self.dialsOut = dialsOut
        phase = dialsOut ? .expecting : .waiting(until: .zero)
        session = ClientSession(clientName: settings.clientName, limits: settings.limits)
        devices = UpstreamDevices(prefix: "upstream:\(endpoint)", known: settings.indices, max: settings.limits.upstreamDevices)
        pace = UpstreamPace(seed: settings.seed)
    }

    // MARK: Time

    /// When `deadlinePassed` has something to do.
    var deadline: Instant {
        switch phase {
        case .waiting(let until): until
        case .greeting(let until): until
        case .listing, .ready: min(asked.deadline, pingAt)
        case .dialling, .expecting, .off: .never
        }
    }

    mutating func deadlinePassed(at now: Instant) {
        switch phase {
        case .waiting(let until) where until <= now:
            phase = .dialling
            out.wantsDial = true
        case .greeting(let until) where until <= now:
            greeting = greeting == .v4 ? .v3 : .v4
            giveUp(.handshakeTimeout, .refused("no answer to the handshake"), at: now)
        case .listing, .ready:
            while let request = asked.closeExpired(at: now) { expired(request, at: now) }
            if pingAt <= now { ping(at: now) }
        case .waiting, .dialling, .expecting, .greeting, .off: break
        }
    }

    private mutating func ping(at now: Instant) {
        guard let interval = session.pingInterval, let id = session.ping(into: &out.messages) else {
            pingAt = .never
            return
        }
        asked.add(AskedRequest(id, .ping, until: now + settings.answerTimeout))
        pingAt = now + max(interval, .milliseconds(1))
    }

    // MARK: The connection

    mutating func dialFailed(_ failure: DialFailure, at now: Instant) {
        guard phase == .dialling else { return }
        phase = .waiting(until: now + pace.next())
        tell(.unreachable(failure.words))
    }

    mutating func opened(at now: Instant) {
        guard phase == .dialling || phase == .expecting else { return }
        session = ClientSession(clientName: settings.clientName, limits: settings.limits)
        out.messages.reset()
        out.close = nil
        greet(greeting, at: now)
    }

    mutating func greet(_ version: SpecVersion, at now: Instant) {
        session.greet(version, into: &out.messages)
        phase = .greeting(until: now + settings.answerTimeout)
    }

    /// The other side, or the network, ended it.
    mutating func lost(_ reason: CloseReason, at now: Instant) {
        switch phase {
        case .greeting:
            greeting = greeting == .v4 ? .v3 : .v4
            leave(.refused("the connection ended within the handshake (\(reason.rawValue))"), at: now)
        case .listing, .ready: leave(.down(reason), at: now)
        case .waiting, .dialling, .expecting, .off: break
        }
    }

    /// We end it, to try again.
    mutating func giveUp(_ reason: CloseReason, _ news: UpstreamNews, at now: Instant) {
        out.close = reason
        leave(news, at: now)
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
    private mutating func leave(_ news: UpstreamNews, at now: Instant) {
        _ = devices.replace(with: [], into: &out.events)
        asked.removeAll()
        pingAt = .never
        session.end()
        scanEnded()
        phase = dialsOut ? .expecting : .waiting(until: now + pace.next())
        if out.close == nil { out.messages.reset() }
        tell(news)
    }

    /// The handshake is through.
    mutating func greeted(at now: Instant) {
        guard let version = session.version else { return }
        greeting = .v4
        phase = .listing
        if let id = session.requestDeviceList(into: &out.messages) {
            asked.add(AskedRequest(id, .list, until: now + settings.answerTimeout))
        }
        if let interval = session.pingInterval { pingAt = now + max(interval, .milliseconds(1)) }
        out.events.append(.returned)
        tell(.up(name: RouterIdentity.take(fromServerName: session.serverName).name, version))
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

    /// Two routers that show each other their devices would show them for ever. It may be over some day, so it is tried, but seldom.
    mutating func leaveLoop(at now: Instant) {
        pace.slowDown()
        giveUp(.clientDisconnected, .refused("it fronts this router: one of two routers may front the other"), at: now)
    }

    mutating func scanEnded() {
        guard isScanning else { return }
        isScanning = false
        out.events.append(.scanningFinished)
    }

    mutating func tell(_ news: UpstreamNews) {
        guard news != lastNews else { return }
        lastNews = news
        out.news.append(news)
    }

    mutating func passOver() { ignored &+= 1 }
}
