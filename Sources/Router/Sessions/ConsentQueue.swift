// The sessions that wait for the operator's consent: who is asked about, in which order, and what was answered for good.
// Must not let anybody in or end a session; it decides, and the core does it.

import Buttplug
import Host

/// Sessions whose rule asks, from their handshake to the answer.
struct ConsentQueue {
    /// One session that waits.
    struct Entry {
        let slot: Int
        /// The id of its handshake, which the answer carries.
        let handshake: UInt32
        /// Where it comes from: one that sends many clients does not fill the queue.
        let group: AddressGroup
        /// Messages it has sent since.
        var messages = 0
    }

    enum Decision: Hashable {
        case admit
        case ask
        /// Its handshake is answered by an error.
        case refuse(CloseReason)
        /// It was let in before, or has never introduced itself.
        case end(CloseReason)
    }

    /// What becomes of one session.
    struct Step: Hashable {
        let slot: Int
        let handshake: UInt32
        let decision: Decision
    }

    /// The one that waits longest first.
    private(set) var entries: [Entry] = []
    var memory = ConsentMemory()

    // MARK: What happens

    /// A client has introduced itself.
    mutating func introduced(
        _ handshake: UInt32, _ slot: Int, _ tables: inout RouterTables, at now: Instant, into out: inout Outbox
    ) -> Step {
        guard let details = tables.sessions.details[slot], let version = details.session.version else {
            return Step(slot: slot, handshake: handshake, decision: .admit)
        }
        let client = details.session.clientName
        let rule = tables.settings.rules.rule(client: client, peer: details.peer)
        let group = AddressGroup(details.peer.address)
        let decision = decision(on: rule.admit, client: client, details.peer, group, tables.settings.limits)
        if decision == .ask {
            entries.append(Entry(slot: slot, handshake: handshake, group: group))
            tables.sessions.rows[slot].state = .asking
            tables.sessions.rows[slot].receivedAt = now
            tables.counters.totals.consentsAsked &+= 1
            out.events.append(.consentAsked(tables.sessions.id(slot), client: client, version))
        }
        return Step(slot: slot, handshake: handshake, decision: decision)
    }

    /// The operator has answered; nil when the session does not wait.
    mutating func answered(_ id: LinkID, _ answer: ConsentAnswer, _ tables: inout RouterTables, into out: inout Outbox) -> Step? {
        guard let slot = tables.sessions.slot(id), let details = tables.sessions.details[slot], let entry = take(slot) else { return nil }
        out.events.append(.consentAnswered(id, answer))
        if answer.isRemembered {
            let remembered = RememberedConsent(
                client: details.session.clientName, token: details.peer.token, tokenIdentity: details.peer.tokenIdentity,
                isGiven: answer.isGiven)
            memory.add(remembered, atMost: tables.settings.limits.rememberedConsents)
            out.events.append(.stateChanged)
        }
        if answer.isGiven { tables.counters.totals.consentsGiven &+= 1 }
        return Step(slot: slot, handshake: entry.handshake, decision: answer.isGiven ? .admit : .refuse(.consentDenied))
    }

    /// A session has not introduced itself in time, or nobody has answered in time.
    mutating func overdue(_ slot: Int) -> Step {
        guard let entry = take(slot) else { return Step(slot: slot, handshake: 0, decision: .end(.handshakeTimeout)) }
        return Step(slot: slot, handshake: entry.handshake, decision: .refuse(.consentTimeout))
    }

    /// New rules: a session whose rule now lets nobody in ends; one that waits is let in when its rule no longer asks.
    mutating func reconsidered(_ tables: borrowing RouterTables) -> [Step] {
        var steps: [Step] = []
        for slot in tables.sessions.rows.indices {
            let state = tables.sessions.rows[slot].state
            guard state == .ready || state == .asking, let details = tables.sessions.details[slot] else { continue }
            let admission = tables.settings.rules.rule(client: details.session.clientName, peer: details.peer).admit
            if admission == .ask { continue }
            if let entry = take(slot) {
                let decision = admission == .always ? Decision.admit : .refuse(.notAdmitted)
                steps.append(Step(slot: slot, handshake: entry.handshake, decision: decision))
            } else if admission == .never {
                steps.append(Step(slot: slot, handshake: 0, decision: .end(.notAdmitted)))
            }
        }
        return steps
    }

    mutating func forgetAll(into out: inout Outbox) {
        memory.forgetAll()
        out.events.append(.stateChanged)
    }

    // MARK: Parts

    /// What becomes of a client that has introduced itself.
    private func decision(
        on admission: Admission, client: String, _ peer: Peer, _ group: AddressGroup, _ limits: borrowing Limits
    ) -> Decision {
        switch admission {
        case .always: return .admit
        case .never: return .refuse(.notAdmitted)
        case .ask: break
        }
        switch memory.answer(client: client, token: peer.token, tokenIdentity: peer.tokenIdentity) {
        case true?: return .admit
        case false?: return .refuse(.consentDenied)
        case nil: break
        }
        guard entries.count < limits.consents, entries.count(where: { $0.group == group }) < limits.consentsPerAddress else {
            return .refuse(.tooManyConsents)
        }
        return .ask
    }

    /// The session does not wait any more; nil when it did not.
    private mutating func take(_ slot: Int) -> Entry? {
        guard let index = entries.firstIndex(where: { $0.slot == slot }) else { return nil }
        return entries.remove(at: index)
    }

    mutating func sessionEnded(_ slot: Int) { if !entries.isEmpty { _ = take(slot) } }

    /// Counts a message of a session that waits. True when it has sent more than it may.
    mutating func hasSaidTooMuch(_ slot: Int, _ tables: borrowing RouterTables) -> Bool {
        guard let index = entries.firstIndex(where: { $0.slot == slot }) else { return false }
        entries[index].messages += 1
        return entries[index].messages > tables.settings.limits.consentMessages
    }

    /// What a request of a session that waits is answered: as before the handshake, which a second one would be, too.
    static func failure(of request: Request) -> Failure {
        if case .failed(.handshakeRepeated) = request.body { return .handshakeRepeated }
        return .handshakeExpected
    }

    /// What the operator sees.
    func snapshot(_ tables: borrowing RouterTables) -> [ConsentSnapshot] {
        entries.compactMap { entry in
            guard let details = tables.sessions.details[entry.slot], let version = details.session.version else { return nil }
            let client = details.session.clientName
            let askedAt = tables.sessions.rows[entry.slot].receivedAt
            let rule = tables.settings.rules.index(client: client, peer: details.peer)
            return ConsentSnapshot(
                id: tables.sessions.id(entry.slot), client: client, version: version, peer: details.peer, askedAt: askedAt,
                until: askedAt + tables.settings.limits.consentTimeout, rule: rule < 0 ? nil : rule,
                grant: rule < 0 ? tables.settings.rules.fallback : tables.settings.rules.rules[rule])
        }
    }
}
