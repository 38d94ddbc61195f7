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

    /// Tries the connector at `index`, or those after it.
    func open(_ index: Int) {
        for index in index..<max(index, connectors.count) {
            let timeout = Interval(options.connectTimeout)
            do throws(ConnectorError) {
                let attempt = try connectors[index].open(for: self, in: world, within: timeout)
                state = .opening(index, attempt)
                wayDeadline = now + timeout
                return
            } catch {
                fail(.connector(error), at: index)
            }
        }
        finishConnecting()
    }

    func opened(_ link: any Link, from peer: Peer, at now: Instant) -> LinkID {
        epoch &+= 1
        let id = LinkID(slot: 0, generation: epoch)
        guard case .opening(let index, let attempt) = state else {
            closes.append((link, .taken))
            return id
        }
        spent.append(attempt)
        self.link = link
        session = ClientSession(clientName: clientName, limits: Self.limits)
        session.greet(greeting, into: &buffer)
        state = .greeting(index, greeting)
        return id
    }

    func dialFailed(_ failure: DialFailure, at now: Instant) {
        guard case .opening(let index, let attempt) = state else { return }
        spent.append(attempt)
        fail(.connector(ConnectorError(failure)), at: index)
        tryNext(after: index)
    }

    /// The way has taken too long.
    func giveUpWay() {
        wayDeadline = .never
        switch state {
        case .opening(let index, let attempt):
            spent.append(attempt)
            fail(.connector(.timedOut), at: index)
            tryNext(after: index)
        case .greeting(let index, _), .listing(let index, _): dropWay(.connector(.timedOut), at: index, .handshakeTimeout)
        default: break
        }
    }

    // MARK: The handshake

    func greeted(_ index: Int, _ name: String, _ version: UInt32, id: UInt32) {
        guard session.version != nil, let list = session.requestDeviceList(into: &buffer) else {
            let text = "the server uses version \(version) of the protocol; this client needs 3 or later"
            return dropWay(.handshake(ServerComplaint(id: id, code: ErrorCode.handshake.rawValue, text: text)), at: index, .versionRefused)
        }
        state = .listing(index, id: list)
    }

    /// The server refuses the handshake. One that knows nothing of version 4 may know version 3; one that lets nobody in is not asked twice.
    func greetingRefused(_ index: Int, _ tried: SpecVersion, _ complaint: ServerComplaint) {
        guard tried == .v4, !complaint.isDenial else { return dropWay(failure ?? ClientError(complaint), at: index, .versionRefused) }
        failure = ClientError(complaint)
        session.greet(.v3, into: &buffer)
        state = .greeting(index, .v3)
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

    private func fail(_ error: ClientError, at index: Int) {
        failure = error
        log(.debug, "no server this way", ["way": .string(connectors[index].name), "reason": .string(error.description)])
    }

    private func tryNext(after index: Int) {
        greeting = .v4
        wayDeadline = .never
        if index + 1 < connectors.count { state = .searching(index + 1) } else { finishConnecting() }
    }

    private func dropWay(_ error: ClientError, at index: Int, _ reason: CloseReason) {
        if let link { closes.append((link, reason)) }
        link = nil
        failAll(error)
        fail(error, at: index)
        tryNext(after: index)
    }

    /// The link is gone, regardless of who ended it.
    func connectionEnded(_ reason: CloseReason) {
        switch state {
        case .greeting(let index, let tried) where greeting == .v4 && (tried == .v4 || failure?.complaint != nil):
            // Some servers close on a greeting they do not understand: once more, in the version before.
            if failure == nil { failure = .connector(.closed(reason)) }
            greeting = .v3
            wayDeadline = .never
            state = .searching(index)
        case .greeting(let index, _), .listing(let index, _):
            fail(failure ?? .connector(.closed(reason)), at: index)
            tryNext(after: index)
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

    /// The connection is over: everybody who waits is told, and the devices are gone.
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
