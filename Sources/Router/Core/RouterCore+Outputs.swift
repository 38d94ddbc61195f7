// Output commands and stops: the checks of `arbitration.md` §8 in their order, then the arbiter, then the reply.
// Must not know how values mix; the arbiter's verdict is all that is seen of it.

import Buttplug
import Host

extension RouterCore {
    /// One command with a reply of its own.
    @inline(__always)
    mutating func output(_ command: OutputCommand, _ slot: Int, at now: Instant, into out: inout Outbox) {
        guard let lane = arbiter.lane(device: command.device, feature: command.feature),
            arbiter.accepts(command.type, command.value, on: lane)
        else { return badOutput(command, slot, into: &out) }
        if tables.sessions.rows[slot].isCareful, !passes(command, lane, slot, at: now, into: &out) { return }
        let verdict = carryOut(command, on: lane, slot, at: now)
        if !effects.replies.isEmpty { drainReplies(into: &out) }
        if verdict == .waits { return }
        if verdict.isRefusal { refuse(verdict, command.id, slot, into: &out) } else { out.ok(slot, command.id) }
    }

    /// Hands a checked command to the arbiter, and counts what became of it.
    @inline(__always)
    private mutating func carryOut(
        _ command: OutputCommand, on lane: LaneIndex, _ slot: Int, group: UInt32 = 0, at now: Instant
    ) -> Verdict {
        let generation = tables.sessions.rows[slot].generation
        let reply = ReplyTo(session: UInt32(truncatingIfNeeded: slot), generation: generation, id: command.id, group: group)
        let order = Order(command.type, command.value, duration: command.duration, from: reply)
        let verdict = arbiter.command(order, on: lane, at: now, into: &effects)
        tables.counters.add(verdict)
        return verdict
    }

    /// Several commands with one reply: all are checked before any is carried out, and the first error is the reply. After a refusal
    /// only the zeros among the rest are carried out: a zero is never blocked.
    mutating func outputs(_ parts: Range<Int>, _ id: UInt32, _ slot: Int, at now: Instant, into out: inout Outbox) {
        for place in parts where !isValid(batch.parts[place]) {
            var command = batch.parts[place]
            command.id = id
            return badOutput(command, slot, into: &out)
        }
        let generation = tables.sessions.rows[slot].generation
        let group = groups.open(UInt32(slot))
        var ends = false
        for place in parts {
            var command = batch.parts[place]
            command.id = id
            let isZero = command.value == 0 && !command.type.isMove
            if groups.hasFailed(group), !isZero { continue }
            ends = part(command, of: group, slot, at: now, into: &out) || ends
        }
        if ends { end(slot, .rateLimited, at: now, into: &out) }
        if tables.sessions.isLive(UInt32(slot), generation), groups.settle(group) { out.ok(slot, id) }
    }

    /// One command of several. True when the session has passed its rate for good.
    private mutating func part(
        _ command: OutputCommand, of group: UInt32, _ slot: Int, at now: Instant, into out: inout Outbox
    ) -> Bool {
        if tables.sessions.rows[slot].isCareful {
            switch admission(command, slot, at: now) {
            case .granted: break
            case .answered: return false
            case .refused(let text, let isLast):
                if groups.fail(group) { out.error(slot, command.id, .message, text) }
                return isLast
            }
        }
        guard let lane = arbiter.lane(device: command.device, feature: command.feature) else { return false }
        let verdict = carryOut(command, on: lane, slot, group: group, at: now)
        if verdict == .waits { groups.wait(group) }
        drainReplies(into: &out)
        if verdict.isRefusal, groups.fail(group) { refuse(verdict, command.id, slot, into: &out) }
        return false
    }

    private func isValid(_ command: OutputCommand) -> Bool {
        guard let lane = arbiter.lane(device: command.device, feature: command.feature) else { return false }
        return arbiter.accepts(command.type, command.value, on: lane)
            && arbiter.allows(duration: command.duration, of: command.type, on: lane)
    }

