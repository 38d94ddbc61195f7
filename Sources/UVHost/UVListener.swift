// One listening address of a host: makes a link of every connection.
// Must not know what becomes of the links.

import Entrance
import Host
import SecureStreams
import TLS
import UV
import WebSocket

/// A listener that was opened with `UVHost.listen`.
public final class UVListener {
    /// The address as it was asked for; what rules are matched against.
    public let configured: Endpoint
    /// The addresses as they were bound ("ws://127.0.0.1:12345"), with the kernel's port when 0 was asked for. `localhost` is two where the
    /// computer has IPv6.
    public var addresses: [String] { bound.map(\.description) }
    /// The first of the addresses.
    public var address: String { bound.first?.description ?? name }
    /// The bound port; 0 for a Unix socket.
    public private(set) var port: UInt16 = 0

    /// Only a proxy connects here, with the PROXY protocol.
    public var isForProxies: Bool { options.expectsProxyHeader }

    private var bound: [Endpoint] = []
    let owner: any LinkOwner
    let options: ListenerOptions
    private(set) var gate: Gate
    /// The text of `configured`, made once for all connections.
    let name: String
    /// What else rules may call it: the addresses of `localhost`.
    let otherNames: [String]
    private var listeners: [Listener] = []
    /// The certificate of the connections to come; nil: they are not encrypted.
    private var tls: TLSContext?

    init(_ host: UVHost, _ address: Endpoint, _ options: ListenerOptions, _ owner: any LinkOwner) throws(ListenError) {
        configured = address
        self.owner = owner
        self.options = options
        name = address.description
        otherNames = address.targets.filter { $0 != address }.map(\.description)
        gate = Self.gate(address, options)
        tls = options.tls
        if address.isSecure, tls == nil { throw .noCertificate(address) }
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

    /// Listens on a socket that was passed to this process; with TLS where the options have a certificate.
    init(_ host: UVHost, _ socket: PassedSocket, _ options: ListenerOptions, _ owner: any LinkOwner) throws(ListenError) {
        let address = Endpoint(socket, isSecure: options.tls != nil)
        tls = options.tls
        configured = address
        self.owner = owner
        self.options = options
        name = address.description
        otherNames = []
        gate = Self.gate(address, options)
        port = socket.port
        bound = [address]
        do throws(UVError) { listeners = [try PassedListener(on: host.loop, socket, accepted: accepted(host))] } catch {
            throw ListenError(error, at: address)
        }
    }

    private static func policy(_ address: Endpoint, hosts: [String], origins: [String]) -> AccessPolicy {
        switch address {
        case .webSocket(let host, _, _, _): AccessPolicy(hosts: hosts + [host], origins: origins)
        // Browsers cannot reach it, so nobody can be misled.
        case .unix: AccessPolicy(hosts: ["*"], origins: ["*"])
        }
    }

    private static func gate(_ address: Endpoint, _ options: ListenerOptions) -> Gate {
        Gate(
            policy: policy(address, hosts: options.hosts, origins: options.origins), need: options.tokenNeed,
            trusted: TrustedProxies(options.trustedProxies), expectsProxyHeader: options.expectsProxyHeader, tokens: options.tokens)
    }

    /// Allows other hosts and origins from now on; the sessions there are stay.
    public func allow(hosts: [String], origins: [String]) { gate.policy = Self.policy(configured, hosts: hosts, origins: origins) }

    /// Asks others for a token from now on, and believes other proxies; the sessions there are stay.
    public func demand(_ need: TokenNeed, trusting proxies: [String]) {
        gate.need = need
        gate.trusted = TrustedProxies(proxies)
    }

    /// Shows another certificate from now on; the sessions there are keep theirs. A listener without TLS stays so.
    public func renew(_ context: TLSContext) { if configured.isSecure { tls = context } }

    // MARK: Sockets

    /// One of the two addresses of `localhost` that somebody else has.
    private var taken: Endpoint?

    private func listen(_ host: UVHost) throws(UVError) {
        switch configured {
        case .webSocket(let name, let port, _, _) where configured.targets.count == 1: try listen(host, name, port)
        case .webSocket(_, let port, _, _): try listenOnLocalhost(host, port)
        case .unix(let path):
            listeners = [
                try PipeListener(
                    on: host.loop, path: path, mode: options.unixMode, group: options.unixGroup, backlog: options.backlog,
                    accepted: accepted(host))
            ]
            bound = [configured]
        }
    }

    private func listen(_ host: UVHost, _ name: String, _ port: UInt16) throws(UVError) {
        let tcp = try TCPListener(on: host.loop, host: name, port: port, backlog: options.backlog, accepted: accepted(host))
        self.port = tcp.port
        bound.append(.webSocket(host: tcp.host, port: tcp.port, isSecure: configured.isSecure))
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
                guard tries > 0 else { return taken = .webSocket(host: "::1", port: self.port, isSecure: configured.isSecure) }
                // The kernel's choice for the one is taken at the other.
                close()
                bound = []
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
        { [unowned host, unowned self] stream, peer in
            host.add(UVLink(host, transport(over: stream, host), .server(self, peer: peer)))
        }
    }

    private func transport(over stream: ByteStream, _ host: UVHost) -> any ByteTransport {
        guard configured.isSecure, let tls else { return stream }
        return SecureTransport(stream, host.secureRoom, server: tls, hasPreface: options.expectsProxyHeader)
    }

    /// Connections that were closed at once because the process had no descriptor left.
    public var shedConnections: Int { listeners.reduce(0) { $0 + $1.shedConnections } }

    /// Whether a dial to `endpoint` would end here, as far as the addresses show; a name that is looked up may still lead here.
    public func isReached(by endpoint: Endpoint) -> Bool {
        switch (endpoint, configured) {
        case (.unix, .unix): return configured.collides(with: endpoint)
        case (.webSocket(_, let port, _, _), .webSocket):
            guard port == self.port else { return false }
            let goals = endpoint.goals
            return bound.contains { own in goals.contains { own.isReached(at: $0) } }
        default: return false
        }
    }

    /// Accepts no more; the connections there are stay. A second call does nothing.
    public func close() {
        for listener in listeners { listener.close() }
        listeners = []
    }
}

extension UVHost {
    /// Listens on an address as people write it: `ws://HOST:PORT`, `wss://HOST:PORT` or `unix://PATH`.
    public func listen(
        on text: String, options: ListenerOptions = ListenerOptions(), owner: any LinkOwner
    ) throws(ListenError) -> UVListener {
        let address: Endpoint
        do throws(BadAddress) { address = try Endpoint(text, for: .listening) } catch { throw .badAddress(error) }
        return try listen(on: address, options: options, owner: owner)
    }
}
