// The client's shell on the loop: owns the link, feeds the session, keeps who waits for which id, and acts once per turn.
// What the server says is in +Answers, the way to it in +Connecting.
// Must not know tasks or actors beyond resuming those who wait; everything happens on the loop's thread.

import Buttplug
import Host
import Logging

/// One client's connection, and everybody who waits for it.
final class ClientRunner: DialOwner, TurnOwner {
    enum State {
        /// Nothing is wanted. Can turn into: searching.
        case idle
        /// The connector at this index is to be tried when the turn ends. Can turn into: opening, idle, pausing.
        case searching(Int)
        /// A connector is at work. Can turn into: greeting, searching, idle, pausing.
        case opening(Int, any ConnectionAttempt)
        /// The handshake is out, in this version. Can turn into: listing, searching, idle, pausing.
        case greeting(Int, SpecVersion)
        /// The first device list is awaited. Can turn into: ready, searching, idle, pausing.
        case listing(Int, id: UInt32)
        /// Everything can be asked. Can turn into: leaving, idle, pausing.
        case ready
        /// Disconnect is out. Can turn into: idle.
        case leaving
        /// The connection is lost and will be tried again. Can turn into: searching, idle.
        case pausing(Instant)
    }

    /// A server's device list has to fit.
    static let limits: Limits = {
        var limits = Limits()
        limits.messageBytes = limits.serverMessageBytes
        return limits
    }()

    let world: any ClientWorld
    let clientName: String
    let options: ClientOptions
    let connectors: [any Connector]
    var trust: ServerTrust { ServerTrust(authorities: options.authorities) }
    weak var client: ButtplugClient?

    var state = State.idle
    var session: ClientSession
    var batch = ServerEventBatch()
    var buffer = MessageBuffer(capacity: 4096)
    var link: (any Link)?
    /// Which connection this is; calls about earlier ones are stale.
    var epoch: UInt32 = 0
    /// Links to close when the turn ends.
    var closes: [(link: any Link, reason: CloseReason)] = []
    /// Attempts that have done their work.
    var spent: [any ConnectionAttempt] = []

    // How the connection comes about.
    var connecting: CheckedContinuation<Result<Void, ClientError>, Never>?
    var greeting = SpecVersion.v4
    var failure: ClientError?
    var wayDeadline = Instant.never
    var pause = Interval.zero
    var isReconnecting = false
    var lostBecause: ConnectorError = .notConnected

    // Who waits.
    var waiting: [UInt32: Waiting] = [:]
    private var lastPause = UInt32.max
    var earliestWaiting = Instant.never
    var pings: UInt32?
    var nextPing = Instant.never
    var devices: [DeviceInfo] = []
    /// In the order of their ids.
    var buffers: [EventBuffer] = []
    var nextToken: UInt64 = 1

    private var host: (any Host)?
    private var alarm: (any Alarm)?
    private var alarmAt = Instant.never
    private var isAbandoned = false

    init(_ connectors: [any Connector], name: String, options: ClientOptions, in world: any ClientWorld) {
        self.connectors = connectors
        self.world = world
        self.options = options
        clientName = name
        session = ClientSession(clientName: name, limits: Self.limits)
    }

    var now: Instant { host?.now ?? .zero }

    /// Becomes part of the loop's turns.
    func attach() {
        guard host == nil else { return }
        let host = world.host
        self.host = host
        alarm = host.attach(self)
    }

    /// Nobody holds the client any more: closes what is open, then leaves the host.
    func abandon() {
        isAbandoned = true
        lose(.clientDisconnected, willReturn: false)
    }

    // MARK: Links

    var messageBytesMax: Int { Self.limits.messageBytes }

    func refusal(of peer: Peer) -> CloseReason? {
        if case .opening = state { nil } else { .taken }
    }

