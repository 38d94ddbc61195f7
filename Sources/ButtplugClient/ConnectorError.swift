// Why there is no connection: the failures of the way to a server, apart from what the server itself says.
// Must not know how a connection is made.

import Host

/// Why a connection could not be opened, or is gone.
public enum ConnectorError: Error, Hashable, Sendable {
    /// Nobody listens there; or a server that takes only one client, as the reference servers do, has one already.
    case refused
    /// No connection, or no answer to the handshake, within the time given.
    case timedOut
    /// The connection is over; the reason as the link saw it.
    case closed(CloseReason)
    /// This cannot be an address; the text that was given.
    case badURL(String)
    /// The name is unknown, or there is no way there; the system's words.
    case unreachable(String)
    /// Somebody answered, but not as a WebSocket server; how.
    case notWebSocket(String)
    /// The connection cannot be encrypted, or the server's certificate is not accepted; what is wrong with it.
    case insecure(String)
    /// The world cannot do this: dial, or listen; what it cannot do, and why.
    case unsupported(String)
    /// The client was never connected, or has disconnected by itself.
    case notConnected

    init(_ failure: DialFailure) {
        self =
            switch failure {
            case .refused: .refused
            case .timedOut: .timedOut
            case .unreachable(let text): .unreachable(text)
            case .notWebSocket(let text): .notWebSocket(text)
            case .insecure(let text): .insecure(text)
            }
    }

    /// What to do about it.
    public var advice: String {
        switch self {
        case .refused: "start the server, or close the app that uses it: some servers take only one client"
        case .timedOut: "check that the address is the server's and that nothing in between drops connections"
        case .closed(let reason): Self.advice(reason)
        case .badURL: "write ws://HOST:PORT, wss://HOST:PORT or unix:///path; port 12345 when none is given"
        case .unreachable: "check the host name and the network"
        case .notWebSocket: "another program uses that port: give the server's own"
        case .insecure: "check the server's certificate, its name and its time, and that ClientOptions.authorities names its issuer"
        case .unsupported: "choose another connector, or another world"
        case .notConnected: "connect first"
        }
    }

    private static func advice(_ reason: CloseReason) -> String {
        switch reason {
        case .kicked, .tooManySessions, .rateLimited, .policyViolation: "the server does not want this client now: ask its operator"
        case .consentDenied, .notAdmitted: "the server's operator does not let this client in: ask the operator"
        case .consentTimeout, .tooManyConsents: "nobody answered at the server: ask its operator, then connect again"
        case .taken: "only one can be connected there at a time: end the other one"
        case .routerEnding: "the server is ending: connect again when it is back"
        case .pingMissed, .unresponsive, .slowConsumer: "keep the loop free: the server waited too long for this client"
        default: "connect again, or let ClientOptions.reconnection do it"
        }
    }
}

extension ConnectorError: CustomStringConvertible {
    /// What is wrong, for people.
    public var description: String {
        switch self {
        case .refused: "the connection was refused"
        case .timedOut: "no connection in the time given"
        case .closed(let reason): "the connection is closed (\(reason.rawValue))"
        case .badURL(let text): "\"\(text)\" is not an address"
        case .unreachable(let text): "cannot get there: \(text)"
        case .notWebSocket(let text): "no WebSocket server: \(text)"
        case .insecure(let text): "no encrypted connection: \(text)"
        case .unsupported(let text): text
        case .notConnected: "not connected"
        }
    }
}
