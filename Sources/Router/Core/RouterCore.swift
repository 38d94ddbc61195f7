// The router as a value: what happened and the time go in, messages, device requests and closes come out through an `Outbox`.
// Must not know sockets, clocks, files or threads. It asks nobody anything while it works; the runner does all calling.

import Buttplug
import Host

/// Sessions, devices, rules and arbitration of one router.
///
/// The verbs may be called in any order within a turn; `checkDeadlines` and `appendDue` end one, as `RouterRunner.turnEnded` shows. Time is an
/// argument and must not go back.
struct RouterCore: ~Copyable {
    var tables: RouterTables
    var outputs: Outputs
    var indices: IndexTable
    let backends: Int

    var batch = RequestBatch()
    var sensors = Sensors()
    var votes: ScanVotes
    var deadlines = SessionDeadlines()
    var consents = ConsentQueue()
    var pushes = PendingPushes()
    /// Which patterns of the settings have fitted a device.
    var limitWatch = LimitWatch()
    /// Which turn this is.
    var turn: UInt32 = 0
    var ending = Ending.no
    /// What other routers know this one by.
    var identity: RouterIdentity?
    /// Connections are being refused: the operator has been told.
    var isRefusing = false

    init(_ settings: RouterSettings, state: RouterState, backends: Int) {
        tables = RouterTables(settings)
        self.backends = backends
        outputs = Outputs(settings.arbitration, backends: backends)
        indices = state.indices
        consents.memory = state.consents
        votes = ScanVotes(backends: backends)
        limitWatch.set(settings, devices: tables.devices, at: .zero)
        if state.isStopped { outputs.arbiter.restoreEmergencyStop() }
    }

    /// What has to survive a restart.
    var state: RouterState {
        var state = RouterState()
        state.indices = indices
        state.consents = consents.memory
        state.isStopped = outputs.arbiter.isStopped
        return state
    }

    /// When `checkDeadlines` has something to do, or sooner. Inlined: otherwise the compiler moves the whole core out of its owner and back for the call.
    @inline(__always)
    var deadline: Instant {
        var earliest = min(min(outputs.arbiter.deadline, sensors.deadline), min(deadlines.next, outputs.rates.deadline))
        earliest = min(earliest, min(limitWatch.deadline, votes.rescanAt))
        if case .zeroing(let until) = ending { earliest = min(earliest, until) }
        return pushes.hasListAskers ? .zero : earliest
    }

    // MARK: Connections

    /// Why a connection from there cannot be taken.
    mutating func refusal(of peer: Peer, into out: inout Outbox) -> CloseReason? {
        let reason: CloseReason
        if ending != .no {
            reason = .routerEnding
        } else if tables.sessions.count >= tables.settings.limits.sessions
            || tables.sessions.count(from: peer) >= tables.settings.limits.sessionsPerAddress
        {
            reason = .tooManySessions
        } else {
            return nil
        }
        tables.counters.add(reason)
        if !isRefusing { out.events.append(.connectionRefused(peer, reason)) }
        isRefusing = true
        return reason
    }

    mutating func opened(_ peer: Peer, at now: Instant, into out: inout Outbox) -> LinkID {
        let id = tables.sessions.open(peer, at: now)
        isRefusing = false
        deadlines.opened(at: now, tables.settings.limits)
        deadlines.tokenEnds(at: peer.tokenExpires)
        out.events.append(.sessionOpened(id, peer))
        return id
    }

    /// The link is gone.
    mutating func closed(_ id: LinkID, _ reason: CloseReason, at now: Instant, into out: inout Outbox) {
        guard let slot = tables.sessions.slot(id) else { return }
        leave(slot, reason, at: now, into: &out)
    }

    /// The router ends a session: what was sent leaves first.
    mutating func end(_ slot: Int, _ reason: CloseReason, at now: Instant, into out: inout Outbox) {
        out.closes.append(OutgoingClose(id: tables.sessions.id(slot), reason: reason))
        leave(slot, reason, at: now, into: &out)
    }

