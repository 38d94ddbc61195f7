// Ways to a server: the protocol others can implement, and the one value that call sites name.
// Must not know what is said over a connection.

import Host

/// A way to a server. All calls come on the loop of the client's world.
public protocol Connector: Sendable {
    /// The way in words, for logs: "ws://127.0.0.1:12345".
    var name: String { get }
    /// Begins to open one connection for `owner`, which is attached to the world's host. The owner is told the outcome in a later turn:
    /// `opened`, or `dialFailed`.
    /// - Throws: when it is clear at once that this way leads nowhere.
    func open(for owner: any DialOwner, in world: any ClientWorld, within timeout: Interval) throws(ConnectorError) -> any ConnectionAttempt
}

/// A connection on its way.
public protocol ConnectionAttempt: AnyObject {
    /// The attempt is over: it has led to a connection, which stays, or it is given up and the owner must get no more calls about it.
    func end()
}

/// Which way, or ways, a client takes to its server.
public struct Route: Sendable {
    /// In the order in which they are tried.
    let connectors: [any Connector]

    /// "ws://HOST:PORT/PATH"; port 12345 when none is given.
    public static func webSocket(_ url: String) -> Route { Route(connectors: [DialConnector(url: url)]) }
    /// WebSocket over a Unix socket.
    public static func unix(_ path: String) -> Route { Route(connectors: [DialConnector(url: "unix://" + path)]) }
    /// Waits for a server that dials out to us.
    /// - Parameters:
    ///   - port: A port of the loopback address; 0 lets the kernel choose one.
    ///   - listening: Told the port, on the loop, each time the client has begun to listen.
    public static func accept(port: UInt16, listening: (@Sendable (UInt16) -> Void)? = nil) -> Route {
        Route(connectors: [AcceptConnector(port: port, listening: listening)])
    }
    /// A server in this process: no sockets. It must live in the client's world.
    public static func embedded(_ server: any EmbeddedEndpoint) -> Route { Route(connectors: [EmbeddedConnector(server: server)]) }
    /// Somebody's own connector.
    public static func connector(_ connector: any Connector) -> Route { Route(connectors: [connector]) }
    /// One after the other, until one leads to a server that answers. Each has the whole connect timeout.
    public static func firstAvailable(_ routes: [Route]) -> Route { Route(connectors: routes.flatMap(\.connectors)) }
}

/// Dials.
struct DialConnector: Connector {
    let url: String
    var name: String { url }

    func open(for owner: any DialOwner, in world: any ClientWorld, within timeout: Interval) throws(ConnectorError) -> any ConnectionAttempt
    {
        guard let endpoint = try? Endpoint(url, for: .dialling) else { throw .badURL(url) }
        let dialer = world.host
        dialer.dial(endpoint, timeout: timeout, for: owner)
        return DialAttempt(dialer, owner)
    }
}

private final class DialAttempt: ConnectionAttempt {
    private let dialer: any Dialer
    private unowned let owner: any DialOwner

    init(_ dialer: any Dialer, _ owner: any DialOwner) {
        self.dialer = dialer
        self.owner = owner
    }

    func end() { dialer.cancelDial(for: owner) }
}

/// Listens.
struct AcceptConnector: Connector {
    let port: UInt16
    var listening: (@Sendable (UInt16) -> Void)?
    var name: String { "port \(port)" }

    func open(for owner: any DialOwner, in world: any ClientWorld, within timeout: Interval) throws(ConnectorError) -> any ConnectionAttempt
    {
        guard let acceptor = world.host as? any Acceptor else { throw .unsupported("this world cannot listen") }
        do throws(AcceptFailure) {
            let listener = try acceptor.accept(port: port, for: owner)
            listening?(listener.port)
            return AcceptAttempt(listener)
        } catch {
            throw .unsupported(error.description)
        }
    }
}

private final class AcceptAttempt: ConnectionAttempt {
    private let listener: any ListeningPort

    init(_ listener: any ListeningPort) { self.listener = listener }

    func end() { listener.close() }
}

/// Reaches a server in this process.
struct EmbeddedConnector: Connector {
    let server: any EmbeddedEndpoint
    var name: String { "embedded" }

    func open(for owner: any DialOwner, in world: any ClientWorld, within timeout: Interval) throws(ConnectorError) -> any ConnectionAttempt
    {
        guard let serverOwner = server.owner(in: world) else { throw .refused }
        return EmbeddedPair(client: owner, server: serverOwner, in: world)
    }
}
