// The router as a value: what happened and the time go in, messages, device requests and closes come out through an `Outbox`.
// Must not know sockets, clocks, files or threads. It asks nobody anything while it works; the runner does all calling.

import Buttplug
import Host

/// Sessions, devices, rules and arbitration of one router.
///
/// The verbs may be called in any order within a turn; `judge` and `settle` end one, as `RouterRunner.turnEnded` shows. Time is an
/// argument and must not go back.
struct RouterCore: ~Copyable {
    var settings: RouterSettings
    var sessions = SessionTable()
    var arbiter: Arbiter
    var effects = ArbiterEffects()
    var counters = RouterCounters()

    var devices = DeviceTable()
    var places = DevicePlaces()
    var indices: IndexTable
    let backends: Int

    var batch = RequestBatch()
    var groups = ReplyGroups()
    var requests = RequestTable()
    var subscriptions = SubscriptionTable()
    /// The newest answer to a read of each sensor that is there.
    var newestReads: [SensorKey: [Int32]] = [:]
    var votes: ScanVotes
    /// Slots with commands that wait for a token, in the order in which they began to wait.
    var waiters: [UInt32] = []

    // Deadlines, each never later than the earliest thing it stands for; found out exactly when it has come.
    var greetingDeadline = Instant.never
    var pingDeadline = Instant.never
    var tokenDeadline = Instant.never

    /// The device table has changed since the lists were sent: these devices came to it or left it.
    var owesLists = false
    var listedChanges = DeviceSet()
    /// Sessions below this slot have been told.
    var listedUpTo = 0
    /// Devices that have left since the lists were sent.
    var gone = DeviceSet()
    /// Slots that are owed device lists in the next turn.
    var listAskers: [UInt32] = []
    /// Slots that are to hear of the end of a scan.
    var scanEndsOwed: [UInt32] = []
    /// Which patterns of the settings have fitted a device.
    var limitWatch = LimitWatch()
    /// Which turn this is.
    var turn: UInt32 = 0
    var ending = Ending.no
    /// What other routers know this one by.
    var identity: RouterIdentity?
    /// Connections are being refused: the operator has been told.
    var isRefusing = false

    enum Ending: Hashable {
        /// Can turn into: `zeroing`.
        case no
        /// Waits for the last zeros, until then at most. Can turn into: `over`.
        case zeroing(until: Instant)
        case over
    }

    init(_ settings: RouterSettings, state: RouterState, backends: Int) {
        self.settings = settings
        self.backends = backends
        arbiter = Arbiter(settings.arbitration)
        indices = state.indices
        votes = ScanVotes(backends: backends)
        limitWatch.set(settings, devices: devices, at: .zero)
        if state.isStopped { arbiter.restoreEmergencyStop() }
    }

    /// What has to survive a restart.
    var state: RouterState {
        var state = RouterState()
        state.indices = indices
        state.isStopped = arbiter.isStopped
        return state
    }

    /// When `judge` has something to do, or sooner. Inlined, because each call of it would copy the whole core.
    @inline(__always)
    var deadline: Instant {
        var earliest = min(min(arbiter.deadline, requests.deadline), min(greetingDeadline, min(pingDeadline, tokenDeadline)))
        earliest = min(earliest, min(limitWatch.deadline, votes.rescanAt))
        if case .zeroing(let until) = ending { earliest = min(earliest, until) }
        return listAskers.isEmpty ? earliest : .zero
    }

    // MARK: Connections

    /// Why a connection from there cannot be taken.
    mutating func refusal(of peer: Peer, into out: inout Outbox) -> CloseReason? {
        let reason: CloseReason
        if ending != .no {
            reason = .routerEnding
        } else if sessions.count >= settings.limits.sessions || sessions.count(from: peer) >= settings.limits.sessionsPerAddress {
            reason = .tooManySessions
        } else {
            return nil
        }
        counters.add(reason)
        if !isRefusing { out.news.append(.connectionRefused(peer, reason)) }
        isRefusing = true
        return reason
    }

    mutating func opened(_ peer: Peer, at now: Instant, into out: inout Outbox) -> LinkID {
        let id = sessions.open(peer, at: now)
        isRefusing = false
        greetingDeadline = min(greetingDeadline, now + settings.limits.handshakeTimeout)
        out.news.append(.sessionOpened(id, peer))
        return id
    }

    /// The link is gone.
    mutating func closed(_ id: LinkID, _ reason: CloseReason, at now: Instant, into out: inout Outbox) {
        guard let slot = sessions.slot(id) else { return }
        leave(slot, reason, at: now, into: &out)
    }

    /// The router ends a session: what was sent leaves first.
    mutating func end(_ slot: Int, _ reason: CloseReason, at now: Instant, into out: inout Outbox) {
        out.closes.append(OutgoingClose(id: sessions.id(slot), reason: reason))
        leave(slot, reason, at: now, into: &out)
    }

    /// Everything a session had vanishes, before anybody is told.
    private mutating func leave(_ slot: Int, _ reason: CloseReason, at now: Instant, into out: inout Outbox) {
        let id = sessions.id(slot)
        if sessions.rows[slot].state == .ready {
            arbiter.sessionEnded(slot: id.slot, at: now, into: &effects)
            groups.sessionEnded(id.slot)
            waiters.removeAll { $0 == id.slot }
            withdrawVote(slot, into: &out)
            unsubscribeAll(slot, at: now, into: &out)
        }
        sessions.end(slot)
        counters.add(reason)
        out.news.append(.sessionClosed(id, reason))
    }

