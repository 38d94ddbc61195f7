// What a listener is told besides its address: who may come in, and who hears of those who may not.
// Must not know configuration files.

import WebSocket

/// Settings of one listener.
public struct ListenerOptions {
    /// `Host` headers allowed besides loopback names and the computer's own addresses; `*` allows all. Unix sockets do not ask.
    public var hosts: [String]
    /// `Origin` headers allowed besides none, loopback origins and the very address that is connected to; `null` must be named; `*` allows all. Unix sockets do not ask.
    public var origins: [String]
    /// Who may connect to a Unix socket, as the permissions of its file: 0o600 is the same user alone.
    public var unixMode: UInt32
    /// The group of a Unix socket's file, by its number; nil leaves the process's own.
    public var unixGroup: UInt32?
    /// Connections the kernel may hold until they are accepted.
    public var backlog: Int32
    /// Hears of connections that were turned away before they became a session: the peer's address, the reason in words, which
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

/// An entry of `ListenerOptions.hosts`, read as the listener reads it.
public typealias AllowedHost = WebSocket.AllowedHost
/// An entry of `ListenerOptions.origins`, read as the listener reads it.
public typealias AllowedOrigin = WebSocket.AllowedOrigin
/// Why such an entry means nothing.
public typealias EntryRefusal = WebSocket.EntryRefusal
