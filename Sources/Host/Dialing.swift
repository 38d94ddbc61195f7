// The seam for connections that we open: where to, what may go wrong, and who is told.
// Must not know WebSocket; a world dials and hands over a `Link` like any other.

/// Why a connection could not be opened.
public enum DialFailure: Error, Hashable, Sendable {
    /// Nobody listens there, or a server that takes only one client has one.
    case refused
    /// No connection, or no WebSocket handshake, within the time given.
    case timedOut
    /// The name is unknown, or there is no way there; the text is the system's.
    case unreachable(String)
    /// Somebody answered, but not as a WebSocket server; the text says how.
    case notWebSocket(String)
    /// The connection cannot be encrypted, or the server is not known to be the right one; the text says what is wrong.
    case insecure(String)
}

/// Whose certificates a dial to a `wss://` address believes.
public struct ServerTrust: Hashable, Sendable {
    /// A file of authorities in PEM, in place of the system's.
    public var authorities: String?
    /// false: every certificate is believed, and anybody on the way can read and change everything.
    public var isVerified: Bool

    public init(authorities: String? = nil, isVerified: Bool = true) {
        self.authorities = authorities
        self.isVerified = isVerified
    }
}

/// A world that can open connections.
public protocol Dialer: Host {
    /// Opens a connection for `owner`, which must have no dial under way. The outcome is `opened`, or `dialFailed`, in a later turn. The
    /// world keeps the owner until then.
    func dial(_ endpoint: Endpoint, timeout: Interval, for owner: any DialOwner)
    /// 64 random bits: unpredictable in the real world, from the seed in a simulated one.
    func drawSeed() -> UInt64
    /// Gives up the dial under way, if there is one; the owner gets no more calls about it.
    func cancelDial(for owner: any DialOwner)
}

/// An owner of links that opens them itself. `opened` tells it of one, with the endpoint as the peer's `listener`.
public protocol DialOwner: LinkOwner {
    func dialFailed(_ failure: DialFailure, at now: Instant)
    /// Which certificates it believes where the address is `wss://`; by default those that the system believes.
    var trust: ServerTrust { get }
}

extension DialOwner {
    public var trust: ServerTrust { ServerTrust() }
}
