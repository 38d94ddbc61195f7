// Which hosts and origins may connect: localhost is not private, since any web page may open a WebSocket to it.
// Pure functions over names; must not know connections or configuration files.

/// The allow-lists of hosts (against DNS rebinding) and origins (against cross-site hijacking). Loopback names and origins are always
/// allowed, and so is a client that sends no `Origin`: only browsers do.
public struct AccessPolicy: Hashable, Sendable {
    /// Further host names or addresses, without a port; `*` allows all.
    public var hosts: [String]
    /// Further origins ("https://example.org"), compared without regard to case; `null` must be named like any other; `*` allows all.
    public var origins: [String]

    public init(hosts: [String] = [], origins: [String] = []) {
        self.hosts = hosts
        self.origins = origins
    }

    /// Why an upgrade is refused, or nil.
    public func refusal(of request: UpgradeRequest) -> HandshakeRefusal? {
        guard allows(host: request.host) else { return .host(request.host) }
        guard let origin = request.origin, !allows(origin: origin) else { return nil }
        return .origin(origin)
    }

    /// Why a page is refused, or nil. Pages tell nothing, so every origin may read them.
    public func refusal(of page: PageRequest) -> HandshakeRefusal? { allows(host: page.host) ? nil : .host(page.host) }

    /// Whether a `Host` header, with or without a port, is welcome.
    public func allows(host: String) -> Bool {
        guard let name = Self.hostName(host) else { return false }
        return Self.isLoopback(name) || hosts.contains { $0 == "*" || ASCII.equal(Self.hostName($0) ?? $0[...], name) }
    }

    /// Whether an `Origin` header is welcome.
    public func allows(origin: String) -> Bool {
        if origins.contains(where: { $0 == "*" || ASCII.equal($0, origin) }) { return true }
        guard let host = Self.originHost(origin), let name = Self.hostName(String(host)) else { return false }
        return Self.isLoopback(name)
    }

    /// The host of `scheme://host[:port]`; nil for everything else, `null` among it.
    private static func originHost(_ origin: String) -> Substring? {
        guard let colon = origin.firstIndex(of: ":"), origin[colon...].hasPrefix("://") else { return nil }
        let scheme = origin[..<colon]
        guard !scheme.isEmpty, scheme.utf8.allSatisfy({ ASCII.isToken($0) }) else { return nil }
        return origin[origin.index(colon, offsetBy: 3)...]
    }

    /// Whether a text is `host[:port]` (RFC 9110 §7.2).
    static func isAuthority(_ text: String) -> Bool { hostName(text) != nil }

    /// The host of `host[:port]`, brackets included; nil when it is none.
    static func hostName(_ text: String) -> Substring? {
        let end: String.Index
        if text.utf8.first == UInt8(ascii: "[") {
            guard let bracket = text.firstIndex(of: "]") else { return nil }
            let inner = text[text.index(after: text.startIndex)..<bracket]
            guard !inner.isEmpty, inner.utf8.allSatisfy(isAddressByte) else { return nil }
            end = text.index(after: bracket)
        } else {
            end = text.firstIndex(of: ":") ?? text.endIndex
            let name = text[..<end]
            guard !name.isEmpty, name.utf8.allSatisfy(isNameByte) else { return nil }
        }
        guard end != text.endIndex else { return text[...] }
        let port = text[text.index(after: end)...]
        guard text[end] == ":", port.utf8.count <= 5, port.utf8.allSatisfy(isDigit) else { return nil }
        return text[..<end]
    }

    /// Whether a host is this computer by definition: `localhost` and names under it (RFC 6761 §6.3), 127.0.0.0/8, `[::1]`.
    static func isLoopback(_ host: Substring) -> Bool {
        let name = host.hasSuffix(".") ? host.dropLast() : host
        if ASCII.equal(name, "localhost") || ASCII.equal(name.suffix(10), ".localhost") || name == "[::1]" { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127"
            && parts.allSatisfy { part in
                !part.isEmpty && part.utf8.count <= 3 && part.utf8.allSatisfy(isDigit) && UInt8(part) != nil
            }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    private static func isAddressByte(_ byte: UInt8) -> Bool {
        isDigit(byte) || byte >= 0x41 && byte <= 0x46 || byte >= 0x61 && byte <= 0x66 || byte == 0x3A || byte == 0x2E
    }

    /// Unreserved and sub-delimiter characters of a registered name (RFC 3986 §3.2.2), and those of its percent forms.
    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case 0x21, 0x24...0x2E, 0x3B, 0x3D, 0x5F, 0x7E: true
        default: false
        }
    }
}
