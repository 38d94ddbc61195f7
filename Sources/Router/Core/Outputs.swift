// Output commands: the checks of `arbitration.md` §8 in their order, then the arbiter, then the reply.
// Must not know how values mix; the arbiter's verdict is all that is seen of it.

import Buttplug
import Host

/// Everything that drives outputs: the arbiter, replies that wait for devices, and commands that wait for their rule's rate.
struct Outputs: ~Copyable {
    var arbiter: Arbiter
    /// What the arbiter has left: writes for the runner, replies and events for this.
    var effects = ArbiterEffects()
    var groups = ReplyGroups()
    var foreign = ForeignOrders()
    /// What became of guests' orders, for their entries.
    var guestOutcomes: [GuestOutcome] = []
    private(set) var rates = RateQueue()
    let backends: Int

    init(_ settings: ArbitrationSettings, backends: Int) {
        arbiter = Arbiter(settings)
        self.backends = backends
    }

    private enum RuleCheck {
        case granted
        /// It is to get `Ok`, and nothing else happens now.
        case ok
        /// `Error` 3 with this text; then the session may end.
        case refused(String, isLast: Bool)
    }

    enum Passage {
        /// It goes on to the arbiter.
        case granted
        /// It has been answered.
        case answered
        /// It has been answered, and its session is to be ended.
        case over
    }

    /// One command with a reply of its own. True when the session has exceeded its rate for too long, and is to be ended.
    @inline(__always)
    mutating func command(
        _ command: OutputCommand, _ slot: Int, _ tables: inout RouterTables, at now: Instant, into out: inout Outbox
    ) -> Bool {
        guard let lane = arbiter.lane(device: command.device, feature: command.feature), arbiter.accepts(command, on: lane) else {
            return commandWithoutLane(command, slot, &tables, at: now, into: &out)
        }
        if tables.sessions.rows[slot].needsRuleCheck {
            switch checkAndReply(command, slot, &tables, at: now, into: &out) {
            case .granted: break
            case .answered: return false
            case .over: return true
            }
        }
        let verdict = carryOut(command, on: lane, slot, &tables, at: now)
        if !effects.replies.isEmpty { tellReplies(tables.sessions, into: &out) }
        if verdict == .waits { return false }
        if verdict.isRefusal { refuse(verdict, command.id, slot, into: &out) } else { out.ok(slot, command.id) }
        return false
    }

    /// Hands a checked command to the arbiter, and counts what became of it.
    @inline(__always)
    mutating func carryOut(
        _ command: OutputCommand, on lane: LaneIndex, _ slot: Int, group: UInt32 = 0, _ tables: inout RouterTables, at now: Instant
    ) -> Verdict {
        let generation = tables.sessions.rows[slot].generation
        let sender = ReplyTo(session: UInt32(truncatingIfNeeded: slot), generation: generation, id: command.id, group: group)
        let order = Order(command.type, command.value, duration: command.duration, from: sender)
        let verdict = arbiter.command(order, on: lane, at: now, into: &effects)
        tables.counters.add(verdict)
        return verdict
    }

    /// The parts of one command of versions 0 to 3, with one reply: all are checked before any is carried out, and the first error is the reply. After a refusal
    /// only the zeros among the rest are carried out: a zero is never blocked. True when the session is to be ended; then it gets no `Ok`.
    mutating func commands(
        _ parts: CommandParts, of batch: borrowing RequestBatch, _ slot: Int, _ tables: inout RouterTables, at now: Instant,
        into out: inout Outbox
    ) -> Bool {
        for index in parts.indices where !isValid(batch.parts[index], tables) {
            var command = batch.parts[index]
            command.id = parts.id
            refuseInvalid(command, slot, &tables, into: &out)
            return false
        }
        let group = groups.open(UInt32(slot))
        var isOver = false
        for index in parts.indices {
            var command = batch.parts[index]
            command.id = parts.id
            if groups.hasFailed(group), !command.isZero { continue }
            if part(command, of: group, slot, &tables, at: now, into: &out) { isOver = true }
        }
        if !isOver, groups.partDone(group) { out.ok(slot, parts.id) }
        return isOver
    }

