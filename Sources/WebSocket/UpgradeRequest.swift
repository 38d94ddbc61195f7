// What a client asked for in its HTTP head: an upgrade to WebSocket, or one of the two pages.
// Must not know who is allowed what (`AccessPolicy`) or how it is answered (`HTTPAnswer`).

/// A valid request to become a WebSocket connection (RFC 6455 §4.1).
public struct UpgradeRequest: Hashable, Sendable {
    /// Path and query, as they came but for a token.
    public var path: String
    /// The `Host` header, or the authority of an absolute target.
    public var host: String
    /// The `Origin` header, if there was one: a browser sends it, a native program need not.
    public var origin: String?
    /// `Sec-WebSocket-Key`, as it came.
    public var key: String
    /// The subprotocols offered, in order of preference, as they came but for a token.
    public var subprotocols: [String]
    /// The token that the head carried, if there was one.
    public var token: ShownToken?
    /// What proxies wrote, if one did.
    public var forwarding: ForwardingHeaders?

    public init(path: String, host: String, origin: String? = nil, key: String, subprotocols: [String] = []) {
        self.path = path
        self.host = host
        self.origin = origin
        self.key = key
        self.subprotocols = subprotocols
    }

    /// The subprotocol to select: the first one offered, because a browser that asked for one refuses a connection without it.
    /// Nil when none was offered, or the first is not a token (it could not be echoed safely).
    public var selectedSubprotocol: String? {
        guard let first = subprotocols.first, ASCII.isToken(first) else { return nil }
        return first
    }
}

/// A valid request for a page: what a person's browser or a monitoring program asks for.
public struct PageRequest: Hashable, Sendable {
    public enum Method: Hashable, Sendable { case get, head, options }
    public enum Page: Hashable, Sendable {
        /// `/`: a short text for people.
        case root
        /// `/health`: open to every origin, so that a page can make the browser ask for local access.
        case health
    }

    public var method: Method
    public var page: Page
    /// The `Host` header, or the authority of an absolute target; empty when HTTP/1.0 had neither.
    public var host: String
    /// The `Origin` header, if there was one.
    public var origin: String?

    public init(method: Method, page: Page, host: String, origin: String? = nil) {
        self.method = method
        self.page = page
        self.host = host
        self.origin = origin
    }
}