    /// What is wrong with a command that names no lane, or a value its lane does not have (`protocol.md` §6.2).
    @inline(never)
    private mutating func badOutput(_ command: OutputCommand, _ slot: Int, into out: inout Outbox) {
        tables.counters.totals.invalid &+= 1
        if let failure = tables.devices.failure(of: command) {
            out.error(slot, command.id, failure)
        } else {
            out.error(slot, command.id, .device, ErrorText.durationTooLong)
        }
    }

    @inline(never)
    private mutating func refuse(_ verdict: Verdict, _ id: UInt32, _ slot: Int, into out: inout Outbox) {
        if case .error(let code, let text) = verdict.reply { out.error(slot, id, code, text) }
    }

    // MARK: Commands that are not simply let through

    private enum Admission {
        case granted
        /// It gets `Ok` and nothing else happens now.
        case answered
        /// `Error` 3 with this text; then the session may end.
        case refused(String, isLast: Bool)
    }

    /// Whether the command goes on to the arbiter; if not, it has been answered. A duration that is too long is the first thing to
    /// be said of a command, and the arbiter says it.
    @inline(never)
    private mutating func passes(
        _ command: OutputCommand, _ lane: LaneIndex, _ slot: Int, at now: Instant, into out: inout Outbox
    ) -> Bool {
        if !arbiter.allows(duration: command.duration, of: command.type, on: lane) { return true }
        switch admission(command, slot, at: now) {
        case .granted: return true
        case .answered: out.ok(slot, command.id)
        case .refused(let text, let isLast):
            out.error(slot, command.id, .message, text)
            if isLast { end(slot, .rateLimited, at: now, into: &out) }
        }
        return false
    }

    private mutating func admission(_ command: OutputCommand, _ slot: Int, at now: Instant) -> Admission {
        let details = tables.sessions.details[slot]!
        if details.rights.role == .observer {
            tables.counters.add(.deniedObserver)
            return .refused(ErrorText.observer, isLast: false)
        }
        if details.denied.contains(command.device) {
            tables.counters.totals.deniedDevice &+= 1
            return .refused(ErrorText.deniedDevice(command.device), isLast: false)
        }
        if ending != .no {
            tables.counters.add(.silenced)
            return .answered
        }
        guard details.limiter != nil else { return .granted }
        if command.value == 0, !command.type.isMove {
            rates.forget(slot, &tables.sessions) { $0.device == command.device && $0.feature == command.feature && $0.type == command.type }
            return .granted
        }
        switch tables.sessions.details[slot]!.limiter!.admit(at: now, isQueued: !details.waiting.isEmpty) {
        case .passes: return .granted
        case .waits:
            // What would be discarded now is not remembered: it would start by itself when the token comes.
            if let verdict = discarded(command, slot, at: now) {
                tables.counters.add(verdict)
                return .answered
            }
            tables.counters.totals.rateWaits &+= 1
            rates.keep(command, slot, &tables.sessions)
            return .answered
        case .refused:
            tables.counters.totals.rateRefused &+= 1
            return .refused(ErrorText.rateLimited, isLast: false)
        case .exhausted:
            tables.counters.totals.rateRefused &+= 1
            return .refused(ErrorText.rateLimited, isLast: true)
        }
    }

    /// Why a command given now would drive nothing: stop, mute, mask, hold-off.
    private func discarded(_ command: OutputCommand, _ slot: Int, at now: Instant) -> Verdict? {
        guard let lane = arbiter.lane(device: command.device, feature: command.feature) else { return nil }
        return arbiter.obstacle(to: UInt32(slot), on: lane, at: now)
    }

    /// Tokens have come: what waited for them goes on, answered long ago.
    mutating func spendTokens(at now: Instant, into out: inout Outbox) {
        rates.beginRound()
        for waiter in rates.slots {
            let slot = Int(waiter)
            while var command = rates.next(slot, &tables.sessions, at: now) {
                guard let lane = arbiter.lane(device: command.device, feature: command.feature),
                    arbiter.accepts(command.type, command.value, on: lane)
                else { continue }
                command.id = 0
                _ = carryOut(command, on: lane, slot, at: now)
                drainReplies(into: &out)
            }
            rates.endTurn(slot, tables.sessions)
        }
    }

    // MARK: Stops

