// The client's end of a simulated connection, and its faults.
// Must not know what the messages say.

import Host

extension SimHost {
    /// Connects a client to an owner; the connection opens after its latency. The host keeps the link until it is over.
    /// - Parameters:
    ///   - peer: The client's end.
    ///   - owner: Takes the connection.
    ///   - remote: What the owner is told of the client.
    ///   - conditions: How long messages take, and how they arrive.
    ///   - faults: What may go wrong later.
    ///   - limits: The link's own: pings, backlog, messages per turn.
    @discardableResult
    public func connect(
        _ peer: any SimPeer, to owner: any LinkOwner, from remote: Peer = Peer(address: "127.0.0.1", listener: "sim"),
        conditions: SimConditions = SimConditions(), faults: SimLinkFaults = .none, limits: Limits = Limits()
    ) -> SimLink {
        let ends = SimLink.Ends(owner: owner, peer: peer, remote: remote)
        let link = SimLink(self, ends, conditions: conditions, faults: faults, limits: limits)
        link.attachment = enlist(link)
        link.ask(.open, at: now + conditions.latency)
        return link
    }
}

extension SimLink {
    /// The client's end has left it, though the server may not know yet.
    public var isDeserted: Bool { peer == nil }

    /// Sends one text message to the server.
    public func transmit(_ message: [UInt8]) {
        guard state == .open || state == .closing else { return }
        up.put(.message(message), at: host.now)
        askForUp()
    }

    /// Closes in good order: what was transmitted arrives first. The client gets no more calls.
    public func finish() {
        peer = nil
        guard state == .open else { return giveUp() }
        up.put(.close(.peerClosed), at: host.now)
        askForUp()
    }

    /// Resets the connection, as a client does that has given the server up: what has not arrived is lost. The reset itself takes the
    /// time that one message takes, and longer where nothing passes.
    public func reset() {
        peer = nil
        guard state == .open else { return giveUp() }
        up.lose()
        up.put(.close(.peerVanished), at: host.now)
        askForUp()
    }

    /// The connection is broken: what is on its way is lost, the server gets `peerVanished` in its next turn.
    public func drop() {
        peer = nil
        guard state == .open else { return giveUp() }
        state = .dropped
        up.lose()
        down.lose()
        waiting.removeAll()
        waitingBytes = 0
        cut(.peerVanished)
    }

    /// The client is gone without a close: the server finds out from the pings nobody answers, at most 20 s later.
    public func vanish() {
        peer = nil
        guard state == .open else { return giveUp() }
        markReceived()
        state = .deaf
        up.lose()
        down.stall(until: .never)
        ask(.silent, at: lastReceived + limits.pingInterval * 2)
    }

    /// Nothing passes until `instant`. A client whose data does not arrive for long enough is cut off.
    public func stall(up stallsUp: Bool, down stallsDown: Bool, until instant: Instant) {
        guard state == .open else { return }
        markReceived()
        if stallsUp { up.stall(until: instant) }
        if stallsDown { down.stall(until: instant) }
        if instant > lastReceived + limits.pingInterval * 2 { ask(.silent, at: lastReceived + limits.pingInterval * 2) }
    }

    /// Changes what the connection is like, until `instant`.
    public func worsen(_ conditions: SimConditions, until instant: Instant) {
        guard state == .open else { return }
        var worse = conditions
        worse.window = healthy.window
        change(worse)
        recoversAt = instant
        ask(.recover, at: instant)
    }

    func change(_ conditions: SimConditions) {
        up.change(conditions)
        down.change(conditions)
    }

    /// Before it is open or after the server closed it, the link is only forgotten. A server's close still takes its time.
    private func giveUp() {
        if state == .connecting || state == .closing { end() }
    }

    /// A healthy client has answered every ping so far: one for each `pingInterval` without data.
    private func markReceived() {
        guard up.stalledUntil <= host.now, down.stalledUntil <= host.now else { return }
        let silence = (host.now - lastReceived).nanoseconds
        let step = limits.pingInterval.nanoseconds
        lastReceived = lastReceived + Interval(nanoseconds: silence / step * step)
    }

    // MARK: Faults

    func askForFault(at now: Instant) {
        if let every = faults.every { ask(.fault, at: now + random.around(every)) }
    }

    func sufferNext(at now: Instant) {
        suffer(faults.draw(&random), at: now)
        askForFault(at: now)
    }

    /// Lets one fault happen.
    public func suffer(_ fault: SimLinkFault, at now: Instant) {
        switch fault {
        case .drop:
            let peer = self.peer
            drop()
            peer?.closed(.peerVanished, at: now)
        case .vanish:
            let peer = self.peer
            vanish()
            peer?.closed(.peerVanished, at: now)
        case .stall(let up, let down, let span): stall(up: up, down: down, until: now + span)
        case .worsen(let conditions, let span): worsen(conditions, until: now + span)
        }
    }
}

extension SimLink: BinaryLink {
    /// Sends binary messages. The client gets them as it gets texts.
    public func sendBinary(_ runs: UnsafeBufferPointer<MessageRun>) { send(runs) }
}
