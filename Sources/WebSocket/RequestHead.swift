// What a request's head lines mean for the opening handshake (RFC 6455 §4.2.1), and what the whole head asks for.
// Must not know how the lines were read, or who is allowed what.

/// What the lines of a request's head said, as far as it matters here.
struct RequestHead {
    private var method = ""
    private var path = ""
    private var authority: String?
    private var host: String?
    private var origin: String?
    private var key: String?
    private var version: String?
    private var upgradesToWebSocket = false
    private var connectionUpgrades = false
    private var isOld = false
    private var contentLength: String?
    private var hasEncodedBody = false
    private var subprotocols: [String] = []
    private var tokens = TokenCarriers()
    /// nil while there is none, so that a plain head costs nothing.
    private var forwarding: ForwardingHeaders?

    /// `METHOD SP target SP HTTP/1.1` (RFC 9112 §3). Monitoring programs ask for pages in HTTP/1.0.
    mutating func startLine(_ line: String) -> HandshakeRefusal? {
        let parts = line.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 3, ASCII.isToken(String(parts[0])) else { return .badRequest("the first line is not a request line") }
        isOld = parts[2] == "HTTP/1.0"
        guard isOld || parts[2] == "HTTP/1.1" else { return .badRequest("the first line does not end in HTTP/1.1") }
        method = String(parts[0])
        return target(String(parts[1]))
    }

    /// A path, or an absolute URI whose authority then replaces `Host` (RFC 9112 §3.2).
    private mutating func target(_ target: String) -> HandshakeRefusal? {
        if target.utf8.first == UInt8(ascii: "/") {
            path = tokens.read(target: target)
            return nil
        }
        let schemes = ["http://", "https://", "ws://", "wss://"]
        guard let scheme = schemes.first(where: { ASCII.equal($0, target.prefix($0.count)) }) else {
            return method == "GET" ? .badRequest("the target is not a path") : nil
        }
        let rest = target.dropFirst(scheme.count)
        let slash = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        authority = String(rest[..<slash])
        let tail = String(rest[slash...])
        path = tokens.read(target: tail.utf8.first == UInt8(ascii: "/") ? tail : "/" + tail)
        return nil
    }

    mutating func field(_ name: String, _ value: String) -> HandshakeRefusal? {
        switch name {
        case "host": return Self.once(&host, value, "two Host headers")
        case "origin": return Self.once(&origin, value, "two Origin headers")
        case "sec-websocket-key": return Self.once(&key, value, "two Sec-WebSocket-Key headers")
        case "sec-websocket-version": return Self.once(&version, value, "two Sec-WebSocket-Version headers")
        case "upgrade": upgradesToWebSocket = upgradesToWebSocket || ASCII.list(value).contains { ASCII.equal($0, "websocket") }
        case "connection": connectionUpgrades = connectionUpgrades || ASCII.list(value).contains { ASCII.equal($0, "upgrade") }
        case "transfer-encoding": hasEncodedBody = true
        case "content-length": contentLength = contentLength.map { $0 + "," + value } ?? value
        case "sec-websocket-protocol": for name in ASCII.list(value) where !tokens.read(subprotocol: name) { subprotocols.append(name) }
        case "authorization": tokens.read(authorization: value)
        case "forwarded", "x-forwarded-for", "x-real-ip", "cf-connecting-ip":
            if forwarding == nil { forwarding = ForwardingHeaders() }
            forwarding?.add(name, value)
        default: break  // Extension offers among them: none is accepted (§9.1 lets a server do so).
        }
        return nil
    }

    private static func once(_ slot: inout String?, _ value: String, _ complaint: String) -> HandshakeRefusal? {
        guard slot == nil else { return .badRequest(complaint) }
        slot = value
        return nil
    }

    /// What the whole head asks for.
    func conclusion(used: Int) -> UpgradeRequestParser.Step {
        let named = self.host ?? ""
        // HTTP/1.0 knows no `Host`, and who sends one there means it.
        guard isOld || !named.isEmpty else { return .refused(.badRequest("no Host header")) }
        let host = authority ?? named
        guard host.isEmpty || AccessPolicy.isAuthority(host) else { return .refused(.badRequest("the Host header is not a host")) }
        if upgradesToWebSocket || key != nil {
            if isOld { return .refused(.badRequest("an upgrade needs HTTP/1.1")) }
            return method == "GET" ? upgrade(host, used: used) : .refused(.method)
        }
        if let page = page(host) { return bodyRefusal.map { .refused($0) } ?? .page(page, used: used) }
        return .refused(method == "GET" || method == "HEAD" ? .upgradeRequired : .method)
    }

    /// Why there is, or may be, a body after the head. A length of 0 is none, and may be said more than once (RFC 9110 §8.6).
    private var bodyRefusal: HandshakeRefusal? {
        if hasEncodedBody { return .badRequest("a request here has no body") }
        guard let contentLength else { return nil }
        for element in contentLength.utf8.split(separator: 0x2C, omittingEmptySubsequences: false) {
            let digits = ASCII.trimmed(Array(element)[...])
            guard !digits.isEmpty, digits.allSatisfy(HostName.isDigit) else { return .badRequest("Content-Length is not a number") }
            guard digits.allSatisfy({ $0 == 0x30 }) else { return .badRequest("a request here has no body") }
        }
        return nil
    }

    private func upgrade(_ host: String, used: Int) -> UpgradeRequestParser.Step {
        if let bodyRefusal { return .refused(bodyRefusal) }
        guard upgradesToWebSocket else { return .refused(.badRequest("no \"Upgrade: websocket\" header")) }
        guard connectionUpgrades else { return .refused(.badRequest("no \"Connection: Upgrade\" header")) }
        guard version == "13" else { return .refused(.version) }
        guard let key else { return .refused(.badRequest("no Sec-WebSocket-Key header")) }
        guard AcceptKey.isValid(key) else { return .refused(.badRequest("Sec-WebSocket-Key is not 16 bytes in Base64")) }
        if tokens.differ { return .refused(.badRequest("two different tokens")) }
        var request = UpgradeRequest(path: path, host: host, origin: origin, key: key, subprotocols: subprotocols)
        request.token = tokens.token
        request.forwarding = forwarding
        return .upgrade(request, used: used)
    }

    private func page(_ host: String) -> PageRequest? {
        let pure = path.prefix { $0 != "?" }
        let page: PageRequest.Page
        switch pure {
        case "/": page = .root
        case "/health": page = .health
        default: return nil
        }
        switch method {
        case "GET": return PageRequest(method: .get, page: page, host: host, origin: origin)
        case "HEAD": return PageRequest(method: .head, page: page, host: host, origin: origin)
        case "OPTIONS": return PageRequest(method: .options, page: page, host: host, origin: origin)
        default: return nil
        }
    }
}
