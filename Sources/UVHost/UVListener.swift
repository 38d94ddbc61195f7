// One listening address of a host: makes a link of every connection.
// Must not know what becomes of the links.

import Host
import UV
import WebSocket

/// A listener that was opened with `UVHost.listen`.
public final class UVListener {
    /// The address as it was asked for; what rules are matched against.
    public let configured: ListenAddress
    /// The addresses as they were bound ("ws://127.0.0.1:12345"), with the kernel's port when 0 was asked for. `localhost` is two where the
    /// computer has IPv6.
    public private(set) var addresses: [String] = []
    /// The first of the addresses.
    public var address: String { addresses.first ?? name }
    /// The bound port; 0 for a Unix socket.
    public private(set) var port: UInt16 = 0

    let owner: any LinkOwner
    let options: ListenerOptions
    private(set) var policy: AccessPolicy
    /// The text of `configured`, made once for all connections.
    let name: String
    /// What else rules may call it: the addresses that `localhost` stands for.
    let otherNames: [String]
    private var listeners: [Listener] = []

    init(_ host: UVHost, _ address: ListenAddress, _ options: ListenerOptions, _ owner: any LinkOwner) throws(ListenError) {
        configured = address
        self.owner = owner
        self.options = options
        name = address.description
        otherNames = address.places.filter { $0 != address }.map(\.description)
        policy = Self.policy(address, hosts: options.hosts, origins: options.origins)
        do throws(UVError) {
            try listen(host)
        } catch {
            close()
            throw ListenError(error, at: address)
        }
        guard let taken else { return }
        close()
        throw .halfInUse(configured, taken)
    }

    /// Listens on a socket that was passed to this process.
    init(_ host: UVHost, _ socket: PassedSocket, _ options: ListenerOptions, _ owner: any LinkOwner) throws(ListenError) {
        let address = ListenAddress(socket)
        configured = address
        self.owner = owner
        self.options = options
        name = address.description
        otherNames = []
        policy = Self.policy(address, hosts: options.hosts, origins: options.origins)
        port = socket.port
        addresses = [name]
        do throws(UVError) { listeners = [try PassedListener(on: host.loop, socket, accepted: accepted(host))] } catch {
            throw ListenError(error, at: address)
        }
    }

    private static func policy(_ address: ListenAddress, hosts: [String], origins: [String]) -> AccessPolicy {
        switch address {
        case .tcp(let host, _): AccessPolicy(hosts: hosts + [host], origins: origins)
        // Browsers cannot reach it, so there is nobody to be deceived.
        case .unix: AccessPolicy(hosts: ["*"], origins: ["*"])
        }
    }

    /// Allows other hosts and origins from now on; the sessions there are stay.
    public func allow(hosts: [String], origins: [String]) { policy = Self.policy(configured, hosts: hosts, origins: origins) }

    // MARK: Sockets

    /// One of the two addresses of `localhost` that somebody else has.
    private var taken: ListenAddress?

    private func listen(_ host: UVHost) throws(UVError) {
        switch configured {
        case .tcp(let name, let port) where configured.places.count == 1: try listen(host, name, port)
        case .tcp(_, let port): try listenOnLocalhost(host, port)
        case .unix(let path):
            listeners = [
                try PipeListener(
                    on: host.loop, path: path, mode: options.unixMode, group: options.unixGroup, backlog: options.backlog,
                    accepted: accepted(host))
            ]
            addresses = [name]
        }
    }

    private func listen(_ host: UVHost, _ name: String, _ port: UInt16) throws(UVError) {
        let tcp = try TCPListener(on: host.loop, host: name, port: port, backlog: options.backlog, accepted: accepted(host))
        self.port = tcp.port
        addresses.append(ListenAddress.tcp(host: tcp.host, port: tcp.port).description)
        listeners.append(tcp)
    }

    /// Both addresses, at one port; the one there is on a computer that has no IPv6, or only that.
    private func listenOnLocalhost(_ host: UVHost, _ port: UInt16) throws(UVError) {
        var tries = port == 0 ? Self.triesMax : 1
        while true {
            tries -= 1
            let missing = try listenIfThere(host, "127.0.0.1", port)
            do throws(UVError) {
                // Without the one the other has to be there.
                if missing != nil { return try listen(host, "::1", port) }
                _ = try listenIfThere(host, "::1", self.port)
                return
            } catch {
                guard missing == nil, error.isAddressInUse else { throw missing ?? error }
                guard tries > 0 else { return taken = .tcp(host: "::1", port: self.port) }
                // The kernel's choice for the one is taken at the other.
                close()
                addresses = []
            }
        }
    }

    private static let triesMax = 16

    /// Listens on an address if the computer has such; says so if not.
    private func listenIfThere(_ host: UVHost, _ name: String, _ port: UInt16) throws(UVError) -> UVError? {
        do throws(UVError) { try listen(host, name, port) } catch {
            guard error.isFamilyMissing || error.isAddressNotAvailable else { throw error }
            return error
        }
        return nil
    }

    private func accepted(_ host: UVHost) -> (ByteStream, String) -> Void {
        { [unowned host, unowned self] stream, peer in host.add(UVLink(host, stream, self, from: peer)) }
    }

    /// Connections that were closed at once because the process had no descriptor left.
    public var shedConnections: Int { listeners.reduce(0) { $0 + $1.shedConnections } }

    /// Whether a dial to `endpoint` would end here, as far as the addresses tell; a name that is looked up may still lead here.
    public func isReached(by endpoint: Endpoint) -> Bool {
        switch (endpoint, configured) {
        case (.unix, .unix(let own)): return ListenAddress.unix(path: own).collides(with: Self.address(endpoint))
        case (.webSocket(_, let port, _), .tcp):
            guard port == self.port else { return false }
            let dialled = Self.address(endpoint)
            // All addresses as the goal of a dial are this computer itself.
            let goals = dialled.places + (dialled.isUnspecified ? ["127.0.0.1", "::1"].map { .tcp(host: $0, port: port) } : [])
            return addresses.contains { own in
                guard let own = try? ListenAddress(own) else { return false }
                return goals.contains { own.isReached(at: $0) }
            }
        default: return false
        }
    }

    private static func address(_ endpoint: Endpoint) -> ListenAddress {
        switch endpoint {
        case .webSocket(let host, let port, _): .tcp(host: host, port: port)
        case .unix(let path): .unix(path: path)
        }
    }

    /// Accepts no more; the connections there are stay. A second call does nothing.
    public func close() {
        for listener in listeners { listener.close() }
        listeners = []
    }
}

extension ListenAddress {
    fileprivate var isUnspecified: Bool {
        if case .tcp(let host, _) = self { HostName(host)?.isUnspecified ?? false } else { false }
    }

    /// Whether a dial to an address ends at this bound one.
    fileprivate func isReached(at goal: ListenAddress) -> Bool {
        guard case .tcp(let host, _) = self, case .tcp(let other, _) = goal, let own = HostName(host), let name = HostName(other) else {
            return false
        }
        return own == name || own.isUnspecified && (name.isLoopback || name.isUnspecified) && (own.isIPv6 || !name.isIPv6)
    }
}