    // MARK: Messages

    /// A whole text message of a session. The usual one, an `OutputCmd` of v4, is read and answered without a detour.
    @inline(__always)
    mutating func receive(_ text: RawSpan, from id: LinkID, at now: Instant, into out: inout Outbox) {
        guard let slot = sessions.slot(id) else { return }
        counters.totals.frames &+= 1
        if sessions.rows[slot].version == .v4, sessions.rows[slot].state == .ready,
            let command = ServerSession.readOutputCommand(text)
        {
            output(command, slot, at: now, into: &out)
        } else {
            receiveAny(text, slot, at: now, into: &out)
        }
    }

    @inline(never)
    private mutating func receiveAny(_ text: RawSpan, _ slot: Int, at now: Instant, into out: inout Outbox) {
        let view = DeviceView(devices, denied: sessions.details[slot]!.denied)
        let malformed = sessions.details[slot]!.session.receive(text, devices: view, limits: settings.limits, into: &batch)
        if let malformed {
            counters.totals.malformed &+= 1
            error(slot, malformed.id, malformed.failure, into: &out)
            if sessions.rows[slot].state == .greeting { out.news.append(.handshakeRefused(sessions.id(slot), malformed.failure)) }
            if malformed.isFatal { end(slot, .versionRefused, at: now, into: &out) }
            return
        }
        var place = 0
        while place < batch.requests.count, sessions.rows[slot].state != .ended {
            perform(batch.requests[place], slot, at: now, into: &out)
            place += 1
        }
    }

    private mutating func perform(_ request: Request, _ slot: Int, at now: Instant, into out: inout Outbox) {
        let id = request.id
        switch request.body {
        case .output(let command): output(command, slot, at: now, into: &out)
        case .outputs(let parts): outputs(parts, id, slot, at: now, into: &out)
        case .input(let device, let feature, let type, let command, let form):
            let key = SensorKey(device: device, feature: feature, type: type)
            input(key, command, id, form, slot, at: now, into: &out)
        case .stop(let device, let feature, let inputs, let outputs):
            stop(device, device == nil ? nil : feature, inputs: inputs, outputs: outputs, id, slot, at: now, into: &out)
        case .startScanning: startScanning(id, slot, into: &out)
        case .stopScanning: stopScanning(id, slot, into: &out)
        case .deviceList: deviceList(id, slot, at: now, into: &out)
        case .ping:
            sessions.rows[slot].heardAt = now
            ok(slot, id, into: &out)
        case .disconnect:
            ok(slot, id, into: &out)
            end(slot, .clientDisconnected, at: now, into: &out)
        case .requestLog: ok(slot, id, into: &out)
        case .test(let text):
            let start = out.messages.count
            ServerSession.test(id, text: batch.texts[text], into: &out.messages)
            out.extend(UInt32(slot), from: start)
        case .failed(let failure): error(slot, id, failure, into: &out)
        case .handshake: handshake(id, slot, at: now, into: &out)
        }
    }

    private mutating func handshake(_ id: UInt32, _ slot: Int, at now: Instant, into out: inout Outbox) {
        guard case .ready(let version) = sessions.details[slot]!.session.state else { return }
        let name = sessions.details[slot]!.session.clientName
        let link = sessions.id(slot)
        let rule = apply(ruleOf: name, to: slot)
        sessions.rows[slot].state = .ready
        sessions.rows[slot].version = version
        sessions.rows[slot].heardAt = now
        if let patience = settings.pingPatience(rule.maxPingTime) {
            sessions.rows[slot].patience = patience
            pingDeadline = min(pingDeadline, now + patience)
        }
        arbiter.sessionOpened(link, rights: rule.rights)
        counters.totals.handshakes &+= 1
        let view = DeviceView(devices, denied: sessions.details[slot]!.denied)
        // A router has to know which one it fronts; everybody else gets the name alone.
        let isRouter = identity != nil && RouterIdentity(clientName: name) != nil
        let serverName = isRouter ? identity?.serverName(settings.serverName) ?? "" : settings.serverName
        write(slot, into: &out) { session, messages in
            session.serverInfo(id, serverName: serverName, maxPingTime: rule.maxPingTime, devices: view, into: &messages)
        }
        out.news.append(.handshaken(link, client: name, version, maxPingTime: rule.maxPingTime))
    }

    // MARK: Replies

    @inline(__always)
    func ok(_ slot: Int, _ id: UInt32, into out: inout Outbox) {
        let start = out.messages.count
        ServerSession.ok(id, into: &out.messages)
        out.extend(UInt32(truncatingIfNeeded: slot), from: start)
    }

    @inline(never)
    func error(_ slot: Int, _ id: UInt32, _ code: ErrorCode, _ text: String, into out: inout Outbox) {
        let start = out.messages.count
        ServerSession.error(id, code, text: text, into: &out.messages)
        out.extend(UInt32(slot), from: start)
    }

    @inline(never)
    func error(_ slot: Int, _ id: UInt32, _ failure: Failure, into out: inout Outbox) {
        let start = out.messages.count
        ServerSession.error(id, failure, into: &out.messages)
        out.extend(UInt32(slot), from: start)
    }

    /// Lets a session write messages of its own version. Nothing is written once it has ended.
    mutating func write(_ slot: Int, into out: inout Outbox, _ body: (inout ServerSession, inout MessageBuffer) -> Void) {
        guard sessions.details[slot] != nil else { return }
        let start = out.messages.count
        body(&sessions.details[slot]!.session, &out.messages)
        out.extend(UInt32(slot), from: start)
    }
}
