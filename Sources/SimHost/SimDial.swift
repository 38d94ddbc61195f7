// A simulated network: owners that can be dialled by an endpoint's name, and the dialling end of such a connection.
// Must not know the protocol. The connection between the two ends is a `SimLink`, with all its faults.

import Host

/// Who can be reached in a simulated world, and over what kind of connections.
public struct SimNetwork {
    enum SimListener {
        /// A dial reaches this owner.
        case open(any LinkOwner)
        /// Takes connections and never answers.
        case silent
    }

    /// What dialled connections are like, from the next dial on.
    public var conditions = SimConditions()
    public var faults = SimLinkFaults.none
    public var limits = Limits()

    var listeners: [(endpoint: Endpoint, listener: SimListener)] = []
    /// Dials under way and the connections they became.
    var ends: [SimDialledEnd] = []
    /// Serial ports with a device each, and the wires there are.
    var plugs: [SimPlug] = []
    var buses: [SimBus] = []
    var wires: [SimWire] = []

    func listener(_ endpoint: Endpoint) -> SimListener? { listeners.first { $0.endpoint == endpoint }?.listener }
}

extension SimHost: Dialer {
    /// Lets `owner` be reached at `endpoint`, in place of the one before.
    public func listen(at endpoint: Endpoint, owner: any LinkOwner) {
        stopListening(at: endpoint)
        network.listeners.append((endpoint, .open(owner)))
    }

    /// Lets dials to `endpoint` hang.
    public func listenSilently(at endpoint: Endpoint) {
        stopListening(at: endpoint)
        network.listeners.append((endpoint, .silent))
    }

    /// Nobody can be reached there any more; connections stay.
    public func stopListening(at endpoint: Endpoint) { network.listeners.removeAll { $0.endpoint == endpoint } }

    /// Resets every connection that was dialled to `endpoint`, as when the process there is killed.
    public func resetConnections(to endpoint: Endpoint) {
        for end in network.ends where end.endpoint == endpoint { end.reset() }
    }

    public func dial(_ endpoint: Endpoint, timeout: Interval, for owner: any DialOwner) {
        if network.ends.contains(where: { $0.owner === owner && $0.isDialling }) { complain("two dials of one owner at a time") }
        let end = SimDialledEnd(self, endpoint, for: owner)
        network.ends.append(end)
        end.begin(timeout: timeout)
    }

    public func drawSeed() -> UInt64 { random.next() }

    public func cancelDial(for owner: any DialOwner) {
        for end in network.ends where end.owner === owner && end.isDialling { end.giveUp() }
    }
}

/// The dialling end: the simulated client of one side's `SimLink`, and the `Link` of the other's owner.
final class SimDialledEnd: Link, SimPeer, SimActor {
    enum State {
        /// Can turn into: open, over.
        case dialling
        /// Can turn into: over.
        case open
        case over
    }

    enum Wake: UInt32 { case refused, timedOut, slow }

    unowned let host: SimHost
    let endpoint: Endpoint
    let owner: any DialOwner
    private var state = State.dialling
    private var link: SimLink?
    private var id: LinkID?
    private var attachment: SimActorID?
    private var lastSendTurn: UInt64 = .max

    init(_ host: SimHost, _ endpoint: Endpoint, for owner: any DialOwner) {
        self.host = host
        self.endpoint = endpoint
        self.owner = owner
    }

    var isDialling: Bool { state == .dialling }

    func begin(timeout: Interval) {
        let attachment = host.enlist(self)
        self.attachment = attachment
        host.wake(attachment, at: host.now + timeout, code: Wake.timedOut.rawValue)
        let network = host.network
        switch network.listener(endpoint) {
        case .open(let server):
            link = host.connect(
                self, to: server, from: Peer(address: "127.0.0.1", listener: endpoint.description), conditions: network.conditions,
                faults: network.faults, limits: network.limits)
        case .silent: break
        case nil: host.wake(attachment, at: host.now + network.conditions.latency * 2, code: Wake.refused.rawValue)
        }
    }

    func woken(_ code: UInt32, at now: Instant) {
        if code == Wake.slow.rawValue { return closed(.slowConsumer, at: now) }
        guard state == .dialling else { return }
        fail(code == Wake.refused.rawValue ? .refused : .timedOut, at: now)
    }

    private func fail(_ failure: DialFailure, at now: Instant) {
        giveUp()
        owner.dialFailed(failure, at: now)
    }

    /// The owner gets no more calls.
    func giveUp() {
        end()
        link?.drop()
        link = nil
    }

    private func end() {
        state = .over
        if let attachment { host.dismiss(attachment) }
        attachment = nil
        host.network.ends.removeAll { $0 === self }
    }

    /// The other side's process is gone.
    func reset() {
        guard state == .open, let id else { return giveUp() }
        giveUp()
        owner.closed(id, .peerVanished, at: host.now)
    }

    // MARK: The simulated client

    func opened(at now: Instant) {
        guard state == .dialling else { return }
        state = .open
        id = owner.opened(self, from: Peer(address: "127.0.0.1", listener: endpoint.description), at: now)
    }

    func received(_ message: RawSpan, at now: Instant) {
        guard state == .open, let id else { return }
        owner.received(message, from: id, at: now)
    }

    /// Ends that this side finds out by itself; for all others the peer closed.
    private static let told: [CloseReason] = [.peerVanished, .unresponsive, .slowConsumer]

    func closed(_ reason: CloseReason, at now: Instant) {
        switch state {
        case .dialling: fail(reason == .tooManySessions || reason == .taken ? .notWebSocket("HTTP status 503") : .refused, at: now)
        case .open:
            end()
            link = nil
            if let id { owner.closed(id, Self.told.contains(reason) ? reason : .peerClosed, at: now) }
        case .over: break
        }
    }

    // MARK: The owner's link

    func send(_ runs: UnsafeBufferPointer<MessageRun>) {
        if !host.isEndingTurn { host.complain("send outside turnEnded") }
        if lastSendTurn == host.turns { host.complain("two sends to one dialled link in one turn") }
        lastSendTurn = host.turns
        guard state == .open, let link else { return host.complain("send to a dialled link that is over") }
        for run in runs {
            run.forEach { _, payload, length in
                link.transmit([UInt8](UnsafeRawBufferPointer(rebasing: run.bytes[payload..<payload + length])))
            }
        }
        if link.up.bytes > link.limits.queuedBytes, let attachment {
            link.drop()
            host.wake(attachment, at: host.now, code: Wake.slow.rawValue)
        }
    }

    func close(_ reason: CloseReason) {
        guard state == .open else { return host.complain("close of a dialled link that is over") }
        end()
        if reason == .unresponsive { link?.reset() } else { link?.finish() }
        link = nil
    }
}
