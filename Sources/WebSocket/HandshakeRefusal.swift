// Every reason to refuse an HTTP head, with the status and a text that says what the peer can do.
// Must not know how the answer is written or sent.

/// What is wrong with the token that a peer showed or did not show.
public enum TokenFault: Hashable, Sendable {
    case absent, unknown, expired

    /// What was wrong and what to do. Holds nothing of the token.
    var text: String {
        switch self {
        case .absent:
            "A token is needed here: add ?token=TOKEN to the address. The router's owner makes one with: plugboard token add NAME"
        case .unknown:
            "This token is not known here: ask the router's owner for a new one, who makes it with: plugboard token add NAME"
        case .expired:
            "This token has expired: ask the router's owner for a new one, who makes it with: plugboard token add NAME"
        }
    }
}

/// Why a connection does not become a WebSocket.
public enum HandshakeRefusal: Error, Hashable, Sendable {
    /// Not HTTP as RFC 9112 has it, or not an upgrade as RFC 6455 §4.2.1 has it.
    case badRequest(String)
    /// The first byte of a TLS hello: `wss://` to a plain port.
    case tls
    /// Plain HTTP to a port with TLS.
    case plain
    /// Neither an upgrade nor a page that exists.
    case upgradeRequired
    /// `Sec-WebSocket-Version` is missing or not 13.
    case version
    /// A method other than GET.
    case method
    /// The head is too long.
    case headTooLong(Int)
    /// The head has too many lines.
    case tooManyLines(Int)
    /// `Host` names neither this computer nor a configured name (DNS rebinding).
    case host(String)
    /// `Origin` is not allowed (cross-site hijacking).
    case origin(String)
    /// A token is needed, or the one that was shown does not count.
    case token(TokenFault)
    /// The token has as many sessions as it may have at once.
    case tokenInUse
    /// Too many connections from there showed no token that counts; how many seconds they are refused for.
    case tooManyFailures(seconds: Int)
    /// Who is not a trusted proxy connected to a listener for proxies.
    case notProxy(String)
    /// The limit on sessions is reached.
    case tooManySessions
    /// There is one connection here already, and there can be no more.
    case taken

    /// Which of the reasons it is, in one word that holds nothing of what the peer sent.
    public var kind: String {
        switch self {
        case .badRequest: "request"
        case .tls: "tls"
        case .plain: "plain"
        case .upgradeRequired: "upgrade"
        case .version: "version"
        case .method: "method"
        case .headTooLong, .tooManyLines: "head_size"
        case .host: "host"
        case .origin: "origin"
        case .token: "token"
        case .tokenInUse: "token_sessions"
        case .tooManyFailures: "token_pace"
        case .notProxy: "proxy"
        case .tooManySessions: "sessions"
        case .taken: "taken"
        }
    }

    /// The HTTP status; 0: no answer would be understood.
    public var status: Int {
        switch self {
        case .tls: 0
        case .badRequest, .plain: 400
        case .token: 401
        case .host, .origin, .notProxy: 403
        case .method: 405
        case .upgradeRequired, .version: 426
        case .tooManyFailures: 429
        case .headTooLong, .tooManyLines: 431
        case .tooManySessions, .tokenInUse, .taken: 503
        }
    }

    /// What was wrong and what to do, in one line for the peer and the log. May hold what the peer sent: escape it where it is printed.
    public var text: String {
        switch self {
        case .badRequest(let what): "Not a valid WebSocket request: \(what)."
        case .tls: "This port takes plain WebSocket: use ws:// instead of wss://."
        case .plain: "This port takes TLS: use wss:// instead of ws://, or https:// instead of http://."
        case .upgradeRequired: "This is a WebSocket port: connect with a Buttplug client to ws://, or see / and /health."
        case .version: "Only WebSocket version 13 is supported."
        case .method: "Only GET is answered here: connect with a Buttplug client to ws://."
        case .headTooLong(let limit): "The HTTP head has more than \(limit) bytes: send fewer or shorter headers."
        case .tooManyLines(let limit): "The HTTP head has more than \(limit) header lines: send fewer."
        case .host(let host): Self.text(ofHost: host)
        case .origin(let origin): Self.text(ofOrigin: origin)
        case .token(let fault): fault.text
        case .tokenInUse: "This token has as many sessions as it may have at once: close one, or ask the router's owner for another token."
        case .tooManyFailures(let seconds):
            "Too many connections from this address showed no valid token: try again in \(seconds) s, with a token."
        case .notProxy(let address):
            "\(address) is no trusted proxy, and this address is for proxies: put it into the configuration: [server] trusted_proxies = "
                + "[\"\(address)\"]"
        case .tooManySessions: "Too many sessions: close one, or raise the limit."
        case .taken: "Another server is connected here, and one at a time can be: end that one, or connect to another address."
        }
    }

    // The line to paste holds what the client sent only when it is an entry that the configuration takes: letters, digits and .:/[]_-.

    private static func text(ofHost host: String) -> String {
        let complaint = "Host \"\(shortened(host))\" is not known as this computer"
        guard let entry = AllowedHost.entry(for: Substring(host)) else { return complaint + "." }
        return complaint + ": if it is, put it into the configuration: [server] allowed_hosts = [\"\(entry)\"]"
    }

    private static func text(ofOrigin origin: String) -> String {
        let complaint = "Origin \"\(shortened(origin))\" is not allowed"
        guard let entry = AllowedOrigin.entry(for: origin) else { return complaint + ", and no entry of allowed_origins can name it." }
        let who = entry == "null" ? " (which lets in any page that hides where it is from)" : ""
        return complaint + ": if it may drive your devices\(who), put it into the configuration: [server] allowed_origins = [\"\(entry)\"]"
    }

    private static func shortened(_ text: String) -> String {
        text.utf8.count <= 100 ? text : String(decoding: text.utf8.prefix(100), as: UTF8.self) + "..."
    }
}
