// What an `Origin` header names, in one form: browsers write it one way, other programs in many.
// Must not know which origins are allowed.

/// The origin of a request.
enum Origin: Hashable, Sendable {
    /// `null`: a sandboxed page, a local file in most browsers, a redirect. Says nothing about who asks.
    case null
    /// `file://`: no page from the network can send it.
    case file
    /// The scheme is nil when none is written; `ws` and `wss` are written `http` and `https`. The port is nil when it is the scheme's own.
    case site(scheme: String?, host: HostName, port: UInt16?)

    /// Reads `null`, `file://…`, or `[scheme://]host[:port]` with or without a path. Nil for anything else, two origins in one header too.
    init?(_ text: some StringProtocol) {
        self.init(spelled: text, path: nil)
    }

    /// The same, and returns in `path` what follows the host.
    init?(_ text: some StringProtocol, path: inout String) {
        var tail = ""
        self.init(spelled: text) { tail = $0 }
        path = tail
    }

    private init?(spelled text: some StringProtocol, path: ((String) -> Void)?) {
        // A list of origins has spaces or commas between them; nobody who means one writes either.
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x2C && $0 != 0x5C }) else { return nil }
        if ASCII.equal(text, "null") {
            self = .null
            return
        }
        var scheme: String?
        var rest = Substring(text)
        if let colon = rest.firstIndex(of: ":"), rest[colon...].hasPrefix("://") {
            guard let name = Self.scheme(rest[..<colon]) else { return nil }
            scheme = name
            rest = rest[rest.index(colon, offsetBy: 3)...]
        } else if rest.hasPrefix("//") {
            rest = rest.dropFirst(2)
        }
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        path?(String(rest.dropFirst(authority.count)))
        if scheme == "file" {
            guard authority.isEmpty || Authority(authority)?.host.isLoopback == true else { return nil }
            self = .file
            return
        }
        guard let authority = Authority(authority) else { return nil }
        self = .site(scheme: scheme, host: authority.host, port: authority.port == Self.port(of: scheme) ? nil : authority.port)
    }

    /// RFC 3986 §3.1, in lower case.
    private static func scheme(_ text: Substring) -> String? {
        let bytes = text.utf8.map(ASCII.lowercased)
        guard let first = bytes.first, first >= 0x61, first <= 0x7A else { return nil }
        let isScheme = bytes.allSatisfy { $0 >= 0x61 && $0 <= 0x7A || HostName.isDigit($0) || $0 == 0x2B || $0 == 0x2D || $0 == 0x2E }
        guard isScheme else { return nil }
        switch String(decoding: bytes, as: UTF8.self) {
        case "ws": return "http"
        case "wss": return "https"
        case let name: return name
        }
    }

    private static func port(of scheme: String?) -> UInt16? {
        switch scheme {
        case "http": 80
        case "https": 443
        default: nil
        }
    }

    /// Whether it names the address that a `Host` header names: same host, same port. Without a scheme and a port it is a program
    /// that wrote it, and the host is enough.
    func names(_ authority: Authority) -> Bool {
        guard case .site(let scheme, let host, let port) = self, host == authority.host else { return false }
        if scheme == nil, port == nil { return true }
        return (port ?? Self.port(of: scheme) ?? 80) == (authority.port ?? 80)
    }
}
