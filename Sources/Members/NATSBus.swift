// A NATS server as the bus: one session, one stream of bytes at a time, one alarm.
// Must not know sockets or names of hosts (who makes it opens the streams), nor what is published.

import Host
import NATS

/// What the operator may want to know of the connection to the bus.
public enum NATSBusEvent {
    /// The server does not let this member publish or subscribe to something.
    case denied(NATSDenial)
    case complaint(String)
    case ended(NATSEnd)
}

/// A `MessageBus` over NATS. Servers that want TLS are not reached yet.
public final class NATSBus: MessageBus {
    /// Opens a stream to a server. It reports to the owner that is given, by that number, and not from inside the call. nil: it cannot.
    public typealias Dial = (NATSServer, WireID, any WireOwner) -> (any Wire)?

    /// Is told of what goes wrong.
    public var onEvent: ((NATSBusEvent, Instant) -> Void)?

    private let servers: [NATSServer]
    private let name: String
    private let credentials: NATSCredentials
    private let seed: UInt64
    private let host: any Host
    private let dial: Dial
    private var room: SessionRoom?
    private var owner: (any BusOwner)?
    private var end: NATSBusEnd?
    private var alarm: (any Alarm)?
    private var wire: (any Wire)?
    private var wireNumber: UInt32 = 0

    /// - Parameters:
    ///   - servers: At least one.
    ///   - name: What the server's operator sees.
    ///   - seed: For the waits between tries.
    public init(
        _ servers: [NATSServer], name: String, _ credentials: NATSCredentials = .none, on host: any Host, seed: UInt64,
        dial: @escaping Dial
    ) {
        (self.servers, self.name, self.credentials, self.host) = (servers, name, credentials, host)
        (self.seed, self.dial) = (seed, dial)
    }

    // MARK: The bus

    public func open(_ subscriptions: [String], for owner: any BusOwner) {
        guard room == nil else { return }
        self.owner = owner
        let subjects = subscriptions.compactMap { NATSSubject($0) }
        precondition(subjects.count == subscriptions.count, "a subscription that is no subject")
        let settings = NATSSession.Settings(
            servers: servers, name: name, credentials: credentials, subscriptions: subjects, seed: seed)
        room = SessionRoom(settings)
        let end = NATSBusEnd(self)
        self.end = end
        alarm = host.attach(end)
        // The first turn dials.
        alarm?.set(host.now)
    }

    public func publish(_ subject: String, reply: String?, _ payload: UnsafeRawBufferPointer) {
        guard let room, let subject = NATSSubject(subject) else { return }
        _ = room.session.publish(subject, reply: reply.flatMap { NATSSubject($0) }, payload)
    }

    public func flush() { send() }

    public func leave() {
        owner = nil
        room?.session.leave(at: host.now.nanoseconds)
        send()
        pump(UnsafeRawBufferPointer(start: nil, count: 0), at: host.now)
    }

    // MARK: The stream

    fileprivate func opened(_ id: WireID, at now: Instant) {
        guard id.number == wireNumber else { return }
        room?.session.connected(at: now.nanoseconds)
    }

    fileprivate func received(_ bytes: RawSpan, from id: WireID, at now: Instant) {
        guard id.number == wireNumber, wire != nil else { return }
        bytes.withUnsafeBytes { pump($0, at: now) }
    }

    fileprivate func closed(_ id: WireID, at now: Instant) {
        guard id.number == wireNumber, wire != nil else { return }
        wire = nil
        room?.session.closed(.closed, at: now.nanoseconds)
        pump(UnsafeRawBufferPointer(start: nil, count: 0), at: now)
    }

    fileprivate func deadlinePassed(at now: Instant) {
        guard let room else { return }
        if room.isStarted {
            room.session.deadlinePassed(at: now.nanoseconds)
        } else {
            room.isStarted = true
            room.session.start(at: now.nanoseconds)
        }
        pump(UnsafeRawBufferPointer(start: nil, count: 0), at: now)
    }

    fileprivate func turnEnded() {
        send()
        guard let room, room.isStarted else { return }
        let deadline = room.session.deadline
        alarm?.set(deadline == .max ? .never : Instant(nanoseconds: deadline))
    }

    /// Everything that the session has to tell, with these bytes of the stream.
    private func pump(_ bytes: UnsafeRawBufferPointer, at now: Instant) {
        guard let room else { return }
        var at = 0
        while true {
            switch room.session.next(in: bytes, at: &at, now: now.nanoseconds) {
            case .needMore: return
            case .message(let message): deliver(message, at: now)
            case .event(let event): follow(event, room, at: now)
            }
        }
    }

    private func deliver(_ message: NATSMessage, at now: Instant) {
        guard let owner else { return }
        let subject = String(decoding: message.subject, as: UTF8.self)
        if message.status == NATSMessage.noResponders {
            owner.missed(subject, at: now)
        } else {
            owner.received(message.payload.bytes, on: subject, at: now)
        }
    }

    private func follow(_ event: NATSEvent, _ room: SessionRoom, at now: Instant) {
        switch event {
        case .dial(let server):
            wireNumber += 1
            wire = end.flatMap { dial(server, WireID(wireNumber), $0) }
            if wire == nil { room.session.closed(.unreachable, at: now.nanoseconds) }
        case .secure:
            hangUp()
            room.session.closed(.insecure, at: now.nanoseconds)
        case .opened: owner?.busOpened(at: now)
        case .denied(let denial): onEvent?(.denied(denial), now)
        case .complaint(let text): onEvent?(.complaint(text), now)
        case .lameDuck: break
        case .ended(let reason, let wasOpen):
            hangUp()
            if wasOpen { owner?.busLost(at: now) }
            onEvent?(.ended(reason), now)
            if reason == .left { detach() }
        }
    }

    private func hangUp() {
        wire?.close()
        wire = nil
    }

    private func detach() {
        alarm?.set(.never)
        alarm = nil
        if let end { host.detach(end) }
        end = nil
    }

    /// All of it or nothing; what the stream does not take waits.
    private func send() {
        guard let room, let wire else { return }
        let output = room.session.output
        if output.count > 0, wire.send(output) { room.session.outputSent() }
    }
}

/// Where the session is, so that it is never copied.
private final class SessionRoom {
    @exclusivity(unchecked) var session: NATSSession
    var isStarted = false

    init(_ settings: NATSSession.Settings) { session = NATSSession(settings) }
}

/// What the host and the streams know of a bus.
private final class NATSBusEnd: WireOwner, TurnOwner {
    private let bus: NATSBus

    init(_ bus: NATSBus) { self.bus = bus }

    func opened(_ id: WireID, at now: Instant) { bus.opened(id, at: now) }
    func received(_ bytes: RawSpan, from id: WireID, at now: Instant) { bus.received(bytes, from: id, at: now) }
    func drained(_ id: WireID, at now: Instant) { bus.flush() }
    func closed(_ id: WireID, _ end: WireEnd, at now: Instant) { bus.closed(id, at: now) }
    func deadlinePassed(at now: Instant) { bus.deadlinePassed(at: now) }
    func turnEnded(at now: Instant) { bus.turnEnded() }
}
