// Addresses as people write them: ws://host:port/path, wss:// or unix://path, for a server that listens and for one that is dialled.
// Must not know sockets; it reads text.

import Host
import WebSocket

/// Why a text is no address.
public struct BadAddress: Error, Hashable, Sendable, CustomStringConvertible {
    /// The text.
    public let text: String
    /// What is wrong, and what to write.
    public let hint: String

    /// - Parameters:
    ///   - text: The text.
    ///   - hint: What is wrong, and what to write.
    public init(_ text: String, hint: String) {
        self.text = text
        self.hint = hint
    }

    /// The text and the hint in one sentence.
    public var description: String { "\"\(text)\" is not an address: \(hint)" }
}

extension Endpoint {
    /// What an address is for.
    public enum Use: Sendable {
        /// To listen on: the port must be there and may be 0, and there is no path, because apps may ask for any.
        case listening
        /// To connect to: the port is 12345 when it is absent (with `wss://` 443), and a path may follow.
        case dialling
    }

    /// Reads `ws://HOST:PORT` or `wss://HOST:PORT` (IPv6 in brackets) or `unix://PATH`. The scheme and the host may be in upper case.
    /// - Throws: `BadAddress` with what is wrong and what to write.
    public init(_ text: String, for use: Use) throws(BadAddress) {
        do throws(Hint) { self = try Self.read(text, use) } catch { throw BadAddress(text, hint: error.words) }
    }

    private struct Hint: Error {
        let words: String
        init(_ words: String) { self.words = words }
    }

    private static func read(_ text: String, _ use: Use) throws(Hint) -> Endpoint {
        if text.prefix(7).lowercased() == "unix://" { return .unix(path: try path(text.dropFirst(7))) }
        let isSecure = text.prefix(6).lowercased() == "wss://"
        guard isSecure || text.prefix(5).lowercased() == "ws://" else { throw Hint(hint(scheme: text, use)) }
        let rest = text.dropFirst(isSecure ? 6 : 5)
        let scheme = isSecure ? "wss" : "ws"
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        var path = String(rest.dropFirst(authority.count))
        if path.isEmpty { path = "/" }
        guard use == .dialling || path == "/" else {
            throw Hint("it has a path, and apps may ask for any path here: write \(scheme)://\(authority)")
        }
        guard path.hasPrefix("/") else { throw Hint("a path begins with a slash: write \(scheme)://\(authority)/\(path)") }
        guard !authority.utf8.contains(UInt8(ascii: "@")) else {
            throw Hint("it has a user name, and nobody logs in here: write \(scheme)://HOST:PORT")
        }
        let (host, port) = try split(authority, use, isSecure)
        let name = try checked(host)
        guard UpgradeOffer.canName(host: bracketed(name), path: path) else {
            throw Hint("the path has characters that a URL cannot have: write them as %20")
        }
        return .webSocket(host: name, port: port, path: path, isSecure: isSecure)
    }

    private static func path(_ text: Substring) throws(Hint) -> String {
        guard !text.isEmpty else { throw Hint("the path is missing: write unix:///run/plugboard.sock") }
        guard !text.utf8.contains(0) else { throw Hint("a path cannot contain a zero byte") }
        // `sun_path` has 108 bytes, one of them for the end.
        guard text.utf8.count <= 107 else { throw Hint("the path has more than 107 bytes, which a Unix socket cannot have") }
        return String(text)
    }

    /// What to write instead of something that does not begin in `ws://` or `wss://`.
    private static func hint(scheme text: String, _ use: Use) -> String {
        for scheme in ["", "http://", "https://"] where text.prefix(scheme.count).lowercased() == scheme {
            let rest = text.dropFirst(scheme.count)
            // A word alone is a name that somebody mistook for an address.
            if rest.contains(":"), (try? read("ws://\(rest)", use)) != nil { return "write ws://\(rest)" }
        }
        return "write ws://HOST:PORT, wss://HOST:PORT or unix://PATH"
    }

    private static func split(_ authority: Substring, _ use: Use, _ isSecure: Bool) throws(Hint) -> (host: Substring, port: UInt16) {
        var host = authority
        var digits: Substring?
        if let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") {
            host = authority[..<colon]
            digits = authority[authority.index(after: colon)...]
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard host.contains(":") else { throw Hint("only an IPv6 address is written in brackets: write ws://127.0.0.1:12345") }
        } else if host.contains(":") {
            throw Hint("an IPv6 address is written in brackets: write ws://[::1]:12345")
        }
        guard let digits else {
            let scheme = isSecure ? "wss" : "ws"
            guard use == .dialling else {
                throw Hint("the port is missing: write \(scheme)://\(authority):12345, which is where apps look")
            }
            return (host, isSecure ? 443 : 12_345)
        }
        let least: UInt16 = use == .dialling ? 1 : 0
        guard !digits.isEmpty, digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let port = UInt16(digits), port >= least else {
            throw Hint("the port must be a number from \(least) to 65535")
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
}
