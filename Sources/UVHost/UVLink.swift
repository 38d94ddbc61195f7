// A WebSocket connection on a transport: messages in, messages out. Its beginning is in UVLink+Head, its end in UVLink+End.
// Must not know Buttplug or what its owner does with the messages.

import Host
import SecureStreams
import UV
import WebSocket

/// A connection, of a server or (with `client`) of a dialler: its transport reads to it as a `ByteTransportOwner`, its owner writes to it as
/// a `Link`. Without TLS the transport is the `ByteStream`. Alive as long as the transport is open.
public final class UVLink: Link, ByteTransportOwner {
    enum Phase: UInt8 {
        /// The HTTP head, or the answer to ours, is awaited. Can turn into: open, leaving, gone.
        case head
        /// Messages flow. Can turn into: closing, leaving, gone.
        case open
        /// Our close frame is out, the peer's is awaited. Can turn into: leaving, gone.
        case closing
        /// Our side ends after what was sent; what still comes is ignored until the peer ends too. Can turn into: gone.
        case leaving
        /// The transport is closed.
        case gone
    }

    let host: UVHost
    let transport: any ByteTransport
    let owner: any LinkOwner
    /// Where the host keeps it.
    var index: Int32 = -1
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
    /// When the phase began.
    @exclusivity(unchecked) var phaseBegan: Instant
    @exclusivity(unchecked) var liveness: Liveness
    @exclusivity(unchecked) private var budgetTurn: UInt32
    @exclusivity(unchecked) private var budget: Int32 = 0

    /// Why the connection is about to end; said when the turn is over, so that what came before is answered before.
    @exclusivity(unchecked) var ending: LinkEnding?
    @exclusivity(unchecked) var isReporting = false
    @exclusivity(unchecked) var peerEnded = false
    var backpressure = Backpressure()

    /// Which end of a connection a link is.
    enum End {
        case server(UVListener, peer: String)
        case client(ClientEnd)
    }

    init(_ host: UVHost, _ transport: any ByteTransport, _ end: End) {
        self.host = host
        self.transport = transport
        let limits = host.limits
        let role: Role
        switch end {
        case .server(let listener, let address):
            (role, owner, client) = (.server, listener.owner, nil)
            head = HeadPhase(listener, address, limits)
        case .client(let end): (role, owner, client) = (.client, end.owner, end)
        }
        decoder = FrameDecoder(
            role,
            limits: FrameDecoder.Limits(
                messageBytes: max(limits.messageBytes, owner.messageBytesMax), fragments: limits.fragments,
                ignoresBinary: !(owner is any BinaryLinkOwner)))
        state = ConnectionState(controlFramesPerSecond: limits.controlFramesPerSecond)
        phaseBegan = host.now
        liveness = Liveness(at: host.now)
        // Not this turn.
        budgetTurn = host.turn &- 1
    }

    /// Begins to read; the host knows the link's index by now.
    func start() {
        // A dial has a deadline of its own.
        if client == nil { host.watch(self, until: phaseBegan + host.limits.headTimeout) }
        transport.start(for: self)
    }

    // MARK: In

    public func transportRead(_ bytes: UnsafeMutableRawBufferPointer) -> Int {
        guard phase == .open else { return readOutside(bytes) }
        liveness.received(at: host.now)
        return readFrames(bytes, from: 0)
    }

    /// Delivers the messages in `bytes`, up to the connection's share of the turn. Returns how many bytes were used.
    func readFrames(_ bytes: UnsafeMutableRawBufferPointer, from start: Int) -> Int {
        // The caller has called `liveness.received(at: host.now)`: the same time, without another look at the clock.
        let now = liveness.since
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
            if host.pongs.count < PongBuffer.capacity, let pong = state.takePong() { host.pongs.add(pong, controlKey) }
        case .pong: if !state.pong(at: now.nanoseconds) { end(.flood) }
        case .close(let status, _): end(.peerClosed(status))
        case .violation(let violation): end(.violation(violation))
        case .text, .needMore: preconditionFailure("read elsewhere")
        }
    }

    private func sendPongs() {
        // Of those that the buffer does not hold, the newest is answered.
        if let newest = state.takePong() { host.pongs.add(newest, controlKey) }
        transport.write(host.pongs.take())
        noteBacklog()
    }

    /// Reads on in what was kept back in an earlier turn.
    func resume() {
        guard phase == .open else { return }
        transport.resume()
    }

    // MARK: Out

    public func send(_ runs: UnsafeBufferPointer<MessageRun>) { send(runs, FrameWriter.textStart) }

    @inline(__always)
    private func send(_ runs: UnsafeBufferPointer<MessageRun>, _ firstByte: UInt8) {
        guard phase == .open, isKnown else { return }
        if let client { return sendMasked(runs, firstByte, client) }
        transport.write { pieces in
            for run in runs {
                guard let base = run.bytes.baseAddress else { continue }
                // Each frame's length is there already (`MessageBuffer.end`).
                run.forEach { prefix, _, _ in base.storeBytes(of: firstByte, toByteOffset: prefix, as: UInt8.self) }
                pieces.append(UnsafeRawBufferPointer(run.bytes))
            }
        }
        noteBacklog()
    }

    /// After a write: did the connection break, and does anything wait?
    @inline(__always)
    func noteBacklog() {
        if !transport.isClear { noteTrouble() }
    }

    @inline(never)
    private func noteTrouble() {
        guard phase == .open else { return }
        if transport.isBroken { return end(.peerGone(isBroken: true)) }
        let now = host.now
        switch backpressure.wrote(
            queued: transport.queuedBytes, sent: transport.backlogBytesSent, turn: host.turn, at: now, host.limits)
        {
        case .fine: break
        case .tooSlow: end(.slow)
        case .begins:
            host.watch(self, until: min(backpressure.deadline(at: now, host.limits), liveness.since + host.limits.pingInterval))
            tellOwnerLater()
        }
    }

    public func transportDrained() {
        let isToBeTold = backpressure.drained()
        switch phase {
        case .open where isToBeTold && isKnown:
            owner.drained(id, at: host.now)
            // May come before the loop waits for events: what the owner sends now must not wait for one.
            host.loop.keepAwake()
        case .leaving where peerEnded: goneNow()
        default: break
        }
    }

    /// Asks for `tellOwner` when the turn is over.
    func tellOwnerLater() {
        guard !isReporting else { return }
        isReporting = true
        host.addReporting(self)
    }
}

// MARK: Binary messages

extension UVLink: BinaryLink {
    public func sendBinary(_ runs: UnsafeBufferPointer<MessageRun>) { send(runs, FrameWriter.binaryStart) }

    public func letter(_ message: [UInt8]) -> (bytes: [UInt8], descriptor: Int32)? {
        guard phase == .open, client == nil, transport.descriptor >= 0 else { return nil }
        let frame = [UInt8](unsafeUninitializedCapacity: FrameWriter.headerMax + message.count) { room, count in
            count = FrameWriter.header(.binary, payload: message.count, to: room.baseAddress!)
            for byte in message {
                room[count] = byte
                count += 1
            }
        }
        return (frame, transport.descriptor)
    }
}
