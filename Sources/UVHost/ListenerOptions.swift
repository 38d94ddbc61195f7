// What a listener is told in addition to its address: who may come in, and who is told of those who may not.
// Must not know configuration files.

import Host
import TLS
import WebSocket

/// Settings of one listener.
public struct ListenerOptions {
    /// `Host` headers allowed in addition to loopback names and the computer's own addresses; `*` allows all. Unix sockets do not ask.
    public var hosts: [String]
    /// `Origin` headers allowed in addition to none, loopback origins and the address that is connected to; `null` must be named; `*`
    /// allows all. Unix sockets do not ask.
    public var origins: [String]
    /// Who may connect to a Unix socket, as the permissions of its file: 0o600 is the same user alone.
    public var unixMode: UInt32
    /// The group of a Unix socket's file, by its number; nil leaves the process's own.
    public var unixGroup: UInt32?
    /// Who needs a token. A peer that shows a valid one may have any origin.
    public var tokenNeed = TokenNeed.remote
    /// Who knows the tokens; nil: nobody has one.
    public weak var tokens: (any TokenCheck)?
    /// The proxies whose headers name the true address of a peer: addresses, ranges like "10.0.0.0/8", or "unix".
    public var trustedProxies: [String] = []
    /// Every connection begins with a header of the PROXY protocol, version 1 or 2. It comes from this computer or a trusted proxy, and none
    /// of its peers is local.
    public var expectsProxyHeader = false
    /// The certificate of a `wss://` address.
    public var tls: TLSContext?
    /// Connections the kernel may hold until they are accepted.
    public var backlog: Int32
    /// Is told of connections that were turned away before they became a session: the peer's address, the reason in words, which
    /// may hold what the peer sent, and in one word of ours.
    public var onRefused: ((_ address: String, _ why: String, _ kind: String) -> Void)?

    public init(
        hosts: [String] = [], origins: [String] = [], unixMode: UInt32 = 0o600, unixGroup: UInt32? = nil, backlog: Int32 = 4096,
        onRefused: ((_ address: String, _ why: String, _ kind: String) -> Void)? = nil
    ) {
        self.hosts = hosts
        self.origins = origins
        self.unixMode = unixMode
        self.unixGroup = unixGroup
        self.backlog = backlog
        self.onRefused = onRefused
    }
}

/// The certificate and the key of a listener.
public typealias TLSContext = TLS.TLSContext

/// An entry of `ListenerOptions.hosts`, read as the listener reads it.
public typealias AllowedHost = WebSocket.AllowedHost
/// An entry of `ListenerOptions.origins`, read as the listener reads it.
public typealias AllowedOrigin = WebSocket.AllowedOrigin
/// An entry of `ListenerOptions.trustedProxies` that is not "unix", read as the listener reads it.
public typealias AddressRange = WebSocket.AddressRange
/// Why such an entry means nothing.
public typealias EntryRefusal = WebSocket.EntryRefusal
