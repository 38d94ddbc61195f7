// Why an open connection ends by itself, and what its owner is told then.
// Must not know frames or sockets.

import Host
import WebSocket

/// Why an open connection is about to end.
enum LinkEnding {
    /// The peer's close frame came.
    case peerClosed(UInt16)
    /// The peer ended its side without one, or the connection broke.
    case peerGone(isBroken: Bool)
    /// The peer broke RFC 6455 or a limit of it.
    case violation(FrameViolation)
    /// Too many control frames.
    case flood
    /// No answer to our ping.
    case unresponsive
    /// The peer does not read.
    case slow

    var reason: CloseReason {
        switch self {
        case .peerClosed: .peerClosed
        case .peerGone: .peerVanished
        case .flood: .policyViolation
        case .unresponsive: .unresponsive
        case .slow: .slowConsumer
        case .violation(.invalidText): .invalidText
        case .violation(.messageTooBig): .messageTooBig
        case .violation(.tooManyFragments): .policyViolation
        case .violation: .protocolError
        }
    }
}