    /// `StopCmd` in every spelling (`arbitration.md` §6). A lone feature index has been dropped before.
    mutating func stop(_ wish: StopWish, _ id: UInt32, _ slot: Int, at now: Instant, into out: inout Outbox) {
        // A panic button stops everything whatever it names, also a device that has just gone.
        let isPanic = wish.outputs && tables.sessions.details[slot]!.rights.stopScope == .estop
        if isPanic { stopOutputs(StopTarget(), slot, at: now, into: &out) }
        if let device = wish.target.device {
            guard let info = tables.devices[device] else { return out.error(slot, id, .deviceNotAvailable(device)) }
            let features = info.description.features
            if let feature = wish.target.feature, !features.contains(where: { $0.index == feature }) {
                return out.error(slot, id, .featureIndex(count: UInt32(features.count), index: feature))
            }
        }
        if wish.outputs, !isPanic { stopOutputs(wish.target, slot, at: now, into: &out) }
        if wish.inputs { sensors.unsubscribe(slot, wish.target, &tables, into: &out) }
        out.ok(slot, id)
    }

    private mutating func stopOutputs(_ target: StopTarget, _ slot: Int, at now: Instant, into out: inout Outbox) {
        let details = tables.sessions.details[slot]!
        let denied = details.denied
        let isMeant: (OutputCommand) -> Bool = {
            !denied.contains($0.device) && (target.device ?? $0.device) == $0.device && (target.feature ?? $0.feature) == $0.feature
        }
        if details.rights.stopScope == .own {
            rates.forget(slot, &tables.sessions, where: isMeant)
        } else {
            rates.forgetEverywhere(&tables.sessions, where: isMeant)
        }
        arbiter.stop(UInt32(slot), target, denied: { denied.contains($0) }, at: now, into: &effects)
        drainReplies(into: &out)
        drainEvents(at: now, into: &out)
    }

    // MARK: What the arbiter says

    /// Replies that waited for a device, in the order in which they settled.
    mutating func drainReplies(into out: inout Outbox) {
        if effects.replies.isEmpty { return }
        for place in effects.replies.indices {
            let reply = effects.replies[place]
            guard reply.to.id != 0, tables.sessions.isLive(reply.to.session, reply.to.generation) else { continue }
            let slot = Int(reply.to.session)
            if reply.outcome == .ok {
                if reply.to.group == 0 || groups.settle(reply.to.group) { out.ok(slot, reply.to.id) }
                continue
            }
            let isFirst = reply.to.group == 0 || groups.fail(reply.to.group)
            if reply.to.group != 0 { _ = groups.settle(reply.to.group) }
            if isFirst { out.error(slot, reply.to.id, .device, ErrorText.settled(reply.outcome)) }
        }
        effects.replies.removeAll()
    }

    /// What the operator and the backends must hear.
    mutating func drainEvents(at now: Instant, into out: inout Outbox) {
        if effects.events.isEmpty { return }
        for event in effects.events {
            switch event {
            case .winnerChanged(let device, let feature, let session):
                out.news.append(.winnerChanged(device: device, feature: feature, session: session))
            case .stopFailed(let device, let feature):
                out.news.append(.stopFailed(device: device, feature: feature))
                if let place = tables.places.place(of: device) {
                    out.requests.append(OutgoingRequest(backend: place.backend, request: .cutOff(device: place.handle)))
                }
            case .emergencyStop(let isRaised):
                if isRaised {
                    rates.forgetEverywhere(&tables.sessions)
                    stopBackends(into: &out)
                }
                out.news.append(.emergencyStop(isRaised))
                out.news.append(.stateChanged)
            }
        }
        effects.events.removeAll(keepingCapacity: true)
    }

    /// Every backend stops by its own means too.
    mutating func stopBackends(into out: inout Outbox) {
        for backend in 0..<backends { out.requests.append(OutgoingRequest(backend: backend, request: .stopOutputs)) }
    }
}

/// What a stop names.
struct StopWish {
    var target: StopTarget
    /// Whether subscriptions end.
    var inputs: Bool
    /// Whether outputs go to zero.
    var outputs: Bool
}