    /// One part of such a command. True when the session has exceeded its rate for too long.
    private mutating func part(
        _ command: OutputCommand, of group: UInt32, _ slot: Int, _ tables: inout RouterTables, at now: Instant, into out: inout Outbox
    ) -> Bool {
        if tables.sessions.rows[slot].needsRuleCheck {
            switch ruleCheck(command, slot, &tables, at: now) {
            case .granted: break
            case .ok: return false
            case .refused(let text, let isLast):
                if groups.fail(group) { out.error(slot, command.id, .message, text) }
                return isLast
            }
        }
        guard let lane = arbiter.lane(device: command.device, feature: command.feature) else {
            foreignPart(command, of: group, slot, &tables, at: now, into: &out)
            return false
        }
        let verdict = carryOut(command, on: lane, slot, group: group, &tables, at: now)
        if verdict == .waits { groups.wait(group) }
        tellReplies(tables.sessions, into: &out)
        if verdict.isRefusal, groups.fail(group) { refuse(verdict, command.id, slot, into: &out) }
        return false
    }

    private func isValid(_ command: OutputCommand, _ tables: borrowing RouterTables) -> Bool {
        guard let lane = arbiter.lane(device: command.device, feature: command.feature) else { return isForeign(command, tables) }
        return arbiter.accepts(command, on: lane)
    }

    /// What is wrong with a command that names no lane, or that its lane does not accept (`protocol-notes.md` §4).
    @inline(never)
    func refuseInvalid(_ command: OutputCommand, _ slot: Int, _ tables: inout RouterTables, into out: inout Outbox) {
        if let failure = tables.devices.failure(of: command) {
            tables.counters.totals.invalid &+= 1
            out.error(slot, command.id, failure)
        } else {
            tables.counters.add(.durationTooLong)
            refuse(.durationTooLong, command.id, slot, into: &out)
        }
    }

    @inline(never)
    private func refuse(_ verdict: Verdict, _ id: UInt32, _ slot: Int, into out: inout Outbox) {
        if case .error(let code, let text) = verdict.reply { out.error(slot, id, code, text) }
    }

    /// Replies that waited for a device, in the order in which they settled.
    mutating func tellReplies(_ sessions: borrowing SessionTable, into out: inout Outbox) {
        if effects.replies.isEmpty { return }
        for index in effects.replies.indices {
            let reply = effects.replies[index]
            // Id 0: the command was delayed by its session's `rate_limit` and was answered then (`spendRateTokens`).
            guard reply.to.id != 0, sessions.isLive(reply.to.session, reply.to.generation) else {
                tellGuest(reply, sessions)
                continue
            }
            let slot = Int(reply.to.session)
            if reply.outcome == .ok {
                if reply.to.group == 0 || groups.partDone(reply.to.group) { out.ok(slot, reply.to.id) }
                continue
            }
            let isFirst = reply.to.group == 0 || groups.fail(reply.to.group)
            if reply.to.group != 0 { _ = groups.partDone(reply.to.group) }
            if isFirst { out.error(slot, reply.to.id, .device, ErrorText.settled(reply.outcome)) }
        }
        effects.replies.removeAll()
    }

    // MARK: Sessions

    /// A session is over: what it held ends, and nothing of it waits any more.
    mutating func sessionEnded(_ slot: UInt32, at now: Instant, into out: inout Outbox) {
        endForeign(slot, into: &out)
        arbiter.sessionEnded(slot: slot, at: now, into: &effects)
        groups.sessionEnded(slot)
        rates.sessionEnded(slot)
    }

    /// Drops commands of a session that wait for a rate token.
    mutating func forgetWaiting(_ slot: Int, _ tables: inout RouterTables, where isMeant: (OutputCommand) -> Bool = { _ in true }) {
        rates.forget(slot, &tables.sessions, where: isMeant)
    }

    /// Drops commands of everybody that wait for a rate token.
    mutating func forgetWaiting(_ tables: inout RouterTables, where isMeant: (OutputCommand) -> Bool = { _ in true }) {
        rates.forgetEverywhere(&tables.sessions, where: isMeant)
    }