    /// Everything a session had ends, before anybody is told.
    private mutating func leave(_ slot: Int, _ reason: CloseReason, at now: Instant, into out: inout Outbox) {
        let id = tables.sessions.id(slot)
        if tables.sessions.rows[slot].state.mayDrive {
            outputs.sessionEnded(id.slot, at: now, into: &out)
            withdraw(UInt32(slot), into: &out)
            // `Sensors` answers nothing to a session that has ended.
            tables.sessions.rows[slot].state = .ended
            sensors.unsubscribe(slot, StopTarget(), &tables, into: &out)
        }
        consents.sessionEnded(slot)
        tables.sessions.end(slot)
        tables.counters.add(reason)
        out.events.append(.sessionClosed(id, reason))
    }

    // MARK: Messages

    /// A whole text message of a session. The usual one, an `OutputCmd`, is read and answered directly. Its kind is not counted here:
    /// outputs are all frames less those that `countUnusualFrame` has counted (`RouterCounters`).
    @inline(__always)
    mutating func receive(_ text: RawSpan, from id: LinkID, at now: Instant, into out: inout Outbox) {
        guard let slot = tables.sessions.slot(id) else { return }
        tables.counters.totals.frames &+= 1
        // The facts of the version are empty until the handshake.
        if tables.sessions.rows[slot].facts.contains(.outputCommands),
            let command = ServerSession.readOutputCommand(text)
        {
            let isOverRate = outputs.command(command, slot, &tables, at: now, into: &out)
            if isOverRate { end(slot, .rateLimited, at: now, into: &out) }
        } else {
            receiveAny(text, slot, at: now, into: &out)
        }
    }

    @inline(never)
    private mutating func receiveAny(_ text: RawSpan, _ slot: Int, at now: Instant, into out: inout Outbox) {
        tables.counters.countUnusualFrame()
        var state = tables.sessions.rows[slot].state
        if state == .asking, consents.hasSaidTooMuch(slot, tables) { return end(slot, .policyViolation, at: now, into: &out) }
        let limits = tables.settings.limits.ofMessage
        if let malformed = tables.sessions.details[slot]!.session.receive(text, devices: tables.devices, limits: limits, into: &batch) {
            tables.counters.totals.malformed &+= 1
            out.error(slot, malformed.id, malformed.failure)
            if state == .greeting {
                tables.counters.totals.handshakesRefused &+= 1
                out.events.append(.handshakeRefused(tables.sessions.id(slot), malformed.failure))
            }
            if malformed.isFatal { end(slot, .versionRefused, at: now, into: &out) }
            return
        }
        var index = 0
        while index < batch.requests.count, state != .ended {
            perform(batch.requests[index], slot, isAsking: state == .asking, at: now, into: &out)
            index += 1
            if index < batch.requests.count { state = tables.sessions.rows[slot].state }
        }
    }

    @inline(__always)
    private mutating func perform(_ request: Request, _ slot: Int, isAsking: Bool, at now: Instant, into out: inout Outbox) {
        let isOverRate: Bool
        switch request.body {
        case .output(let command) where !isAsking:
            tables.counters.add(.output)
            isOverRate = outputs.command(command, slot, &tables, at: now, into: &out)
        case .outputs(let parts) where !isAsking:
            tables.counters.add(.output)
            isOverRate = outputs.commands(CommandParts(indices: parts, id: request.id), of: batch, slot, &tables, at: now, into: &out)
        default: return performRare(request, slot, at: now, into: &out)
        }
        if isOverRate { end(slot, .rateLimited, at: now, into: &out) }
    }

