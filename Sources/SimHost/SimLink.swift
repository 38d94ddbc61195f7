// A simulated message connection: the owner's `Link` on one side, a simulated client on the other, faults in between.
// Must not know WebSocket or Buttplug. Messages are whole; splitting one into bytes is the time its last byte takes.

import Host

/// The client's end, as the link calls it.
public protocol SimPeer: AnyObject {
    /// The server's end accepted the connection.
    func opened(at now: Instant)
    /// A whole message arrived; the bytes live only during the call.
    func received(_ message: RawSpan, at now: Instant)
    /// The connection is over; the client did not end it.
    func closed(_ reason: CloseReason, at now: Instant)
}

/// A connection. The owner sends and closes; the client's end is `transmit`, `finish`, `drop`, `vanish`, `stall`, `worsen`.
public final class SimLink: Link, SimActor {
    enum State {
        /// Can turn into: open, ended.
        case connecting
        /// Can turn into: closing, deaf, ended.
        case open
        /// The server closed; what it sent still leaves. Can turn into: ended.
        case closing
        /// The client is gone and the server does not know. Can turn into: closing, ended.
        case deaf
        /// The client reset the connection; the server is told in its next turn. Can turn into: ended.
        case dropped
        case ended
    }

    enum Wake: UInt32 { case open, up, down, cut, silent, stuck, fault, recover, closeTimeout }

    unowned let host: SimHost
    let owner: any LinkOwner
    var peer: (any SimPeer)?
    let remote: Peer
    let limits: Limits
    var state = State.connecting
    var up: SimPipe
    var down: SimPipe
    let healthy: SimConditions
    let faults: SimLinkFaults
    var random: SimRandom
    var attachment: SimActorID?
    /// Who the owner says this is, once it is open.
    public internal(set) var id: LinkID?

    /// Waits because the window is full; not on its way yet.
    var waiting: [SimParcel] = []
    var waitingBytes = 0
    var isCongested = false
    var lastLeft = Instant.zero
    var lastReceived = Instant.zero
    var cutReason: CloseReason?
    var lastSendTurn: UInt64 = .max
    var recoversAt = Instant.zero

    /// Who is at the two ends, and what the server's end is told of the other.
    struct Ends {
        var owner: any LinkOwner
        var peer: any SimPeer
        var remote: Peer
    }

    init(_ host: SimHost, _ ends: Ends, conditions: SimConditions, faults: SimLinkFaults, limits: Limits) {
        self.host = host
        (owner, peer, remote) = (ends.owner, ends.peer, ends.remote)
        self.limits = limits
        self.faults = faults
        healthy = conditions
        random = host.random.fork()
        up = SimPipe(conditions, random.fork())
        down = SimPipe(conditions, random.fork())
    }

    /// Bytes the server has for the client that no kernel has taken.
    public var queuedBytes: Int { waitingBytes }

    /// Whether something was sent in this turn: more than one send a turn is a fault of the owner's.
    public var hasSentInTurn: Bool { lastSendTurn == host.turns }

    /// Neither end can do anything more with it.
    public var isOver: Bool { state == .ended }

    // MARK: The owner's end

    public func send(_ runs: UnsafeBufferPointer<MessageRun>) {
        if !host.isEndingTurn { host.complain("send outside turnEnded") }
        if lastSendTurn == host.turns { host.complain("two sends to one link in one turn") }
        lastSendTurn = host.turns
        guard state == .open || state == .deaf || state == .dropped else { return host.complain("send to a link that is over") }
        for run in runs {
            run.forEach { prefix, payload, length in
                run.bytes[prefix] = 0x81
                let bytes = [UInt8](UnsafeRawBufferPointer(rebasing: run.bytes[payload..<payload + length]))
                dispatch(.message(bytes))
            }
        }
        finishSending()
    }

    public func close(_ reason: CloseReason) {
        guard state == .open || state == .deaf || state == .dropped else { return host.complain("close of a link that is over") }
        let wasOpen = state == .open
        state = .closing
        guard wasOpen else { return end() }
        dispatch(.close(reason))
        finishSending()
        ask(.closeTimeout, at: host.now + limits.closeTimeout)
    }

    private func dispatch(_ parcel: SimParcel) {
        guard state == .open || state == .closing || state == .deaf else { return }
        if waiting.isEmpty, down.isEmpty || down.bytes + parcel.wireBytes <= healthy.window {
            down.put(parcel, at: host.now)
            lastLeft = host.now
        } else {
            if waiting.isEmpty { lastLeft = host.now }
            waiting.append(parcel)
            waitingBytes += parcel.wireBytes
        }
    }

    private func finishSending() {
        askForDown()
        guard !waiting.isEmpty, state != .closing, let id else { return }
        if !isCongested {
            isCongested = true
            owner.congested(id)
            ask(.stuck, at: lastLeft + limits.stallTimeout)
        }
        if waitingBytes > limits.queuedBytes { cut(.slowConsumer) }
    }

