// Where a server is, how a client shows who it is, and the list of servers that are tried one after the other.
// Must not know names of hosts beyond their text, nor open anything.

/// A server's address.
public struct NATSServer: Hashable, Sendable, CustomStringConvertible {
    /// A name or an address, without brackets.
    public var host: String
    public var port: UInt16
    /// TLS must be there.
    public var requiresTLS: Bool
    /// The name that its certificate must have. That of the configured server, also for the others of its cluster.
    public var certificateName: String

    public init(host: String, port: UInt16 = 4_222, requiresTLS: Bool = false) {
        (self.host, self.port, self.requiresTLS, certificateName) = (host, port, requiresTLS, host)
    }

    /// - Parameter text: "tls://host:4222", "nats://host", "host:4222", "[::1]:4222". nil: it is none of these.
    public init?(_ text: String) {
        var rest = text[...]
        var requiresTLS = false
        if let scheme = text.firstIndex(of: ":"), text[scheme...].hasPrefix("://") {
            guard ["nats", "tls"].contains(text[..<scheme]) else { return nil }
            requiresTLS = text[..<scheme] == "tls"
            rest = text[text.index(scheme, offsetBy: 3)...]
        }
        var port = Substring("4222")
        let host: Substring
        if rest.hasPrefix("[") {
            guard let end = rest.firstIndex(of: "]") else { return nil }
            host = rest[rest.index(after: rest.startIndex)..<end]
            let after = rest[rest.index(after: end)...]
            if !after.isEmpty {
                guard after.hasPrefix(":") else { return nil }
                port = after.dropFirst()
            }
        } else if let colon = rest.firstIndex(of: ":") {
            host = rest[..<colon]
            port = rest[rest.index(after: colon)...]
        } else {
            host = rest
        }
        let isPlain = host.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"/@?#[]\"\\".utf8.contains($0) }
        guard isPlain, !host.isEmpty, host.utf8.count <= 255, port.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), let number = UInt16(port),
            number > 0
        else { return nil }
        self.init(host: String(host), port: number, requiresTLS: requiresTLS)
    }

    /// "bus.lan:4222".
    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// How a client shows who it is.
public enum NATSCredentials: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    case none
    case password(user: String, password: String)
    /// - publicText: `NKey.publicText`.
    /// - sign: The 64 bytes of the Ed25519 signature of what the server gives, or nil when it cannot be made.
    case key(publicText: String, sign: @Sendable ([UInt8]) -> [UInt8]?)

    public var description: String {
        switch self {
        case .none: "none"
        case .password(let user, _): "user \(user)"
        case .key(let text, _): "key \(text)"
        }
    }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// The servers in the order in which they are tried: those of the configuration, then those that they have named.
struct NATSServerList {
    private let configured: [NATSServer]
    private var learned: [NATSServer] = []
    private var place = 0

    init(_ servers: [NATSServer]) { configured = servers }

    var count: Int { configured.count + learned.count }
    /// nil only when there is none.
    var current: NATSServer? {
        if place < configured.count { return configured[place] }
        return place - configured.count < learned.count ? learned[place - configured.count] : nil
    }

    mutating func advance() { place = count == 0 ? 0 : (place + 1) % count }

    /// Takes the servers that the present one names, in the place of those that were named before.
    mutating func learn(_ texts: [String]) {
        guard let current else { return }
        var fresh: [NATSServer] = []
        for text in texts where fresh.count < NATSInfo.otherServersMax {
            guard var server = NATSServer(text) else { continue }
            server.requiresTLS = current.requiresTLS
            server.certificateName = current.certificateName
            let isKnown = (configured + fresh).contains { $0.host == server.host && $0.port == server.port }
            if !isKnown { fresh.append(server) }
        }
        learned = fresh
        // The present one stays the present one.
        if let kept = (configured + learned).firstIndex(of: current) {
            place = kept
        } else {
            learned.append(current)
            place = count - 1
        }
    }
}
