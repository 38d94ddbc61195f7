// Where to listen, as people write it: ws://host:port or unix://path.
// Must not know sockets; it reads and writes text.

/// An address to listen on.
public enum ListenAddress: Hashable, Sendable, CustomStringConvertible {
    /// WebSocket over TCP. The host is a name or a literal (IPv6 without brackets); port 0 lets the kernel choose.
    case tcp(host: String, port: UInt16)
    /// WebSocket over a Unix socket.
    case unix(path: String)

    /// Reads `ws://HOST:PORT` (IPv6 in brackets, a closing slash allowed) or `unix://PATH`.
    /// - Throws: `ListenError.badAddress` with what is wrong and what to write.
    public init(_ text: String) throws(ListenError) {
        if text.hasPrefix("unix://") {
            let path = String(text.dropFirst("unix://".count))
            guard !path.isEmpty else { throw .badAddress(text, "the path is missing: write unix:///run/plugboard.sock") }
            guard !path.utf8.contains(0) else { throw .badAddress(text, "a path cannot contain a zero byte") }
            self = .unix(path: path)
            return
        }
        guard text.hasPrefix("ws://") else {
            let hint = text.hasPrefix("wss://") ? "TLS is not supported: write ws://" : "write ws://HOST:PORT or unix://PATH"
            throw .badAddress(text, hint)
        }
        var rest = text.dropFirst("ws://".count)
        if rest.hasSuffix("/") { rest.removeLast() }
        guard let colon = rest.lastIndex(of: ":"), !rest[colon...].contains("]") else {
            throw .badAddress(text, "the port is missing: write ws://HOST:PORT")
        }
        let digits = rest[rest.index(after: colon)...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let port = UInt16(digits) else {
            throw .badAddress(text, "the port must be a number from 0 to 65535")
        }
        var host = rest[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            throw .badAddress(text, "an IPv6 address stands in brackets: write ws://[::1]:12345")
        }
        guard !host.isEmpty, !host.utf8.contains(where: { $0 <= 0x20 || $0 == 0x2F || $0 == 0x5B || $0 == 0x5D }) else {
            throw .badAddress(text, "the host is missing or malformed: write ws://127.0.0.1:12345")
        }
        self = .tcp(host: String(host), port: port)
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
        case .tcp(let host, _): host == "localhost" || host == "::1" || isLoopbackIPv4(host)
        }
    }

    private func isLoopbackIPv4(_ host: String) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
