// One listening address of a host: makes a link of every connection.
// Must not know what becomes of the links.

import Host
import UV
import WebSocket

/// A listener that was opened with `UVHost.listen`.
public final class UVListener {
    /// The address as it was asked for; what rules are matched against.
    public let configured: ListenAddress
    /// The address as it was bound ("ws://127.0.0.1:12345"), with the kernel's port when 0 was asked for.
    public private(set) var address: String
    /// The bound port; 0 for a Unix socket.
    public private(set) var port: UInt16 = 0

    let owner: any LinkOwner
    let options: ListenerOptions
    let policy: AccessPolicy
    /// The text of `configured`, made once for all connections.
    let name: String
    private var listener: Listener?

    init(_ host: UVHost, _ address: ListenAddress, _ options: ListenerOptions, _ owner: any LinkOwner) throws(ListenError) {
        configured = address
        self.owner = owner
        self.options = options
        name = address.description
        self.address = name
        switch address {
        case .tcp(let hostName, _):
            policy = AccessPolicy(hosts: options.hosts + [hostName.contains(":") ? "[\(hostName)]" : hostName], origins: options.origins)
        case .unix:
            // Browsers cannot reach it, so there is nobody to be deceived.
            policy = AccessPolicy(hosts: ["*"], origins: ["*"])
        }
        do throws(UVError) {
            try listen(host)
        } catch {
            throw ListenError(error, at: address)
        }
    }

    private func listen(_ host: UVHost) throws(UVError) {
        let accepted: (ByteStream, String) -> Void = { [unowned host, unowned self] stream, peer in
            host.add(UVLink(host, stream, self, from: peer))
        }
        switch configured {
        case .tcp(let name, let port):
            let tcp = try TCPListener(on: host.loop, host: name, port: port, backlog: options.backlog, accepted: accepted)
            self.port = tcp.port
            address = ListenAddress.tcp(host: tcp.host, port: tcp.port).description
            listener = tcp
        case .unix(let path):
            listener = try PipeListener(on: host.loop, path: path, backlog: options.backlog, accepted: accepted)
        }
    }

    /// Connections that were closed at once because the process had no descriptor left.
    public var shedConnections: Int { listener?.shedConnections ?? 0 }

    /// Whether a dial to `endpoint` would end here, as far as the addresses tell; a name that is looked up may still lead here.
    public func isReached(by endpoint: Endpoint) -> Bool {
        switch (endpoint, configured) {
        case (.unix(let path), .unix(let own)): return path == own
        case (.webSocket(let host, let port, _), .tcp):
            guard port == self.port, case .tcp(let own, _)? = try? ListenAddress(address) else { return false }
            let isLocal = ListenAddress.tcp(host: host, port: port).isLocal
            switch own {
            case host: return true
            case "127.0.0.1", "::1": return host == "localhost" || host == "0.0.0.0" || host == "::"
            case "0.0.0.0", "::": return isLocal || host == "0.0.0.0" || host == "::"
            default: return false
            }
        default: return false
        }
    }

    /// Accepts no more; the connections there are stay. A second call does nothing.
    public func close() {
        listener?.close()
        listener = nil
    }
}
