// Which hosts and origins may connect: localhost is not private, since any web page may open a WebSocket to it.
// Pure functions over names; must not know connections or configuration files.

/// The allow-lists of hosts (against DNS rebinding) and origins (against cross-site hijacking).
///
/// Loopback names and the address that the connection came in at are always known as hosts. Loopback origins in every form are always
/// allowed, and so are `file://`, the address itself that was connected to, and a client that sends no `Origin`.
public struct AccessPolicy: Hashable, Sendable {
    /// Further hosts.
    private let hosts: Set<HostName>
    /// Further origins.
    private let origins: [AllowedOrigin]
    private let allowsEveryHost: Bool
    private let allowsEveryOrigin: Bool

    /// - Parameters:
    ///   - hosts: Further host names or addresses; `*` allows all. One that means nothing allows nothing: `AllowedHost` says why.
    ///   - origins: Further origins ("https://example.org"); `null` must be named like any other; `*` allows all. As above.
    public init(hosts: [String] = [], origins: [String] = []) {
        let entries = hosts.compactMap { try? AllowedHost($0) }
        self.hosts = Set(
            entries.compactMap { entry -> HostName? in
                if case .host(let host) = entry { host } else { nil }
            })
        self.origins = origins.compactMap { try? AllowedOrigin($0) }
        allowsEveryHost = entries.contains(.any)
        allowsEveryOrigin = self.origins.contains(.any)
    }

    /// Why an upgrade is refused, or nil.
    /// - Parameter local: The address at this end of the connection, if it has one; asked for when it matters.
    public func refusal(of request: UpgradeRequest, at local: @autoclosure () -> String? = nil) -> HandshakeRefusal? {
        hostRefusal(of: request, at: local()) ?? originRefusal(of: request, at: local())
    }

    /// The same for the host alone.
    public func hostRefusal(of request: UpgradeRequest, at local: @autoclosure () -> String? = nil) -> HandshakeRefusal? {
        allows(host: request.host, at: local()) ? nil : .host(request.host)
    }

    /// The same for the origin, of a request whose host is allowed.
    public func originRefusal(of request: UpgradeRequest, at local: @autoclosure () -> String? = nil) -> HandshakeRefusal? {
        guard let origin = request.origin, !allows(origin: origin), !isOwn(origin: origin, host: request.host, at: local()) else {
            return nil
        }
        return .origin(origin)
    }

    /// Why a page is refused, or nil. Pages contain no secrets, so every origin may read them, and a program of the time before `Host` too.
    public func refusal(of page: PageRequest, at local: @autoclosure () -> String? = nil) -> HandshakeRefusal? {
        page.host.isEmpty || allows(host: page.host, at: local()) ? nil : .host(page.host)
    }

    /// Whether a `Host` header, with or without a port, is allowed.
    public func allows(host: String, at local: @autoclosure () -> String? = nil) -> Bool {
        if allowsEveryHost { return true }
        guard let name = Authority(host)?.host else { return false }
        return isKnown(name, at: local())
    }

    /// Whether a host is this computer. An address can be compared with the connection's; only a name can mislead a browser.
    private func isKnown(_ host: HostName, at local: @autoclosure () -> String?) -> Bool {
        if host.isLoopback || hosts.contains(host) { return true }
        guard case .address = host, let own = local().flatMap({ HostName($0) }) else { return false }
        return host == own || host.isUnspecified && own.isLoopback
    }

    /// Whether an `Origin` header is allowed with any `Host`.
    public func allows(origin: String) -> Bool {
        if allowsEveryOrigin { return true }
        guard let origin = Origin(origin) else { return false }
        switch origin {
        case .file: return true
        case .site(_, let host, _) where host.isLoopback: return true
        default: return origins.contains { $0.matches(origin) }
        }
    }

    /// Whether an origin is the address that was connected to: what is served there is served by us, and that is no script. It counts
    /// only for a host that is known for itself: where every host is allowed, a page may have made us its own by DNS rebinding.
    private func isOwn(origin: String, host: String, at local: @autoclosure () -> String?) -> Bool {
        guard let authority = Authority(host), let origin = Origin(origin), origin.names(authority) else { return false }
        return isKnown(authority.host, at: local())
    }

    /// Whether a text is `host[:port]` (RFC 9110 §7.2).
    static func isAuthority(_ text: String) -> Bool { Authority(text) != nil }
}