    /// What apps send rarely, which is all but outputs; and all that one sends while it waits to be let in.
    @inline(never)
    private mutating func performRare(_ request: Request, _ slot: Int, at now: Instant, into out: inout Outbox) {
        let id = request.id
        tables.counters.add(RequestKind(request.body))
        if tables.sessions.rows[slot].state == .asking { return out.error(slot, id, ConsentQueue.failure(of: request)) }
        switch request.body {
        case .output, .outputs: return
        case .input(let device, let feature, let type, let command, let form):
            let key = SensorKey(device: device, feature: feature, type: type)
            let wish = SensorWish(key: key, command: command, id: id, form: form)
            sensors.carryOut(wish, by: slot, &tables, at: now, into: &out)
        case .stop(let device, let feature, let inputs, let outputs):
            let wish = StopWish(
                target: StopTarget(device: device, feature: device == nil ? nil : feature), inputs: inputs, outputs: outputs)
            stop(wish, id, slot, at: now, into: &out)
        case .startScanning: startScanning(id, slot, into: &out)
        case .stopScanning: stopScanning(id, slot, into: &out)
        case .deviceList:
            let isPatient = pushes.listWanted(id, slot, &tables, turn: turn, into: &out)
            if !isPatient { end(slot, .slowConsumer, at: now, into: &out) }
        case .ping:
            tables.sessions.rows[slot].receivedAt = now
            out.ok(slot, id)
        case .disconnect:
            out.ok(slot, id)
            end(slot, .clientDisconnected, at: now, into: &out)
        case .requestLog: out.ok(slot, id)
        case .test(let text):
            let start = out.messages.count
            ServerSession.test(id, text: batch.texts[text], into: &out.messages)
            out.extend(UInt32(slot), from: start)
        case .failed(let failure): out.error(slot, id, failure)
        case .handshake: carryOut(consents.introduced(id, slot, &tables, at: now, into: &out), at: now, into: &out)
        }
    }

    /// A session is let in: its handshake is answered, and its rule in force.
    mutating func welcome(_ id: UInt32, _ slot: Int, at now: Instant, into out: inout Outbox) {
        guard case .ready(let version) = tables.sessions.details[slot]!.session.state else { return }
        let name = tables.sessions.details[slot]!.session.clientName
        let link = tables.sessions.id(slot)
        let rule = tables.apply(ruleOf: name, to: slot, isEnding: ending != .no)
        tables.sessions.rows[slot].state = .ready
        tables.sessions.rows[slot].facts = version.facts
        tables.sessions.rows[slot].receivedAt = now
        if let patience = tables.settings.pingPatience(rule.maxPingTime) {
            tables.sessions.rows[slot].patience = patience
            deadlines.pings(by: now + patience)
        }
        outputs.arbiter.sessionOpened(link, rights: rule.rights)
        tables.counters.totals.handshakes &+= 1
        let view = tables.view(of: slot)
        // A router has to know which one it fronts; every other client gets the name alone.
        let isRouter = identity != nil && RouterIdentity(clientName: name) != nil
        let serverName = isRouter ? identity?.serverName(tables.settings.serverName) ?? "" : tables.settings.serverName
        tables.write(slot, into: &out) { session, messages in
            session.serverInfo(id, serverName: serverName, maxPingTime: rule.maxPingTime, devices: view, into: &messages)
        }
        out.events.append(.handshaken(link, client: name, version, maxPingTime: rule.maxPingTime))
    }

    /// `StopCmd` in every form (`arbitration.md` §6). A lone feature index has been dropped before.
    private mutating func stop(_ wish: StopWish, _ id: UInt32, _ slot: Int, at now: Instant, into out: inout Outbox) {
        // A panic button stops everything regardless of what it names, also a device that has just gone.
        let isPanic = wish.outputs && tables.sessions.details[slot]!.rights.stopScope == .estop
        if isPanic { outputs.stop(StopTarget(), slot, &tables, at: now, into: &out) }
        if let device = wish.target.device {
            guard let info = tables.devices[device] else { return out.error(slot, id, .deviceNotAvailable(device)) }
            let features = info.description.features
            if let feature = wish.target.feature, !features.contains(where: { $0.index == feature }) {
                return out.error(slot, id, .featureIndex(count: UInt32(features.count), index: feature))
            }
        }
        if wish.outputs, !isPanic { outputs.stop(wish.target, slot, &tables, at: now, into: &out) }
        if wish.inputs { sensors.unsubscribe(slot, wish.target, &tables, into: &out) }
        out.ok(slot, id)
    }

    // MARK: Congestion

    mutating func congested(_ id: LinkID) {
        guard let slot = tables.sessions.slot(id) else { return }
        tables.sessions.rows[slot].isCongested = true
    }

    /// The link takes messages again: what the session is owed goes out.
    mutating func drained(_ id: LinkID, into out: inout Outbox) {
        guard let slot = tables.sessions.slot(id), tables.sessions.rows[slot].isCongested else { return }
        tables.sessions.rows[slot].isCongested = false
        pushes.drained(slot, &tables, turn: turn, into: &out)
        sensors.tellWaiting(slot, &tables, into: &out)
    }
}
