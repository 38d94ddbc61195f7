// A WebSocket connection on a libuv stream: messages in, messages out. Its beginning is in UVLink+Head, its end in UVLink+End.
// Must not know Buttplug or what its owner does with the messages.

import Host
import UV
import WebSocket

/// A connection, of a server or (with `client`) of a dialler. Alive as long as its stream is open.
public final class UVLink: Link, ByteStreamOwner {
    enum Phase: UInt8 {
        /// The HTTP head, or the answer to ours, is awaited. Can turn into: open, leaving, gone.
        case head
        /// Messages flow. Can turn into: closing, leaving, gone.
        case open
        /// Our close frame is out, the peer's is awaited. Can turn into: leaving, gone.
        case closing
        /// Our side ends behind what was sent; what still comes is swallowed until the peer ends too. Can turn into: gone.
        case leaving
        /// The stream is closed.
        case gone
    }

    let host: UVHost
    let stream: ByteStream
    let owner: any LinkOwner
    /// Where the host keeps it.
    var place: Int32 = -1
    /// What is only needed until the connection is open.
    var head: HeadPhase?
    /// What only the dialling end needs.
    let client: ClientEnd?

    @exclusivity(unchecked) var phase = Phase.head
    @exclusivity(unchecked) var decoder: FrameDecoder
    @exclusivity(unchecked) var state: ConnectionState
    @exclusivity(unchecked) var id = LinkID(slot: 0, generation: 0)
    /// The owner was told of the connection and not yet of its end.
    @exclusivity(unchecked) var isKnown = false
    /// A ping is out since `since`.
    @exclusivity(unchecked) var isPinged = false
    /// When the phase began; while open: when the peer was last heard, or pinged.
    @exclusivity(unchecked) var since: Instant
    @exclusivity(unchecked) private var budgetTurn: UInt32
    @exclusivity(unchecked) private var budget: Int32 = 0

    /// Why the connection is about to end; said when the turn is over, so that what came before is answered before.
    @exclusivity(unchecked) var ending: Ending?
    @exclusivity(unchecked) var isLate = false
    @exclusivity(unchecked) var peerEnded = false
    /// Bytes wait for the peer.
    var isCongested = false
    /// How many bytes may wait until the peer counts as slow.
    private var queueLimit = 0
    /// The turn in which they began to wait.
    private var congestedTurn: UInt32 = 0
    /// The owner is still to be told so.
    var owesCongested = false
    /// The backlog as it was seen at `stalledSince`; one that does not move for `Limits.stallTimeout` ends the connection.
    var stalledAt = 0
    var stalledSince = Instant.zero

    init(_ host: UVHost, _ stream: ByteStream, _ listener: UVListener, from address: String) {
        self.host = host
        self.stream = stream
        owner = listener.owner
        client = nil
        let limits = host.limits
        decoder = FrameDecoder(
            .server,
            limits: FrameDecoder.Limits(
                messageBytes: max(limits.messageBytes, listener.owner.messageBytesMax), fragments: limits.fragments,
                ignoresBinary: !(listener.owner is any BinaryLinkOwner)))
        state = ConnectionState(controlFramesPerSecond: limits.controlFramesPerSecond)
        head = HeadPhase(listener, address, limits)
        since = host.now
        budgetTurn = host.turn &- 1
    }

    init(_ host: UVHost, _ stream: ByteStream, _ client: ClientEnd) {
        self.host = host
        self.stream = stream
        self.client = client
        owner = client.owner
        let limits = host.limits
        decoder = FrameDecoder(
            .client,
            limits: FrameDecoder.Limits(
                messageBytes: max(limits.messageBytes, client.owner.messageBytesMax), fragments: limits.fragments,
                ignoresBinary: !(client.owner is any BinaryLinkOwner)))
        state = ConnectionState(controlFramesPerSecond: limits.controlFramesPerSecond)
        since = host.now
        budgetTurn = host.turn &- 1
    }

    /// Begins to read; the host knows the link's place by now.
    func start() {
        // A dial has a deadline of its own.
        if client == nil { host.watch(self, until: since + host.limits.headTimeout) }
        stream.start(for: self)
    }

    // MARK: In

    public func streamRead(_ bytes: UnsafeMutableRawBufferPointer) -> Int {
        guard phase == .open else { return readOutside(bytes) }
        since = host.now
        isPinged = false
        return readFrames(bytes, from: 0)
    }

