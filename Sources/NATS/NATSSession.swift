// One client's life at a cluster of NATS servers: connecting, authenticating, open, leaving, and the next server when one is lost.
// Must not know sockets, clocks, TLS or Ed25519: bytes and `now` in, bytes and events out. Nothing that is written for one connection
// is ever sent on another.

/// A client of NATS. `now` is in nanoseconds of a clock that never goes back.
///
/// After every call `next` is called until it says `.needMore`; then `output` is sent, and `outputSent` forgets it. What `next` says before
/// that is in the order in which it happened.
public struct NATSSession: ~Copyable {
    public struct Settings: Sendable {
        /// At least one, in the order in which they are tried.
        public var servers: [NATSServer]
        /// What the server's operator sees.
        public var name: String
        public var credentials: NATSCredentials
        /// A message says its place here, counted from 1, as `NATSMessage.subscription`.
        public var subscriptions: [NATSSubject]
        /// For the waits between tries.
        public var seed: UInt64
        public var limits = NATSLimits()
        /// From the dialling until the connection is open.
        public var openingMax: UInt64 = 5_000_000_000
        /// A server that sends nothing for this long, though it is asked at half of it, is gone.
        public var silenceMax: UInt64 = 4_000_000_000
        /// From `leave` until the connection ends in any case.
        public var leavingMax: UInt64 = 1_000_000_000

        public init(servers: [NATSServer], name: String, credentials: NATSCredentials, subscriptions: [NATSSubject], seed: UInt64) {
            (self.servers, self.name, self.credentials) = (servers, name, credentials)
            (self.subscriptions, self.seed) = (subscriptions, seed)
        }
    }

    public enum State: Hashable, Sendable {
        /// Between two tries, and before `start`. Can turn into: connecting, over.
        case waiting
        /// A stream is being opened, then its `INFO` is awaited. Can turn into: securing, authenticating, waiting, over.
        case connecting
        /// TLS is being agreed on. Can turn into: authenticating, waiting, over.
        case securing
        /// `CONNECT` and the subscriptions are on their way. Can turn into: open, waiting, over.
        case authenticating
        /// All that was subscribed to is heeded. Can turn into: leaving, waiting.
        case open
        /// What was published before is on its way. Can turn into: over.
        case leaving
        /// `leave` was called. Final.
        case over
    }

    let settings: Settings
    public internal(set) var state = State.waiting
    var servers: NATSServerList
    var pace: NATSPace
    var decoder: NATSDecoder
    var writer = NATSWriter()
    var events: [NATSEvent] = []
    /// What the present server says of itself.
    public internal(set) var info = NATSInfo()
    /// `PING`s without their `PONG`.
    var pings = 0
    /// When the present state has lasted too long; for `waiting`, when the next server is tried.
    var stateEnds: UInt64 = .max
    /// Bytes of a connection that has ended are not those of the next.
    var connectionsEnded = 0
    var openedAt: UInt64 = 0
    var lastRead: UInt64 = 0

    public init(_ settings: Settings) {
        self.settings = settings
        servers = NATSServerList(settings.servers)
        pace = NATSPace(seed: settings.seed)
        decoder = NATSDecoder(limits: settings.limits)
    }

    // MARK: Out

    /// The server that is used or tried; nil when there is none.
    public var server: NATSServer? { servers.current }
    /// The servers that are known, the learned ones too.
    public var serverCount: Int { servers.count }

    /// What is to be sent on the present stream; good until the next call.
    public var output: UnsafeRawBufferPointer { writer.bytes }
    public mutating func outputSent() { writer.reset() }

    /// Publishes. Nothing is kept for later.
    /// - Parameter reply: Where the server says that nobody listens; nil: it says it to nobody.
    /// - Returns: false when the connection is not open, or the server takes no payload as long as this.
    public mutating func publish(_ subject: NATSSubject, reply: NATSSubject? = nil, _ payload: UnsafeRawBufferPointer) -> Bool {
        guard state == .open, payload.count <= info.maxPayload else { return false }
        writer.publish(subject, reply: reply, payload)
        return true
    }

    // MARK: In

    /// Tries the first server.
    public mutating func start(at now: UInt64) {
        guard state == .waiting, stateEnds == .max else { return }
        dial(at: now)
    }

    /// The stream that `.dial` asked for is there.
    public mutating func connected(at now: UInt64) { lastRead = now }

    /// TLS, which `.secure` asked for, has been agreed on; bytes are encrypted from here on.
    public mutating func secured(at now: UInt64) {
        guard state == .securing else { return }
        authenticate(at: now)
    }

    /// The stream has ended, or could not be opened. Not to be called for a stream that the owner has closed.
    public mutating func closed(_ reason: NATSEnd, at now: UInt64) {
        switch state {
        case .waiting, .over: return
        default: end(reason, at: now)
        }
    }

    /// Goes when the server has read what was published; the event is `.ended(.left)`.
    public mutating func leave(at now: UInt64) {
        switch state {
        case .open:
            ping()
            state = .leaving
            stateEnds = now &+ settings.leavingMax
        case .leaving, .over: return
        default: finish()
        }
    }

    /// The owner wants another server, as after a link's loss that the bus does not know of.
    public mutating func giveUpServer(at now: UInt64) {
        if state == .open { end(.silent, at: now) }
    }

    // MARK: Time

    /// When `deadlinePassed` is to be called.
    public var deadline: UInt64 {
        guard state == .open else { return stateEnds }
        return lastRead &+ (pings == 0 ? settings.silenceMax / 2 : settings.silenceMax)
    }

    public mutating func deadlinePassed(at now: UInt64) {
        guard deadline <= now else { return }
        switch state {
        case .waiting: dial(at: now)
        case .connecting, .securing, .authenticating: end(.tooSlow, at: now)
        case .open: if pings == 0 { ping() } else { end(.silent, at: now) }
        case .leaving: finish()
        case .over: break
        }
    }

    // MARK: Changes

    private mutating func dial(at now: UInt64) {
        guard let server = servers.current else { return }
        state = .connecting
        stateEnds = now &+ settings.openingMax
        decoder = NATSDecoder(limits: settings.limits)
        writer.reset()
        (info, pings, lastRead) = (NATSInfo(), 0, now)
        events.append(.dial(server))
    }

    mutating func ping() {
        writer.ping()
        pings += 1
    }

    /// The connection is of no use any more: the next server is tried when the pace says so. Who leaves tries no other.
    mutating func end(_ reason: NATSEnd, at now: UInt64) {
        if state == .leaving { return finish() }
        let wasOpen = state == .open
        if wasOpen, now &- openedAt >= NATSPace.proof { pace.worked() }
        state = .waiting
        connectionsEnded += 1
        // Nothing of this connection is sent on the next.
        writer.reset()
        events.append(.ended(reason, wasOpen: wasOpen))
        servers.advance()
        let wait = reason.isRefusal ? pace.nextAfterRefusal() : pace.next()
        stateEnds = now &+ wait
        if wait == 0 { dial(at: now) }
    }

    mutating func finish() {
        let wasOpen = state == .leaving
        (state, stateEnds) = (.over, .max)
        connectionsEnded += 1
        writer.reset()
        events.append(.ended(.left, wasOpen: wasOpen))
    }
}
