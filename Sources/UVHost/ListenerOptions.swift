// What a listener is told besides its address: who may come in, and who hears of those who may not.
// Must not know configuration files.

/// Settings of one listener.
public struct ListenerOptions {
    /// `Host` headers allowed besides loopback names and the address listened on; `*` allows all. Unix sockets do not ask.
    public var hosts: [String]
    /// `Origin` headers allowed besides none and loopback origins; `null` must be named; `*` allows all. Unix sockets do not ask.
    public var origins: [String]
    /// Connections the kernel may hold until they are accepted.
    public var backlog: Int32
    /// Hears of connections that were turned away before they became a session: the peer's address, the reason in words, which
    /// may hold what the peer sent, and in one word of ours.
    public var onRefused: ((_ address: String, _ why: String, _ kind: String) -> Void)?

    public init(
        hosts: [String] = [], origins: [String] = [], backlog: Int32 = 4096,
        onRefused: ((_ address: String, _ why: String, _ kind: String) -> Void)? = nil
    ) {
        self.hosts = hosts
        self.origins = origins
        self.backlog = backlog
        self.onRefused = onRefused
    }
}
