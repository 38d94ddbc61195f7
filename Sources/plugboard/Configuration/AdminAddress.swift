// Where the admin interface listens, as `[admin] listen` writes it.
// Must not open anything.

import Host
import Platform
import WebSocket

/// An address of `[admin] listen`.
enum AdminAddress: Hashable, Sendable {
    /// The usual Unix socket.
    case usualSocket
    case unix(path: String)
    case http(host: String, port: UInt16)
    /// The same over TLS, where other computers may reach it.
    case https(host: String, port: UInt16)

    /// The addresses when the configuration names none.
    static let standard = ["unix", "http://127.0.0.1:12380"]

    /// nil when the text is no such address.
    init?(_ text: String) {
        if text == "unix" {
            self = .usualSocket
        } else if text.hasPrefix("unix://"), text.utf8.count > 7 {
            self = .unix(path: String(text.dropFirst(7)))
        } else if text.hasPrefix("http://"), let address = try? Endpoint("ws://" + text.dropFirst(7), for: .listening),
            case .webSocket(let host, let port, _, _) = address
        {
            self = .http(host: host, port: port)
        } else if text.hasPrefix("https://"), let address = try? Endpoint("wss://" + text.dropFirst(8), for: .listening),
            case .webSocket(let host, let port, _, _) = address
        {
            self = .https(host: host, port: port)
        } else {
            return nil
        }
    }

    /// Whether it needs a certificate.
    var isSecure: Bool { if case .https = self { true } else { false } }

    /// Whether only this computer reaches it.
    var isLocal: Bool {
        switch self {
        case .usualSocket, .unix: true
        case .http(let host, _), .https(let host, _): HostName(host)?.isLoopback ?? false
        }
    }

    /// Where the usual Unix socket is; nil where the environment names no folder for it.
    static func usualPath(_ environment: [String: String]) -> String? { usualPaths(environment).first }

    /// Where it may be, the first one first: a program without a session of its own (cron, ssh, a container) has no folder for what runs,
    /// so that the socket is beside the state file there.
    static func usualPaths(_ environment: [String: String]) -> [String] {
        var paths: [String] = []
        for (name, rest) in [("RUNTIME_DIRECTORY", "/admin.sock"), ("XDG_RUNTIME_DIR", "/plugboard/admin.sock")] {
            guard let folder = environment[name]?.split(separator: ":").first, folder.hasPrefix("/") else { continue }
            paths.append(folder + rest)
        }
        if let state = ConfigurationFiles.stateFile(environment) { paths.append(FileTree.folder(of: state) + "/admin.sock") }
        return paths
    }
}