    // MARK: What the host says

    public func woken(_ code: UInt32, at now: Instant) {
        guard state != .ended, let wake = Wake(rawValue: code) else { return }
        switch wake {
        case .open: open(at: now)
        case .up: deliverUp(at: now)
        case .down: deliverDown(at: now)
        case .cut: if let cutReason { tellOwner(cutReason, at: now) }
        case .silent: checkSilence(at: now)
        case .stuck: checkBacklog(at: now)
        case .fault: sufferNext(at: now)
        case .recover: if now >= recoversAt { change(healthy) }
        case .closeTimeout: tellPeer(.peerVanished, at: now)
        }
    }

    func ask(_ wake: Wake, at instant: Instant) {
        if let attachment { host.wake(attachment, at: instant, code: wake.rawValue) }
    }

    private func open(at now: Instant) {
        guard state == .connecting else { return }
        if let reason = owner.refusal(of: remote) { return tellPeer(reason, at: now) }
        state = .open
        lastReceived = now
        id = owner.opened(self, from: remote, at: now)
        askForFault(at: now)
        peer?.opened(at: now)
    }

    private func deliverUp(at now: Instant) {
        up.wakeAt = .never
        // A server that has closed reads no more.
        guard state == .open || state == .deaf else { return up.lose() }
        var taken = 0
        while state == .open || state == .deaf, taken < limits.messagesPerTurn, let parcel = up.take(at: now) {
            taken += 1
            lastReceived = now
            guard let id else { return }
            switch parcel {
            case .message(let bytes): owner.received(bytes.span.bytes, from: id, at: now)
            case .close(let reason): tellOwner(reason, at: now)
            }
        }
        if state == .open || state == .deaf { askForUp() }
    }

    private func deliverDown(at now: Instant) {
        down.wakeAt = .never
        while state != .ended, let parcel = down.take(at: now) {
            switch parcel {
            case .message(let bytes): if state != .deaf { peer?.received(bytes.span.bytes, at: now) }
            case .close(let reason): tellPeer(reason, at: now)
            }
            refill(at: now)
        }
        askForDown()
    }

    /// Moves what waits into the window, as far as it goes.
    private func refill(at now: Instant) {
        guard !waiting.isEmpty, state != .ended else { return }
        var moved = 0
        while moved < waiting.count, down.isEmpty || down.bytes + waiting[moved].wireBytes <= healthy.window {
            waitingBytes -= waiting[moved].wireBytes
            down.put(waiting[moved], at: now)
            moved += 1
        }
        guard moved > 0 else { return }
        waiting.removeFirst(moved)
        lastLeft = now
        guard waiting.isEmpty, isCongested, state == .open || state == .deaf, let id else { return }
        isCongested = false
        owner.drained(id, at: now)
    }

    func askForUp() {
        let instant = up.nextArrival
        guard instant < up.wakeAt else { return }
        up.wakeAt = instant
        ask(.up, at: instant)
    }

    func askForDown() {
        let instant = down.nextArrival
        guard instant < down.wakeAt else { return }
        down.wakeAt = instant
        ask(.down, at: instant)
    }

    // MARK: Ends

    /// Ends the connection for the server's own reasons, in the next turn: links do not call their owner from inside its calls.
    func cut(_ reason: CloseReason) {
        guard cutReason == nil else { return }
        cutReason = reason
        ask(.cut, at: host.now)
    }

    private func tellOwner(_ reason: CloseReason, at now: Instant) {
        guard state == .open || state == .deaf || state == .dropped, let id else { return }
        let peer = self.peer
        let knows = state == .dropped || reason == .peerClosed
        end()
        owner.closed(id, reason, at: now)
        if !knows { peer?.closed(reason, at: now) }
    }

    private func tellPeer(_ reason: CloseReason, at now: Instant) {
        let peer = self.peer
        end()
        peer?.closed(reason, at: now)
    }

    func end() {
        state = .ended
        up.lose()
        down.lose()
        waiting.removeAll()
        waitingBytes = 0
        peer = nil
        if let attachment { host.dismiss(attachment) }
        attachment = nil
    }

    private func checkBacklog(at now: Instant) {
        guard isCongested, state == .open || state == .deaf else { return }
        if now >= lastLeft + limits.stallTimeout { return tellOwner(.slowConsumer, at: now) }
        ask(.stuck, at: lastLeft + limits.stallTimeout)
    }

    private func checkSilence(at now: Instant) {
        guard state == .open || state == .deaf else { return }
        let isMute = state == .deaf || up.stalledUntil > now || down.stalledUntil > now
        guard isMute else { return }
        let limit = lastReceived + limits.pingInterval * 2
        if now >= limit { return tellOwner(.unresponsive, at: now) }
        ask(.silent, at: limit)
    }
}