    /// Sessions may have other rates, or none: their waiting commands, answered long ago, go on as soon as they may now.
    mutating func ratesChanged(at now: Instant) { rates.ratesChanged(at: now) }

    /// Drops the waiting commands of sessions below a priority.
    mutating func forgetWaiting(below level: UInt8, _ tables: inout RouterTables) {
        for slot in rates.slots where tables.sessions.details[Int(slot)]!.rights.priority < level { forgetWaiting(Int(slot), &tables) }
    }

    // MARK: Commands that are not simply let through

    /// What is checked before the arbiter, and the answer to what does not go on to it.
    @inline(never)
    mutating func checkAndReply(
        _ command: OutputCommand, _ slot: Int, _ tables: inout RouterTables, at now: Instant, into out: inout Outbox
    ) -> Passage {
        switch ruleCheck(command, slot, &tables, at: now) {
        case .granted: return .granted
        case .ok:
            out.ok(slot, command.id)
            return .answered
        case .refused(let text, let isLast):
            out.error(slot, command.id, .message, text)
            return isLast ? .over : .answered
        }
    }

    private mutating func ruleCheck(_ command: OutputCommand, _ slot: Int, _ tables: inout RouterTables, at now: Instant) -> RuleCheck {
        let details = tables.sessions.details[slot]!
        // The gate checks this too. Here it comes first, because an observer's command must not use up its rate.
        if details.rights.role == .observer {
            tables.counters.add(.deniedObserver)
            return .refused(ErrorText.observer, isLast: false)
        }
        if details.denied.contains(command.device) {
            tables.counters.totals.deniedDevice &+= 1
            return .refused(ErrorText.deniedDevice(command.device), isLast: false)
        }
        if arbiter.isEnding {
            tables.counters.add(.stopped)
            return .ok
        }
        guard details.limiter != nil else { return .granted }
        if command.isZero {
            // A zero ends its own type; a command of another type goes on waiting.
            rates.forget(slot, &tables.sessions) { $0.device == command.device && $0.feature == command.feature && $0.type == command.type }
            return .granted
        }
        switch tables.sessions.details[slot]!.limiter!.admit(at: now, isQueued: !details.waiting.isEmpty) {
        case .passes: return .granted
        case .delayed:
            // What would be discarded now is not remembered: it would start by itself when the token comes.
            if let verdict = discarded(command, slot, at: now) {
                tables.counters.add(verdict)
                return .ok
            }
            tables.counters.totals.rateWaits &+= 1
            rates.keep(command, slot, &tables.sessions)
            return .ok
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
        guard let lane = arbiter.lane(device: command.device, feature: command.feature) else {
            return arbiter.gate.obstacle(to: UInt32(slot), on: LanePauses(), at: now)
        }
        return arbiter.obstacle(to: UInt32(slot), on: lane, at: now)
    }

    /// Tokens have come: what waited for them goes on, answered long ago.
    mutating func spendRateTokens(_ tables: inout RouterTables, at now: Instant, into out: inout Outbox) {
        rates.beginRound()
        for waiter in rates.slots {
            let slot = Int(waiter)
            while var command = rates.next(slot, &tables.sessions, at: now) {
                command.id = 0
                guard let lane = arbiter.lane(device: command.device, feature: command.feature), arbiter.accepts(command, on: lane) else {
                    spendToken(on: command, slot, &tables, at: now, into: &out)
                    continue
                }
                _ = carryOut(command, on: lane, slot, &tables, at: now)
                tellReplies(tables.sessions, into: &out)
            }
            rates.noteNextToken(slot, tables.sessions)
        }
    }
}

/// The parts of one command of versions 0 to 3 (its array, or one part for each output); one reply answers them.
struct CommandParts {
    var indices: Range<Int>
    /// The id of the request.
    var id: UInt32
}

extension OutputCommand {
    /// A zero is never blocked. A move to 0 is a move.
    var isZero: Bool { value == 0 && !type.isMove }
}
