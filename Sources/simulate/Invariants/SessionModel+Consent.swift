// What the simulation believes of being let in: at once, after the operator's answer, or not.
// Must not ask the router.

import Host
import Router

/// Which clients an answer for good is about: those of a name that show one token.
struct ConsentKey: Hashable {
    var client: String
    var token: String?
    var tokenIdentity: UInt64
}

extension SessionModel {
    private var consentKey: ConsentKey { ConsentKey(client: name, token: peer.token, tokenIdentity: peer.tokenIdentity) }

    /// It has introduced itself.
    func introducesItself(to world: WorldModel) -> Expectation {
        switch world.settings.rules.rule(client: name, peer: peer).admit {
        case .always:
            enters(world)
            return Expectation(kind: .serverInfo)
        case .never: isTurnedAway(.notAdmitted)
        case .ask where world.remembered[consentKey] == true:
            enters(world)
            return Expectation(kind: .serverInfo)
        case .ask where world.remembered[consentKey] == false: isTurnedAway(.consentDenied)
        case .ask:
            guard world.asking.count < world.settings.limits.consents else {
                isTurnedAway(.tooManyConsents)
                break
            }
            state = .asking
            askedAt = world.now
            var expected = Expectation.only(.handshake)
            expected.waitsForConsent = true
            return expected
        }
        return .only(.handshake)
    }

    /// It is let in: its rule is in force.
    private func enters(_ world: WorldModel) {
        state = .ready
        rule = world.settings.rules.rule(client: name, peer: peer)
        maxPingTime = rule.maxPingTime
        lastPingAt = world.now
        // Older clients are told of changes to what they were told of; those of v4 get whole lists.
        hasList = version == .v4
        known = hasList ? world.devices.filter { $0.isPresent && sees($0) }.map(\.index) : []
    }

    /// It is let in after it has waited: now its handshake is answered.
    private func isLetIn(_ world: WorldModel) {
        enters(world)
        for index in pending.indices where pending[index].expected.waitsForConsent {
            pending[index].expected = Expectation(kind: .serverInfo)
        }
        world.active.append(self)
    }

    private func isTurnedAway(_ reason: CloseReason) {
        mayBeClosedFor.append(reason)
        isLeaving = true
    }

    /// The operator has answered.
    func isAnswered(_ answer: ConsentAnswer, _ world: WorldModel) {
        world.note("#\(number) is \(answer.isGiven ? "let in" : "refused")")
        world.check(.consent, state == .asking && !isLeaving, "#\(number) was answered and did not wait")
        if answer.isRemembered { world.remembered[consentKey] = answer.isGiven }
        if answer.isGiven { isLetIn(world) } else { isTurnedAway(.consentDenied) }
    }

    /// New rules are in force.
    func meetsNewRules(_ world: WorldModel) {
        guard state == .ready || state == .asking, !isLeaving else { return }
        switch world.settings.rules.rule(client: name, peer: peer).admit {
        case .never:
            world.forget(self)
            isTurnedAway(.notAdmitted)
        case .always where state == .asking: isLetIn(world)
        case .always, .ask: break
        }
    }
}

extension WorldModel {
    /// Those that wait for the operator.
    var asking: [SessionModel] { live.filter { $0.state == .asking && !$0.isLeaving } }
}
