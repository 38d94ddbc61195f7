// Why a session ended: one named value per cause, with the WebSocket status for the peer.
// Must not know WebSocket frames; the link turns the number and the text into one.

/// Why a session ended. Every end has exactly one of these; it is counted and logged once.
public enum CloseReason: String, Hashable, Sendable, CaseIterable {
    /// The peer closed the connection in good order.
    case peerClosed = "peer_closed"
    /// The connection broke: reset, end of stream without a close, write error.
    case peerVanished = "peer_vanished"
    /// The client sent `Disconnect`.
    case clientDisconnected = "client_disconnected"
    /// `MaxPingTime` passed without a `Ping`.
    case pingMissed = "ping_missed"
    /// No answer to a WebSocket ping.
    case unresponsive = "unresponsive"
    /// No HTTP head within its deadline.
    case headTimeout = "head_timeout"
    /// No Buttplug handshake within its deadline.
    case handshakeTimeout = "handshake_timeout"
    /// The client asked for a protocol version this server does not support.
    case versionRefused = "version_refused"
    /// RFC 6455 was broken.
    case protocolError = "protocol_error"
    /// A text that is not UTF-8.
    case invalidText = "invalid_text"
    /// A message over the size limit.
    case messageTooBig = "message_too_big"
    /// A message in more fragments than allowed, or too many control frames.
    case policyViolation = "policy_violation"
    /// The peer reads too slowly, or not at all.
    case slowConsumer = "slow_consumer"
    /// The client stayed above its rule's `rate_limit`.
    case rateLimited = "rate_limited"
    /// More sessions than the limit allows.
    case tooManySessions = "too_many_sessions"
    /// The operator was asked, and did not let the client in.
    case consentDenied = "consent_denied"
    /// The operator was asked, and nobody answered in time.
    case consentTimeout = "consent_timeout"
    /// More clients wait for the operator than the limit allows.
    case tooManyConsents = "too_many_consents"
    /// The rule lets nobody in.
    case notAdmitted = "not_admitted"
    /// Only one connection is possible at a time, and there is one.
    case taken = "taken"
    /// The operator ended the session.
    case kicked = "kicked"
    /// The time of the token that the client showed is over.
    case tokenExpired = "token_expired"
    /// The operator has withdrawn the token that the client showed.
    case tokenRevoked = "token_revoked"
    /// The router is shutting down.
    case routerEnding = "router_ending"

    /// The WebSocket close status for the peer (RFC 6455 §7.4.1).
    public var status: UInt16 {
        switch self {
        case .peerClosed, .peerVanished, .clientDisconnected: 1000
        case .routerEnding: 1001
        case .protocolError: 1002
        case .invalidText: 1007
        case .messageTooBig: 1009
        case .tooManySessions, .tooManyConsents, .taken: 1013
        case .pingMissed, .unresponsive, .headTimeout, .handshakeTimeout, .versionRefused, .policyViolation, .slowConsumer,
            .rateLimited, .kicked, .tokenExpired, .tokenRevoked, .consentDenied, .consentTimeout, .notAdmitted:
            1008
        }
    }
}
