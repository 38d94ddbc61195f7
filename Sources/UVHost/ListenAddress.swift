// Where to listen, as people write it: ws://host:port or unix://path.
// Must not know sockets; it reads and writes text.

import UV
import WebSocket

/// An address to listen on.
public enum ListenAddress: Hashable, Sendable, CustomStringConvertible {
    /// WebSocket over TCP. The host is a name or a literal (IPv6 without brackets), in lower case; port 0 lets the kernel choose.
    case tcp(host: String, port: UInt16)
    /// WebSocket over a Unix socket.
    case unix(path: String)

    /// Reads `ws://HOST:PORT` (IPv6 in brackets, a closing slash allowed) or `unix://PATH`.
    /// - Throws: `ListenError.badAddress` with what is wrong and what to write.
    public init(_ text: String) throws(ListenError) {
        do throws(Hint) { self = try ListenAddress.read(text) } catch { throw .badAddress(text, error.words) }
    }

    private struct Hint: Error {
        let words: String
        init(_ words: String) { self.words = words }
    }

    private static func read(_ text: String) throws(Hint) -> ListenAddress {
        if text.prefix(7).lowercased() == "unix://" {
            let path = String(text.dropFirst(7))
            guard !path.isEmpty else { throw Hint("the path is missing: write unix:///run/plugboard.sock") }
            guard !path.utf8.contains(0) else { throw Hint("a path cannot contain a zero byte") }
            return .unix(path: path)
        }
        guard text.prefix(5).lowercased() == "ws://" else { throw Hint(hint(scheme: text)) }
        let rest = text.dropFirst(5)
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let path = rest.dropFirst(authority.count)
        guard path.isEmpty || path == "/" else {
            throw Hint("it has a path, and apps may ask for any path here: write ws://\(authority)")
        }
        guard !authority.utf8.contains(UInt8(ascii: "@")) else {
            throw Hint("it has a user name, and nobody logs in here: write ws://HOST:PORT")
        }
        let (host, port) = try split(authority)
        return .tcp(host: try checked(host), port: port)
    }

    /// What to write instead of something that does not begin in `ws://`.
    private static func hint(scheme text: String) -> String {
        if text.prefix(6).lowercased() == "wss://" { return "TLS is not supported: write ws://" }
        for scheme in ["", "http://", "https://"] where text.prefix(scheme.count).lowercased() == scheme {
            let rest = text.dropFirst(scheme.count)
            if (try? read("ws://\(rest)")) != nil { return "write ws://\(rest)" }
        }
        return "write ws://HOST:PORT or unix://PATH"
    }

    private static func split(_ authority: Substring) throws(Hint) -> (host: Substring, port: UInt16) {
        var host = authority
        var digits: Substring?
        if let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") {
            host = authority[..<colon]
            digits = authority[authority.index(after: colon)...]
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard host.contains(":") else { throw Hint("only an IPv6 address stands in brackets: write ws://127.0.0.1:12345") }
        } else if host.contains(":") {
            throw Hint("an IPv6 address stands in brackets: write ws://[::1]:12345")
        }
        guard let digits else { throw Hint("the port is missing: write ws://\(authority):12345, which is where apps look") }
        guard !digits.isEmpty, digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let port = UInt16(digits) else {
            throw Hint("the port must be a number from 0 to 65535")
        }
        return (host, port)
    }

    /// A host in the form in which it is kept.
    private static func checked(_ host: Substring) throws(Hint) -> String {
        if host == "*" { throw Hint("every address of this computer is written ws://0.0.0.0:12345, or ws://[::]:12345 with IPv6") }
        guard let name = HostName(host) else { throw Hint("the host is missing or malformed: write ws://127.0.0.1:12345") }
        guard case .name(let text) = name else { return withPlainZone(host.lowercased()) }
        guard !text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 || $0 == 0x2E }) else {
            throw Hint("an IPv4 address has four numbers from 0 to 255: write ws://127.0.0.1:12345")
        }
        return text
    }

    /// A URL writes the % before a zone as %25 (RFC 6874).
    private static func withPlainZone(_ host: String) -> String {
        guard let percent = host.firstIndex(of: "%"), host[percent...].hasPrefix("%25") else { return host }
        return String(host[...percent] + host[percent...].dropFirst(3))
    }

    /// As it is written.
    public var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "ws://[\(host)]:\(port)" : "ws://\(host):\(port)"
        case .unix(let path): "unix://\(path)"
        }
    }

    /// Whether only this computer can reach it. A name other than `localhost` counts as reachable from elsewhere.
    public var isLocal: Bool {
        switch self {
        case .unix: true
        case .tcp(let host, _): HostName(host)?.isLoopback ?? false
        }
    }

    /// The address of a socket that was passed to this process.
    public init(_ socket: PassedSocket) {
        self = socket.host.map { .tcp(host: $0, port: socket.port) } ?? .unix(path: socket.path)
    }

    /// The addresses to be bound. `localhost` is two: programs take the one or the other of what a name server tells them.
    var places: [ListenAddress] {
        guard case .tcp(let host, let port) = self, case .name? = HostName(host), isLocal else { return [self] }
        return [.tcp(host: "127.0.0.1", port: port), .tcp(host: "::1", port: port)]
    }

    /// Where to listen when one of the addresses is taken.
    func without(_ taken: ListenAddress) -> ListenAddress { places.first { $0 != taken } ?? self }

    /// Whether both cannot be listened on at once: they are one address in two spellings, or one covers the other.
    public func collides(with other: ListenAddress) -> Bool {
        switch (self, other) {
        case (.unix(let a), .unix(let b)): return Self.tidied(a) == Self.tidied(b)
        case (.tcp(_, let a), .tcp(_, let b)):
            guard a == b, a != 0 else { return false }
            return places.contains { place in other.places.contains { place.covers($0) || $0.covers(place) } }
        default: return false
        }
    }

    /// Whether whoever listens here has that one too. What a name stands for is not looked up; it is among all addresses in any case.
    private func covers(_ other: ListenAddress) -> Bool {
        guard case .tcp(let host, _) = self, case .tcp(let inner, _) = other, let own = HostName(host), let name = HostName(inner) else {
            return false
        }
        return own == name || own.isUnspecified && (own.isIPv6 || !name.isIPv6)
    }

    /// A path without what changes nothing.
    private static func tidied(_ path: String) -> String {
        let parts = path.split(separator: "/").filter { $0 != "." }
        return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
    }
}
