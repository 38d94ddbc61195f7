// Where a Buttplug server listens or is reached, as one type for both.
// Must not know how people write it beyond the one usual spelling; UVHost reads the others.

/// Where a Buttplug server listens, or can be reached.
public enum Endpoint: Hashable, Sendable, CustomStringConvertible {
    /// WebSocket over TCP: `ws://host:port/path`. The host is a name or a literal (IPv6 without brackets), in lower case. To listen, port 0
    /// lets the kernel choose, and the path is "/". With `isSecure` it is `wss://`: the same over TLS.
    case webSocket(host: String, port: UInt16, path: String = "/", isSecure: Bool = false)
    /// WebSocket over a Unix socket.
    case unix(path: String)

    /// As people write it, but for a token in the path: "ws://127.0.0.1:12345/path", "unix:///run/plugboard.sock". It goes to logs, states
    /// and names of devices.
    public var description: String {
        switch self {
        case .webSocket(let host, let port, let path, let isSecure):
            "\(isSecure ? "wss" : "ws")://\(Self.bracketed(host)):\(port)\(path == "/" ? "" : Redaction.redacted(path))"
        case .unix(let path): "unix://\(path)"
        }
    }

    /// Whether what is sent there is encrypted.
    public var isSecure: Bool { if case .webSocket(_, _, _, true) = self { true } else { false } }

    /// The same address with or without TLS.
    public func secured(_ isSecure: Bool) -> Endpoint {
        guard case .webSocket(let host, let port, let path, _) = self else { return self }
        return .webSocket(host: host, port: port, path: path, isSecure: isSecure)
    }

    /// A host as it stands before a port: an IPv6 address in brackets.
    public static func bracketed(_ host: String) -> String { host.contains(":") ? "[\(host)]" : host }
}