    /// Delivers the messages in `bytes`, up to the connection's share of the turn. Returns how many bytes were used.
    func readFrames(_ bytes: UnsafeMutableRawBufferPointer, from start: Int) -> Int {
        let now = since
        if budgetTurn != host.turn {
            budgetTurn = host.turn
            budget = Int32(clamping: host.limits.messagesPerTurn)
        }
        var at = start
        while ending == nil {
            if budget <= 0, at < bytes.count {
                host.addPaused(self)
                break
            }
            switch decoder.next(in: bytes, at: &at) {
            case .needMore:
                if host.pongs.count > 0 { sendPongs() }
                return bytes.count
            case .text(let payload):
                budget &-= 1
                owner.received(payload.bytes, from: id, at: now)
            case let event: readOther(event, at: now)
            }
        }
        if host.pongs.count > 0 { sendPongs() }
        return ending == nil ? at : bytes.count
    }

    @inline(never)
    private func readOther(_ event: FrameEvent, at now: Instant) {
        switch event {
        case .binary(let payload):
            budget &-= 1
            if let owner = owner as? any BinaryLinkOwner {
                owner.receivedBinary(payload.bytes, from: id, at: now)
            } else {
                host.counters.binaryIgnored += 1
            }
        case .ping(let payload):
            guard state.ping(payload, at: now.nanoseconds) else { return end(.flood) }
            if host.pongs.count < PongBuffer.most, let pong = state.takePong() { host.pongs.add(pong, controlKey) }
        case .pong: if !state.pong(at: now.nanoseconds) { end(.flood) }
        case .close(let status, _): end(.peerClosed(status))
        case .violation(let violation): end(.violation(violation))
        case .text, .needMore: preconditionFailure("read elsewhere")
        }
    }

    private func sendPongs() {
        // Beyond the most that are answered one by one, the newest is.
        if let newest = state.takePong() { host.pongs.add(newest, controlKey) }
        stream.write(host.pongs.take())
        noteBacklog()
    }

    /// The next turn: reads on in what was kept back.
    func resume() {
        guard phase == .open else { return }
        stream.resume()
    }

    // MARK: Out

    public func send(_ runs: UnsafeBufferPointer<MessageRun>) { send(runs, FrameWriter.textStart) }

    /// Sends finished binary messages, as `send` does texts.
    public func sendBinary(_ runs: UnsafeBufferPointer<MessageRun>) { send(runs, 0x82) }

    @inline(__always)
    private func send(_ runs: UnsafeBufferPointer<MessageRun>, _ start: UInt8) {
        guard phase == .open, isKnown else { return }
        if let client { return sendMasked(runs, start, client) }
        for run in runs {
            guard let base = run.bytes.baseAddress else { continue }
            run.forEach { prefix, _, _ in base.storeBytes(of: start, toByteOffset: prefix, as: UInt8.self) }
            stream.gather(UnsafeRawBufferPointer(run.bytes))
        }
        stream.flush()
        noteBacklog()
    }

    /// After a write: did the connection break, and does anything wait?
    @inline(__always)
    func noteBacklog() {
        if !stream.isClear { noteTrouble() }
    }

    @inline(never)
    private func noteTrouble() {
        guard phase == .open else { return }
        if stream.writeError != nil { return end(.peerGone(isBroken: true)) }
        // One turn's output, a long device list say, may be more than the limit without the peer being slow.
        if isCongested, host.turn != congestedTurn {
            if stream.queuedBytes > queueLimit { end(.slow) }
            return
        }
        queueLimit = stream.queuedBytes + host.limits.queuedBytes
        if isCongested { return }
        isCongested = true
        congestedTurn = host.turn
        owesCongested = true
        stalledAt = stream.backlogBytesLeft
        stalledSince = host.now
        host.watch(self, until: min(stalledSince + stallStep, since + host.limits.pingInterval))
        sayLater()
    }

    /// How often a backlog is looked at.
    var stallStep: Interval { Interval(nanoseconds: max(1, host.limits.stallTimeout.nanoseconds / 4)) }

    public func streamDrained() {
        let wasCongested = isCongested
        isCongested = false
        switch phase {
        case .open where wasCongested && isKnown:
            if owesCongested {
                owesCongested = false
            } else {
                owner.drained(id, at: host.now)
                host.loop.keepAwake()
            }
        case .leaving where peerEnded: goneNow()
        default: break
        }
    }

    /// Asks for `speak` when the turn is over.
    func sayLater() {
        guard !isLate else { return }
        isLate = true
        host.addLate(self)
    }
}
