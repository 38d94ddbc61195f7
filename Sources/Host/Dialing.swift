// The seam for connections that we open: where to, what may go wrong, and who hears of it.
// Must not know WebSocket; a world dials and hands over a `Link` like any other.

/// Where a Buttplug server can be reached.
public enum Endpoint: Hashable, Sendable {
    /// `ws://host:port/path`.
    case webSocket(host: String, port: UInt16, path: String)
    /// WebSocket over a Unix socket.
    case unix(path: String)
}

/// Why a connection could not be opened.
public enum DialFailure: Error, Hashable, Sendable {
    /// Nobody listens there, or a server that takes only one client has one.
    case refused
    /// No connection, or no WebSocket handshake, within the time given.
    case timedOut
    /// The name is unknown, or there is no way there; the text is the system's.
    case unreachable(String)
    /// Somebody answered, but not as a WebSocket server; the text says how.
    case notWebSocket(String)
}

/// A world that can open connections.
public protocol Dialer: Host {
    /// Opens a connection for `owner`, which must have no dial under way. The outcome is `opened`, or `dialFailed`, in a later turn. The
    /// world keeps the owner until then.
    func dial(_ endpoint: Endpoint, timeout: Interval, for owner: any DialOwner)
    /// 64 bits of the world's chance: unpredictable in the real one, of the seed in a simulated one.
    func drawSeed() -> UInt64
    /// Gives up the dial under way, if there is one; the owner hears nothing more of it.
    func cancelDial(for owner: any DialOwner)
}

/// An owner of links that opens them itself. `opened` tells it of one, with the endpoint as the peer's `listener`.
public protocol DialOwner: LinkOwner {
    func dialFailed(_ failure: DialFailure, at now: Instant)
}

extension Endpoint: CustomStringConvertible {
    /// The endpoint as people write it: "ws://127.0.0.1:12345/path", "unix:///run/plugboard.sock".
    public var description: String {
        switch self {
        case .webSocket(let host, let port, let path): "ws://\(host.contains(":") ? "[\(host)]" : host):\(port)\(path == "/" ? "" : path)"
        case .unix(let path): "unix://\(path)"
        }
    }

    /// Reads "ws://HOST[:PORT][/PATH]" (port 12345 when absent) or "unix://PATH"; nil for anything else. Scheme and host may be in upper case.
    public init?(_ text: String) {
        if text.prefix(7).lowercased() == "unix://" {
            let path = String(text.dropFirst(7))
            guard !path.isEmpty else { return nil }
            self = .unix(path: path)
            return
        }
        guard text.prefix(5).lowercased() == "ws://" else { return nil }
        let rest = text.dropFirst(5)
        let authority = rest.prefix { $0 != "/" }
        let path = rest.dropFirst(authority.count)
        var host = authority
        var port: UInt16 = 12_345
        if authority.hasPrefix("[") {
            guard let close = authority.firstIndex(of: "]") else { return nil }
            host = authority[authority.index(after: authority.startIndex)..<close]
            let tail = authority[authority.index(after: close)...]
            if !tail.isEmpty {
                guard tail.first == ":", let number = UInt16(tail.dropFirst()) else { return nil }
                port = number
            }
        } else if let colon = authority.firstIndex(of: ":") {
            host = authority[..<colon]
            guard let number = UInt16(authority[authority.index(after: colon)...]) else { return nil }
            port = number
        }
        guard !host.isEmpty, port != 0 else { return nil }
        self = .webSocket(host: host.lowercased(), port: port, path: path.isEmpty ? "/" : String(path))
    }
}
