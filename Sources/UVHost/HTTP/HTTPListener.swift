// A listener for HTTP, plain or over TLS, on the host's loop, and its connections: requests out, answers in.
// Must not know what is asked, nor what the answers mean.

import HTTP
import Host
import SecureStreams
import TLS
import UV
import WebSocket

/// An object that answers requests.
public protocol HTTPAnswerer: AnyObject {
    /// A whole request. It is answered with `HTTPConnection.respond` or `stream`, now or later; the next one waits until then.
    func requested(_ request: HTTPRequest, by connection: HTTPConnection)
    /// The connection is gone.
    func ended(_ connection: HTTPConnection)
}

/// An open listener for HTTP.
public final class HTTPListener {
    public let isUnix: Bool
    /// Whether its connections are encrypted. Its clients may be anywhere.
    public var isSecure: Bool { tls != nil }
    /// Whether only this computer reaches it.
    let isLocal: Bool
    /// The bound address: "http://127.0.0.1:12380", "https://…" or "unix:///run/plugboard/admin.sock".
    public let address: String
    unowned let host: UVHost
    unowned let answerer: any HTTPAnswerer
    private(set) var policy: AccessPolicy
    /// A request that is not whole after so long is answered 408, and a stranger is closed.
    let requestTimeout: Interval
    private let strangersMax: Int
    private let name: String?
    private var listener: Listener?
    /// The certificate of the connections to come.
    private var tls: TLSContext?
    private(set) var connections: [ObjectIdentifier: HTTPConnection] = [:]

    /// Connections at once; one more is closed.
    public static let connectionsMax = 1_200
    /// A connection without a request for so long is closed.
    static let idleTimeout = Interval.seconds(120)

    /// What a TCP listener is told in addition to its address.
    public struct Options {
        /// The certificate; nil: the connections are not encrypted.
        public var tls: TLSContext?
        /// Names that a client may use in `Host`, in addition to loopback names and the listener's own.
        public var hosts: [String]
        /// `strangers` and `headTimeout` hold for connections that were not let in yet.
        public var limits: Limits

        public init(tls: TLSContext? = nil, hosts: [String] = [], limits: Limits = Limits()) {
            self.tls = tls
            self.hosts = hosts
            self.limits = limits
        }
    }

    /// Listens on a TCP address.
    /// - Parameters:
    ///   - host: Whose loop it lives on.
    ///   - name: A name or address; a client has to name it, or a loopback name, in `Host`.
    ///   - port: 0 lets the kernel choose.
    ///   - options: The certificate, and further names.
    ///   - answerer: Gets the requests; it must outlive the listener.
    /// - Throws: What binding or listening met.
    public init(
        on host: UVHost, name: String, port: UInt16, options: Options = Options(), answerer: any HTTPAnswerer
    ) throws(UVError) {
        isUnix = false
        isLocal = Endpoint.webSocket(host: name, port: port).isLocal
        self.host = host
        self.answerer = answerer
        tls = options.tls
        self.name = name
        policy = AccessPolicy(hosts: options.hosts + [name], origins: [])
        requestTimeout = options.limits.headTimeout
        strangersMax = options.limits.strangers
        weak var own: HTTPListener?
        let tcp = try TCPListener(on: host.loop, host: name, port: port, accepted: { own?.accepted($0, $1) })
        listener = tcp
        let scheme = options.tls == nil ? "http" : "https"
        address = "\(scheme)://" + (tcp.host.contains(":") ? "[\(tcp.host)]" : tcp.host) + ":\(tcp.port)"
        own = self
    }

    /// Listens on a Unix socket that only this user may open.
    /// - Parameters:
    ///   - host: Whose loop it lives on.
    ///   - path: The socket's file.
    ///   - answerer: Gets the requests; it must outlive the listener.
    /// - Throws: What binding or listening met.
    public init(on host: UVHost, path: String, answerer: any HTTPAnswerer) throws(UVError) {
        isUnix = true
        isLocal = true
        self.host = host
        self.answerer = answerer
        name = nil
        policy = AccessPolicy(hosts: ["*"], origins: ["*"])
        (requestTimeout, strangersMax) = (Limits().headTimeout, Self.connectionsMax)
        weak var own: HTTPListener?
        listener = try PipeListener(on: host.loop, path: path, accepted: { own?.accepted($0, $1) })
        address = "unix://" + path
        own = self
    }

    /// Listens on a socket that was passed to this process.
    /// - Parameters:
    ///   - host: Whose loop it lives on.
    ///   - socket: The socket; its file belongs to the process that made it.
    ///   - answerer: Gets the requests; it must outlive the listener.
    /// - Throws: What watching it met.
    public init(on host: UVHost, passed socket: PassedSocket, answerer: any HTTPAnswerer) throws(UVError) {
        isUnix = socket.host == nil
        isLocal = Endpoint(socket).isLocal
        self.host = host
        self.answerer = answerer
        name = socket.host
        (requestTimeout, strangersMax) = (Limits().headTimeout, Self.connectionsMax)
        policy = socket.host.map { AccessPolicy(hosts: [$0], origins: []) } ?? AccessPolicy(hosts: ["*"], origins: ["*"])
        weak var own: HTTPListener?
        listener = try PassedListener(on: host.loop, socket, accepted: { own?.accepted($0, $1) })
        address = socket.host == nil ? "unix://" + socket.path : "http" + Endpoint(socket).description.dropFirst(2)
        own = self
    }

    /// Shows another certificate from now on; the connections there are keep theirs.
    public func renew(_ context: TLSContext) { if isSecure { tls = context } }

    /// Names that a client may use in `Host` from now on, in addition to loopback names and the listener's own.
    public func allow(hosts: [String]) {
        if isSecure, let name { policy = AccessPolicy(hosts: hosts + [name], origins: []) }
    }

    /// Ends every connection at once: what let them in counts no more.
    public func cutAll() { for (_, connection) in connections { connection.cut() } }

    private func accepted(_ stream: ByteStream, _ peer: String) {
        let isFull = connections.count >= Self.connectionsMax
        if isFull || (isSecure && connections.values.count(where: \.isStranger) >= strangersMax) {
            // Those that were never let in give way first.
            guard let oldest = connections.values.filter({ !$0.isKnown }).min(by: { $0.since < $1.since }) else { return stream.reset() }
            oldest.cut()
        }
        let transport: any ByteTransport =
            if let tls { SecureTransport(stream, host.secureRoom, server: tls, hasPreface: false) } else { stream }
        let connection = HTTPConnection(transport, self, peer: peer)
        connections[ObjectIdentifier(connection)] = connection
        connection.start()
    }

    func remove(_ connection: HTTPConnection) {
        guard connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
        answerer.ended(connection)
    }

    /// Closes connections that have had their time. Called about once a second.
    public func checkDeadlines() {
        let now = host.now
        for (_, connection) in connections where connection.isOverdue(at: now) { connection.timedOut() }
    }

    /// Accepts no more, and closes every connection once what was written has left.
    public func close() {
        listener?.close()
        listener = nil
        for (_, connection) in connections { connection.close() }
    }
}