    func received(_ text: RawSpan, from id: LinkID, at now: Instant) {
        guard id.generation == epoch, link != nil else { return }
        if options.tracesWire { trace("received", text.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }) }
        session.receive(text, into: &batch)
        for index in batch.events.indices { handle(batch.events[index], at: now) }
    }

    func congested(_ id: LinkID) {}
    func drained(_ id: LinkID, at now: Instant) {}

    func closed(_ id: LinkID, _ reason: CloseReason, at now: Instant) {
        guard id.generation == epoch, link != nil else { return }
        link = nil
        connectionEnded(reason)
    }

    // MARK: The turn

    func turnEnded(at now: Instant) {
        for attempt in spent { attempt.end() }
        spent.removeAll()
        if case .searching(let index) = state { open(index) }
        send()
        for close in closes { close.link.close(close.reason) }
        closes.removeAll()
        let due = deadline
        if due != alarmAt {
            alarmAt = due
            alarm?.set(due)
        }
        if isAbandoned { detach() }
    }

    func deadlinePassed(at now: Instant) {
        alarmAt = .never
        if earliestWaiting <= now { expire(at: now) }
        if wayDeadline <= now { giveUpWay() }
        if nextPing <= now { ping(at: now) }
        if case .pausing(let until) = state, until <= now {
            state = .searching(0)
            greeting = .v4
        }
    }

    private var deadline: Instant {
        var deadline = min(earliestWaiting, wayDeadline, nextPing)
        if case .pausing(let until) = state { deadline = min(deadline, until) }
        return deadline
    }

    private func send() {
        guard buffer.count > 0 else { return }
        if let link {
            let run = buffer.run(0, buffer.count)
            if options.tracesWire {
                run.forEach { _, payload, length in
                    trace("sent", String(decoding: UnsafeRawBufferPointer(rebasing: run.bytes[payload..<payload + length]), as: UTF8.self))
                }
            }
            withUnsafePointer(to: run) { link.send(UnsafeBufferPointer(start: $0, count: 1)) }
        }
        buffer.reset()
    }

    private func ping(at now: Instant) {
        pings = session.ping(into: &buffer)
        nextPing = session.pingInterval.map { now + $0 } ?? .never
    }

    /// Not from inside the turn: this object may be held by nobody but the host.
    private func detach() {
        isAbandoned = false
        alarm?.set(.never)
        alarm = nil
        host = nil
        nonisolated(unsafe) let runner = self
        world.post { [world] in world.host.detach(runner) }
    }

    // MARK: Requests

    /// Writes a request, which leaves when the turn ends.
    func ask(
        _ write: (inout ClientSession, inout MessageBuffer) -> UInt32?
    ) throws(ClientError) -> UInt32 {
        guard case .ready = state else { throw .connector(lostBecause) }
        guard let id = write(&session, &buffer) else { throw .unsupported("the server's version of the protocol has no such message") }
        return id
    }

    /// Resumes `continuation` when all requests are settled, or their time is over.
    func wait(for ids: [UInt32], _ patience: Interval, _ continuation: CheckedContinuation<Result<Answer, ClientError>, Never>) {
        let waiting = Waiting(ids.count, until: now + patience, continuation)
        for id in ids { self.waiting[id] = waiting }
        earliestWaiting = min(earliestWaiting, waiting.deadline)
    }

    /// A number that no request has: requests count up from 1, pauses down from the end.
    func takePauseNumber() -> UInt32 {
        lastPause -= 1
        return lastPause
    }

    /// Forgets requests whose caller waits no more.
    func cancel(_ ids: [UInt32], epoch: UInt32) {
        guard epoch == self.epoch else { return }
        for id in ids { waiting.removeValue(forKey: id)?.giveUp(.cancelled) }
    }

    private func expire(at now: Instant) {
        earliestWaiting = .never
        for id in waiting.keys.sorted() {
            guard let one = waiting[id] else { continue }
            if one.deadline <= now {
                waiting[id] = nil
                one.giveUp(.timedOut(id))
            } else {
                earliestWaiting = min(earliestWaiting, one.deadline)
            }
        }
    }

    func failAll(_ error: ClientError) {
        let ids = waiting.keys.sorted()
        let waiters = waiting
        waiting.removeAll()
        earliestWaiting = .never
        for id in ids { waiters[id]?.giveUp(error) }
    }

    // MARK: Words

    func log(_ level: Logger.Level, _ message: Logger.Message, _ metadata: @autoclosure () -> Logger.Metadata = [:]) {
        options.logger?.log(level: level, message, metadata: metadata())
    }

    private func trace(_ direction: String, _ text: String) {
        log(.trace, "message", ["direction": .string(direction), "text": .string(text)])
    }
}

extension Interval {
    /// A `Duration`, as far as it fits.
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        self = overflow ? .forever : Interval(nanoseconds: product &+ attoseconds / 1_000_000_000)
    }
}
