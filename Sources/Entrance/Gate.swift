// What a listener demands of those who want to come in.
// Must not know sockets.

import Host
import WebSocket

/// What a listener demands now.
public struct Gate {
    /// The hosts and origins that it knows.
    public var policy: AccessPolicy
    /// Who needs a token.
    public var need: TokenNeed
    /// Whose headers name the true address of a peer.
    public var trusted: TrustedProxies
    /// Whether every connection begins with a header of the PROXY protocol.
    public var expectsProxyHeader: Bool
    /// nil: nobody has a token.
    public weak var tokens: (any TokenCheck)?

    public init(
        policy: AccessPolicy = AccessPolicy(), need: TokenNeed, trusted: TrustedProxies = TrustedProxies(),
        expectsProxyHeader: Bool = false, tokens: (any TokenCheck)?
    ) {
        self.policy = policy
        self.need = need
        self.trusted = trusted
        self.expectsProxyHeader = expectsProxyHeader
        self.tokens = tokens
    }

    /// Whether a connection from there may turn out to be from anybody, until its head was let in.
    /// - Parameter address: Its address as the kernel writes it, or "unix".
    public func isStranger(_ address: String) -> Bool { need == .always || expectsProxyHeader || !PeerLocality.isOwn(address) }
}
