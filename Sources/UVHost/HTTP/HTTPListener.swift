// A listener for plain HTTP on the host's loop, and its connections: requests out, answers in.
// Must not know what is asked, nor what the answers mean.

import HTTP
import Host
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
    /// The bound address: "http://127.0.0.1:12380" or "unix:///run/plugboard/admin.sock".
    public let address: String
    unowned let host: UVHost
    unowned let answerer: any HTTPAnswerer
    let policy: AccessPolicy
    private var listener: Listener?
    private(set) var connections: [ObjectIdentifier: HTTPConnection] = [:]

    /// Connections at once; one more is closed.
    public static let connectionsMax = 1_200
    /// A request that is not whole after so long, or a connection without one for so long, is closed.
    static let requestTimeout = Interval.seconds(10)
    static let idleTimeout = Interval.seconds(120)

    /// Listens on a TCP address.
    /// - Parameters:
    ///   - host: Whose loop it lives on.
    ///   - name: A name or address; a client has to name it, or a loopback name, in `Host`.
    ///   - port: 0 lets the kernel choose.
    ///   - answerer: Gets the requests; it must outlive the listener.
    /// - Throws: What binding or listening met.
    public init(on host: UVHost, name: String, port: UInt16, answerer: any HTTPAnswerer) throws(UVError) {
        isUnix = false
        self.host = host
        self.answerer = answerer
        policy = AccessPolicy(hosts: [name], origins: [])
        weak var own: HTTPListener?
        let tcp = try TCPListener(on: host.loop, host: name, port: port, accepted: { stream, _ in own?.accepted(stream) })
        listener = tcp
        address = "http://" + (tcp.host.contains(":") ? "[\(tcp.host)]" : tcp.host) + ":\(tcp.port)"
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
        self.host = host
        self.answerer = answerer
        policy = AccessPolicy(hosts: ["*"], origins: ["*"])
        weak var own: HTTPListener?
        listener = try PipeListener(on: host.loop, path: path, accepted: { stream, _ in own?.accepted(stream) })
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
        self.host = host
        self.answerer = answerer
        policy = socket.host.map { AccessPolicy(hosts: [$0], origins: []) } ?? AccessPolicy(hosts: ["*"], origins: ["*"])
        weak var own: HTTPListener?
        listener = try PassedListener(on: host.loop, socket, accepted: { stream, _ in own?.accepted(stream) })
        address = socket.host == nil ? "unix://" + socket.path : "http" + Endpoint(socket).description.dropFirst(2)
        own = self
    }

    private func accepted(_ stream: ByteStream) {
        guard connections.count < Self.connectionsMax else { return stream.reset() }
        let connection = HTTPConnection(stream, self)
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
