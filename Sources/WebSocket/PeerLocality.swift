// Whether a peer is a program of this computer, and under which address it is known: a pure function of what came.
// Must not know tokens. Nothing that a peer can write makes it local.

/// Where a peer is.
public struct PeerLocality: Hashable, Sendable {
    /// A program of this computer, and nothing between the two says that it forwards.
    public let isLocal: Bool
    /// The address that counts. A peer that is not local never has one of this computer: without a proxy that is trusted to name
    /// another it is `hidden`.
    public let address: String

    /// The address of all whose own one is not known.
    public static let hidden = "forwarded"
    /// The address of a Unix socket.
    public static let unix = "unix"

    /// - Parameters:
    ///   - socket: The address of the connection's other end as the kernel writes it, or "unix".
    ///   - proxy: What the connection's PROXY header said, if the listener asks for one.
    ///   - headers: The forwarding headers, if there are some.
    ///   - trusted: Whose headers name the true address.
    public init(socket: String, proxy: ProxySource? = nil, headers: ForwardingHeaders? = nil, trusting trusted: TrustedProxies) {
        guard proxy != nil || headers != nil else {
            isLocal = Self.isOwn(socket)
            address = socket
            return
        }
        isLocal = false
        var named = socket
        switch proxy {
        case .address(let host)?: named = host.text
        case .own?: named = Self.hidden
        case nil: break
        }
        if let headers, trusted.contains(peer: named) { named = Self.client(in: headers, trusted)?.text ?? Self.hidden }
        address = Self.isOwn(named) ? Self.hidden : named
    }

    /// Whether an address, as the kernel writes it, is one at which only this computer is: loopback, or a Unix socket.
    public static func isOwn(_ address: String) -> Bool {
        address == unix || address == "::1" || address.hasPrefix("127.")
    }

    /// The last address that is no trusted proxy's. nil when it is not known, or when two headers name different ones: a proxy sets one
    /// of them, and the client may have written the other.
    private static func client(in headers: ForwardingHeaders, _ trusted: TrustedProxies) -> HostName? {
        var clients: Set<HostName> = []
        var first: Set<HostName> = []
        for chain in headers.chains {
            guard let last = chain.lastIndex(where: { $0.map { !trusted.contains($0) } ?? true }) else {
                // All of them are proxies; the first one asked for itself.
                if let head = chain.first, let host = head { first.insert(host) }
                continue
            }
            guard let host = chain[last] else { return nil }
            clients.insert(host)
        }
        if clients.isEmpty { clients = first }
        return clients.count == 1 ? clients.first : nil
    }
}
