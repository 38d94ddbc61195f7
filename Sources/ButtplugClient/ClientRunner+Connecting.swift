// The way to a server: one connector after the other, the handshake in version 4 and then 3, the first list, and the way back after a loss.
// Must not know what connectors do.

import Buttplug
import Host

extension ClientRunner {
    /// Begins to look for a server; the outcome resumes `continuation`.
    func connect(_ continuation: CheckedContinuation<Result<Void, ClientError>, Never>) {
        connecting = continuation
        failure = nil
        greeting = .v4
        state = .searching(0)
    }

    /// Gives up looking.
    func cancelConnect() {
        guard connecting != nil else { return }
        failure = .cancelled
        finishConnecting()
    }

    /// Tries the connector at `place`, or those behind it.
    func open(_ place: Int) {
        for place in place..<max(place, connectors.count) {
            let timeout = Interval(options.connectTimeout)
            do throws(ConnectorError) {
                let attempt = try connectors[place].open(for: self, in: world, within: timeout)
                state = .opening(place, attempt)
                wayDeadline = now + timeout
                return
            } catch {
                fail(.connector(error), at: place)
            }
        }
        finishConnecting()
    }

    func opened(_ link: any Link, from peer: Peer, at now: Instant) -> LinkID {
        epoch &+= 1
        let id = LinkID(slot: 0, generation: epoch)
        guard case .opening(let place, let attempt) = state else {
            closes.append((link, .taken))
            return id
        }
        spent.append(attempt)
        self.link = link
        session = ClientSession(clientName: clientName, limits: Self.limits)
        session.greet(greeting, into: &buffer)
        state = .greeting(place, greeting)
        return id
    }

    func dialFailed(_ failure: DialFailure, at now: Instant) {
        guard case .opening(let place, let attempt) = state else { return }
        spent.append(attempt)
        fail(.connector(ConnectorError(failure)), at: place)
        tryNext(after: place)
    }

    /// The way has taken too long.
    func giveUpWay() {
        wayDeadline = .never
        switch state {
        case .opening(let place, let attempt):
            spent.append(attempt)
            fail(.connector(.timedOut), at: place)
            tryNext(after: place)
        case .greeting(let place, _), .listing(let place, _): dropWay(.connector(.timedOut), at: place, .handshakeTimeout)
        default: break
        }
    }

    // MARK: The handshake

    func greeted(_ place: Int, _ name: String, _ version: UInt32, id: UInt32) {
        guard session.version != nil, let list = session.requestDeviceList(into: &buffer) else {
            let text = "the server speaks version \(version) of the protocol; this client needs 3 or later"
            return dropWay(.handshake(ServerComplaint(id: id, code: ErrorCode.handshake.rawValue, text: text)), at: place, .versionRefused)
        }
        state = .listing(place, id: list)
    }

    /// The server refuses the handshake. One that knows nothing of version 4 may know version 3.
    func greetingRefused(_ place: Int, _ tried: SpecVersion, _ complaint: ServerComplaint) {
        guard tried == .v4 else { return dropWay(failure ?? ClientError(complaint), at: place, .versionRefused) }
        failure = ClientError(complaint)
        session.greet(.v3, into: &buffer)
        state = .greeting(place, .v3)
    }

    func arrived(at now: Instant) {
        state = .ready
        wayDeadline = .never
        failure = nil
        pause = .zero
        nextPing = session.pingInterval.map { now + $0 } ?? .never
        log(.info, "connected", ["server": .string(session.serverName), "version": "\(session.version.map { "\($0)" } ?? "")"])
        if isReconnecting {
            isReconnecting = false
            tell(.reconnected)
        }
        connecting?.resume(returning: .success(()))
        connecting = nil
    }

    // MARK: Failures

    private func fail(_ error: ClientError, at place: Int) {
        failure = error
        log(.debug, "no server this way", ["way": .string(connectors[place].name), "reason": .string(error.description)])
    }

    private func tryNext(after place: Int) {
        greeting = .v4
        wayDeadline = .never
        if place + 1 < connectors.count { state = .searching(place + 1) } else { finishConnecting() }
    }

    private func dropWay(_ error: ClientError, at place: Int, _ reason: CloseReason) {
        if let link { closes.append((link, reason)) }
        link = nil
        failAll(error)
        fail(error, at: place)
        tryNext(after: place)
    }

    /// The link is gone, whoever ended it.
    func connectionEnded(_ reason: CloseReason) {
        switch state {
        case .greeting(let place, let tried) where greeting == .v4 && (tried == .v4 || failure?.complaint != nil):
            // Some servers close on a greeting they do not understand: once more, in the version before.
            if failure == nil { failure = .connector(.closed(reason)) }
            greeting = .v3
            wayDeadline = .never
            state = .searching(place)
        case .greeting(let place, _), .listing(let place, _):
            fail(failure ?? .connector(.closed(reason)), at: place)
            tryNext(after: place)
        case .ready: lose(reason, willReturn: true)
        case .leaving: lose(.clientDisconnected, willReturn: false)
        case .idle, .searching, .opening, .pausing: break
        }
    }

    /// No way led to a server.
    func finishConnecting() {
        if case .opening(_, let attempt) = state { spent.append(attempt) }
        if let link { closes.append((link, .clientDisconnected)) }
        link = nil
        wayDeadline = .never
        let error = failure ?? .connector(.notConnected)
        if isReconnecting { return rest() }
        state = .idle
        connecting?.resume(returning: .failure(error))
        connecting = nil
    }

    /// The connection is over: everybody who waits hears of it, and the devices are gone.
    func lose(_ reason: CloseReason, willReturn: Bool) {
        let wasConnected =
            switch state {
            case .ready, .leaving: true;
            default: false
            }
        if case .opening(_, let attempt) = state { spent.append(attempt) }
        if let link { closes.append((link, reason)) }
        link = nil
        session.end()
        nextPing = .never
        wayDeadline = .never
        lostBecause = .closed(reason)
        failAll(.connector(.closed(reason)))
        if wasConnected {
            log(.info, "disconnected", ["reason": .string(reason.rawValue)])
            replaceDevices([])
            for buffer in buffers where buffer.sensor != nil { buffer.finish() }
            tell(.disconnected(reason))
        }
        guard willReturn, options.reconnection != nil else {
            state = .idle
            isReconnecting = false
            for buffer in buffers { buffer.finish() }
            return
        }
        isReconnecting = true
        rest()
    }

    /// Waits before the next try; longer each time.
    private func rest() {
        let plan = options.reconnection ?? Reconnection()
        pause = pause == .zero ? Interval(plan.shortestPause) : min(pause * 2, Interval(plan.longestPause))
        state = .pausing(now + pause)
    }
}
