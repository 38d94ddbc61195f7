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
        if sessions.rows[slot].isCareful, !passes(command, lane, slot, at: now, into: &out) { return }
        let verdict = carryOut(command, on: lane, slot, at: now)
        if !effects.replies.isEmpty { drainReplies(into: &out) }
        if verdict == .waits { return }
        if verdict.isRefusal { refuse(verdict, command.id, slot, into: &out) } else { ok(slot, command.id, into: &out) }
    }

    /// Hands a checked command to the arbiter, and counts what became of it.
    @inline(__always)
    private mutating func carryOut(
        _ command: OutputCommand, on lane: LaneIndex, _ slot: Int, group: UInt32 = 0, at now: Instant
    ) -> Verdict {
        let generation = sessions.rows[slot].generation
        let reply = ReplyTo(session: UInt32(truncatingIfNeeded: slot), generation: generation, id: command.id, group: group)
        let order = Order(command.type, command.value, duration: command.duration, from: reply)
        let verdict = arbiter.command(order, on: lane, at: now, into: &effects)
        counters.add(verdict)
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
        let generation = sessions.rows[slot].generation
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
        if sessions.isLive(UInt32(slot), generation), groups.settle(group) { ok(slot, id, into: &out) }
    }

    /// One command of several. True when the session has passed its rate for good.
    private mutating func part(
        _ command: OutputCommand, of group: UInt32, _ slot: Int, at now: Instant, into out: inout Outbox
    ) -> Bool {
        if sessions.rows[slot].isCareful {
            switch admission(command, slot, at: now) {
            case .granted: break
            case .answered: return false
            case .refused(let text, let isLast):
                if groups.fail(group) { error(slot, command.id, .message, text, into: &out) }
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
        counters.totals.invalid &+= 1
        if let failure = devices.failure(of: command) {
            error(slot, command.id, failure, into: &out)
        } else {
            error(slot, command.id, .device, ErrorText.durationTooLong, into: &out)
        }
    }

    @inline(never)
    private mutating func refuse(_ verdict: Verdict, _ id: UInt32, _ slot: Int, into out: inout Outbox) {
        if case .error(let code, let text) = verdict.reply { error(slot, id, code, text, into: &out) }
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
        case .answered: ok(slot, command.id, into: &out)
        case .refused(let text, let isLast):
            error(slot, command.id, .message, text, into: &out)
            if isLast { end(slot, .rateLimited, at: now, into: &out) }
        }
        return false
    }

    private mutating func admission(_ command: OutputCommand, _ slot: Int, at now: Instant) -> Admission {
        let details = sessions.details[slot]!
        if details.rights.role == .observer {
            counters.add(.deniedObserver)
            return .refused(ErrorText.observer, isLast: false)
        }
        if details.denied.contains(command.device) {
            counters.totals.deniedDevice &+= 1
            return .refused(ErrorText.deniedDevice(command.device), isLast: false)
        }
        if ending != .no {
            counters.add(.silenced)
            return .answered
        }
        guard details.limiter != nil else { return .granted }
        if command.value == 0, !command.type.isMove {
            forget(slot) { $0.device == command.device && $0.feature == command.feature && $0.type == command.type }
            return .granted
        }
        switch sessions.details[slot]!.limiter!.admit(at: now, isQueued: !details.waiting.isEmpty) {
        case .passes: return .granted
        case .waits:
            // What would be discarded now is not remembered: it would start by itself when the token comes.
            if let verdict = discarded(command, slot, at: now) {
                counters.add(verdict)
                return .answered
            }
            counters.totals.rateWaits &+= 1
            keep(command, slot)
            return .answered
        case .refused:
            counters.totals.rateRefused &+= 1
            return .refused(ErrorText.rateLimited, isLast: false)
        case .exhausted:
            counters.totals.rateRefused &+= 1
            return .refused(ErrorText.rateLimited, isLast: true)
        }
    }

    /// Why a command given now would drive nothing: stop, mute, mask, hold-off.
    private func discarded(_ command: OutputCommand, _ slot: Int, at now: Instant) -> Verdict? {
        guard let lane = arbiter.lane(device: command.device, feature: command.feature) else { return nil }
        return arbiter.obstacle(to: UInt32(slot), on: lane, at: now)
    }

    /// Keeps the newest command of a lane until there is a token; it keeps the place of the one it replaces.
    private mutating func keep(_ command: OutputCommand, _ slot: Int) {
        var waiting = sessions.details[slot]!.waiting
        sessions.details[slot]!.waiting = []
        if let place = waiting.firstIndex(where: { $0.device == command.device && $0.feature == command.feature }) {
            waiting[place] = command
        } else {
            if waiting.isEmpty { waiters.append(UInt32(slot)) }
            waiting.append(command)
        }
        sessions.details[slot]!.waiting = waiting
        tokenDeadline = min(tokenDeadline, sessions.details[slot]!.limiter!.nextToken)
    }

    /// Drops commands of a session that wait for a token.
    mutating func forget(_ slot: Int, where isMeant: (OutputCommand) -> Bool) {
        guard sessions.details[slot]?.waiting.isEmpty == false else { return }
        sessions.details[slot]!.waiting.removeAll(where: isMeant)
        if sessions.details[slot]!.waiting.isEmpty { waiters.removeAll { $0 == UInt32(slot) } }
    }

    /// Drops commands of everybody that wait for a token.
    mutating func forgetEverywhere(where isMeant: (OutputCommand) -> Bool) {
        for slot in waiters { forget(Int(slot), where: isMeant) }
    }

    /// Tokens have come: what waited for them goes on, answered long ago.
    mutating func spendTokens(at now: Instant, into out: inout Outbox) {
        tokenDeadline = .never
        for slot in waiters {
            let place = Int(slot)
            while let command = sessions.details[place]?.waiting.first, sessions.details[place]!.limiter?.take(at: now) ?? true {
                forget(place) { $0.device == command.device && $0.feature == command.feature }
                guard let lane = arbiter.lane(device: command.device, feature: command.feature),
                    arbiter.accepts(command.type, command.value, on: lane)
                else { continue }
                var answered = command
                answered.id = 0
                _ = carryOut(answered, on: lane, place, at: now)
                drainReplies(into: &out)
            }
            guard let details = sessions.details[place], !details.waiting.isEmpty, let limiter = details.limiter else { continue }
            tokenDeadline = min(tokenDeadline, limiter.nextToken)
        }
    }

    // MARK: Stops

    /// `StopCmd` in every spelling (`arbitration.md` §6). A lone feature index has been dropped before.
    mutating func stop(
        _ device: UInt32?, _ feature: UInt32?, inputs: Bool, outputs: Bool, _ id: UInt32, _ slot: Int, at now: Instant,
        into out: inout Outbox
    ) {
        // A panic button stops everything whatever it names, also a device that has just gone.
        let isPanic = outputs && sessions.details[slot]!.rights.stopScope == .estop
        if isPanic { stopOutputs(nil, nil, slot, at: now, into: &out) }
        if let device {
            guard let info = devices[device] else { return error(slot, id, .deviceNotAvailable(device), into: &out) }
            let features = info.description.features
            if let feature, !features.contains(where: { $0.index == feature }) {
                return error(slot, id, .featureIndex(count: UInt32(features.count), index: feature), into: &out)
            }
        }
        if outputs, !isPanic { stopOutputs(device, feature, slot, at: now, into: &out) }
        if inputs { unsubscribe(slot, device: device, feature: feature, at: now, into: &out) }
        ok(slot, id, into: &out)
    }

    private mutating func stopOutputs(
        _ device: UInt32?, _ feature: UInt32?, _ slot: Int, at now: Instant, into out: inout Outbox
    ) {
        let details = sessions.details[slot]!
        let denied = details.denied
        let isMeant: (OutputCommand) -> Bool = {
            !denied.contains($0.device) && (device ?? $0.device) == $0.device && (feature ?? $0.feature) == $0.feature
        }
        if details.rights.stopScope == .own { forget(slot, where: isMeant) } else { forgetEverywhere(where: isMeant) }
        let target = StopTarget(device: device, feature: feature)
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
            guard reply.to.id != 0, sessions.isLive(reply.to.session, reply.to.generation) else { continue }
            let slot = Int(reply.to.session)
            if reply.outcome == .ok {
                if reply.to.group == 0 || groups.settle(reply.to.group) { ok(slot, reply.to.id, into: &out) }
                continue
            }
            let isFirst = reply.to.group == 0 || groups.fail(reply.to.group)
            if reply.to.group != 0 { _ = groups.settle(reply.to.group) }
            if isFirst { error(slot, reply.to.id, .device, ErrorText.settled(reply.outcome), into: &out) }
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
                if let place = places.place(of: device) {
                    out.requests.append(OutgoingRequest(backend: place.backend, request: .cutOff(device: place.handle)))
                }
            case .emergencyStop(let isRaised):
                if isRaised {
                    forgetEverywhere { _ in true }
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
