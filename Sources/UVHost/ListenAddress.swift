// What a listener asks of its address: who can reach it, what `localhost` stands for, which two cannot be had at once.
// Must not open sockets or ask a name server.

import Host
import UV
import WebSocket

extension Endpoint {
    /// Whether only this computer can reach it. A name other than `localhost` counts as reachable from elsewhere.
    public var isLocal: Bool {
        switch self {
        case .unix: true
        case .webSocket(let host, _, _, _): HostName(host)?.isLoopback ?? false
        }
    }

    /// The address of a socket that was passed to this process.
    public init(_ socket: PassedSocket, isSecure: Bool = false) {
        self = socket.host.map { .webSocket(host: $0, port: socket.port, isSecure: isSecure) } ?? .unix(path: socket.path)
    }

    /// The addresses to be bound. `localhost` is two: programs take the one or the other of what a name server tells them.
    package var targets: [Endpoint] {
        guard case .webSocket(let host, let port, _, let isSecure) = self, case .name? = HostName(host), isLocal else { return [self] }
        return ["127.0.0.1", "::1"].map { .webSocket(host: $0, port: port, isSecure: isSecure) }
    }

    /// Where to listen when one of the addresses is taken.
    func without(_ taken: Endpoint) -> Endpoint { targets.first { $0 != taken } ?? self }

    /// Whether both cannot be listened on at once: they are one address in two forms, or one covers the other.
    public func collides(with other: Endpoint) -> Bool {
        switch (self, other) {
        case (.unix(let a), .unix(let b)): return Self.tidied(a) == Self.tidied(b)
        case (.webSocket(_, let a, _, _), .webSocket(_, let b, _, _)):
            guard a == b, a != 0 else { return false }
            return targets.contains { target in other.targets.contains { target.covers($0) || $0.covers(target) } }
        default: return false
        }
    }

    /// Whether a listener here has that one too. A name is not looked up; it is among all addresses in any case.
    private func covers(_ other: Endpoint) -> Bool {
        guard case .webSocket(let host, _, _, _) = self, case .webSocket(let inner, _, _, _) = other, let own = HostName(host),
            let name = HostName(inner)
        else { return false }
        return own == name || own.isUnspecified && (own.isIPv6 || !name.isIPv6)
    }

    /// A path without the parts that change nothing.
    private static func tidied(_ path: String) -> String {
        let parts = path.split(separator: "/").filter { $0 != "." }
        return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
    }

    /// Whether a dial to `goal` ends at this bound address.
    func isReached(at goal: Endpoint) -> Bool {
        guard case .webSocket(let host, _, _, _) = self, case .webSocket(let other, _, _, _) = goal, let own = HostName(host),
            let name = HostName(other)
        else { return false }
        return own == name || own.isUnspecified && (name.isLoopback || name.isUnspecified) && (own.isIPv6 || !name.isIPv6)
    }

    /// The addresses at which a dial ends: all addresses as the goal of a dial are this computer itself.
    var goals: [Endpoint] {
        guard case .webSocket(let host, let port, _, _) = self, HostName(host)?.isUnspecified == true else { return targets }
        return targets + ["127.0.0.1", "::1"].map { .webSocket(host: $0, port: port) }
    }
}
