// Where the server is, and for `wss://` whose certificates are believed; and what the links of one loop share to reach it.
// Must not know links or loads.

import Host
import SecureStreams
import TLS
import UV

/// The server that is measured.
struct BenchTarget: Sendable {
    let endpoint: Endpoint
    /// For `wss://`: who is trusted. nil: the connection is not encrypted.
    let trust: TLSContext?

    /// Reads the authorities when the address is `wss://`.
    init(_ options: BenchOptions) throws(BenchProblem) {
        endpoint = options.endpoint
        do throws(TLSProblem) {
            trust = options.endpoint.isSecure ? try TLSContext.client(authorities: options.authorities) : nil
        } catch { throw .badOption("--ca-file \(error)") }
    }
}

/// The way of one loop's links to the server. Confined to the loop.
final class BenchRoute {
    let target: BenchTarget
    let loop: Loop
    /// What its encrypted connections share.
    private lazy var room = SecureRoom(loop)

    init(to target: BenchTarget, on loop: Loop) {
        self.target = target
        self.loop = loop
    }

    /// The transport over a connection to the server.
    func transport(over stream: ByteStream) -> any ByteTransport {
        guard let trust = target.trust, case .webSocket(let host, _, _, _) = target.endpoint else { return stream }
        return SecureTransport(stream, room, client: trust, host: host)
    }
}
