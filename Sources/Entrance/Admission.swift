// Decides about a whole head: which peers a listener lets in, and what it answers the others.
// Must not know sockets, nor how tokens are carried or kept. A pure function of the head, the time and the two tables.

import Host
import WebSocket

/// What becomes of a head.
enum Admission {
    case admitted(token: String?, identity: UInt64, expires: Instant)
    /// `told` is for the operator: what to say, and in one word what it is about.
    case refused(HandshakeRefusal, told: (why: String, kind: String)?)

    private static func refused(_ refusal: HandshakeRefusal) -> Admission { .refused(refusal, told: (refusal.text, refusal.kind)) }

    /// - Parameters:
    ///   - local: The address at this end of the connection, if it has one.
    ///   - failures: Counts what failed here.
    static func decide(
        _ request: UpgradeRequest, from peer: PeerLocality, at local: @autoclosure () -> String?, _ gate: Gate,
        _ failures: inout FailureTable, at now: Instant
    ) -> Admission {
        if let refusal = gate.policy.hostRefusal(of: request, at: local()) { return refused(refusal) }
        let isNeeded = gate.need == .always || gate.need == .remote && !peer.isLocal
        // From elsewhere a token is not even looked at, or it could be guessed on. Programs of this computer share one address, and
        // none of them may lock out the others.
        if !peer.isLocal, isNeeded || request.token != nil, let until = failures.refusal(of: AddressGroup(peer.address), at: now) {
            return .refused(pause(until, now), told: nil)
        }
        switch fault(request.token, isNeeded, gate.tokens, now) {
        case .valid(let name, let identity, let expires): return .admitted(token: name, identity: identity, expires: expires)
        case .inUse: return refused(.tokenInUse)
        case .wrong(let fault): return failed(fault, peer, &failures, now)
        case .none: break
        }
        if let refusal = gate.policy.originRefusal(of: request, at: local()) { return refused(refusal) }
        return .admitted(token: nil, identity: 0, expires: .never)
    }

    private enum Finding {
        case valid(String, UInt64, Instant)
        case inUse
        case wrong(TokenFault)
        /// None is needed, and none of ours was shown.
        case none
    }

    private static func fault(_ shown: ShownToken?, _ isNeeded: Bool, _ tokens: (any TokenCheck)?, _ now: Instant) -> Finding {
        guard let shown else { return isNeeded ? .wrong(.absent) : .none }
        switch tokens?.answer(to: shown.secret, at: now) ?? .unknown {
        case .valid(let name, let identity, let expires): return .valid(name, identity, expires)
        case .inUse: return .inUse
        case .expired: return .wrong(.expired)
        // Apps have parameters of that name for other servers; where none is needed, only one of ours means this router.
        case .unknown: return isNeeded || shown.isOurs ? .wrong(.unknown) : .none
        }
    }

    private static func failed(
        _ fault: TokenFault, _ peer: PeerLocality, _ failures: inout FailureTable, _ now: Instant
    ) -> Admission {
        let group = AddressGroup(peer.address)
        if let until = failures.refusal(of: group, at: now) { return .refused(pause(until, now), told: nil) }
        let refusal = HandshakeRefusal.token(fault)
        guard failures.failed(group, at: now) else { return refused(refusal) }
        let hint = peer.address == PeerLocality.hidden ? "; name the proxy in trusted_proxies, so that its clients are told apart" : ""
        let seconds = FailureTable.pause.nanoseconds / 1_000_000_000
        return .refused(
            refusal,
            told: (
                "\(FailureTable.failuresMax) connections within a minute showed no valid token: refused for \(seconds) s\(hint)",
                HandshakeRefusal.tooManyFailures(seconds: 0).kind
            ))
    }

    private static func pause(_ until: Instant, _ now: Instant) -> HandshakeRefusal {
        .tooManyFailures(seconds: Int(((until - now).nanoseconds + 999_999_999) / 1_000_000_000))
    }
}
