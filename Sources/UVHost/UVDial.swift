// Connections that the host opens for its owners: connect, upgrade, and one deadline over both.
// Must not know the protocol on them; an open one is a `UVLink` like any other, but for its masks.

import Host
import SecureStreams
import TLS
import UV
import WebSocket

/// One dial, from the request to the outcome.
final class UVDial {
    let owner: any DialOwner
    let endpoint: Endpoint
    /// The turn in which it was asked for; its outcome belongs to a later one.
    let turn: UInt32
    var outcome: DialFailure?
    private unowned let host: UVHost
    private var alarm: UVAlarm?
    private var connector: Connector?
    private weak var link: UVLink?

    init(_ host: UVHost, _ endpoint: Endpoint, timeout: Interval, for owner: any DialOwner) {
        self.host = host
        self.endpoint = endpoint
        self.owner = owner
        turn = host.turn
        let alarm = UVAlarm(host)
        self.alarm = alarm
        alarm.set(host.now + timeout)
        let done: Connector.Done = { [unowned self] stream, peer, error in connected(stream, peer, error) }
        switch endpoint {
        case .webSocket(let name, let port, let path, let isSecure)
        where UpgradeOffer.canName(host: Self.authority(name, port, isSecure), path: path):
            connector = Connector(on: host.loop, host: name, port: port, done: done)
        case .webSocket: fail(.unreachable("\(endpoint) is not an address"))
        case .unix(let path): connector = Connector(on: host.loop, path: path, done: done)
        }
        if let error = connector?.start() { fail(Self.failure(error)) }
    }

    static func authority(_ host: String, _ port: UInt16, _ isSecure: Bool) -> String {
        Endpoint.bracketed(host) + (port == (isSecure ? 443 : 80) ? "" : ":\(port)")
    }

    /// What the client's end of the connection asks for.
    private var offer: UpgradeOffer {
        let nonce = host.entropy.bytes(16)
        switch endpoint {
        case .webSocket(let name, let port, let path, let isSecure):
            return UpgradeOffer(host: Self.authority(name, port, isSecure), path: path, nonce: nonce)
        case .unix: return UpgradeOffer(host: "localhost", nonce: nonce)
        }
    }

    private func connected(_ stream: ByteStream?, _ peer: String, _ error: UVError?) {
        connector = nil
        guard let stream else { return fail(error.map(Self.failure) ?? .refused) }
        let transport: any ByteTransport
        do throws(TLSProblem) { transport = try self.transport(over: stream) } catch {
            stream.close()
            return fail(.insecure(error.description))
        }
        let link = UVLink(host, transport, .client(ClientEnd(self, offer, address: peer, limits: host.limits)))
        self.link = link
        host.adopt(link)
        // An encrypted connection asks when it is one.
        if !endpoint.isSecure { link.sendOffer() }
    }

    private func transport(over stream: ByteStream) throws(TLSProblem) -> any ByteTransport {
        guard case .webSocket(let name, _, _, true) = endpoint else { return stream }
        return SecureTransport(stream, host.secureRoom, client: try host.clientContext(owner.trust), host: name)
    }

    private static func failure(_ error: UVError) -> DialFailure {
        if error.isRefused { return .refused }
        return error.isTimeout ? .timedOut : .unreachable(error.message)
    }

    /// The outcome is bad; the owner is told when the turn, or the next one, ends.
    func fail(_ failure: DialFailure) {
        guard outcome == nil else { return }
        outcome = failure
        end()
        host.loop.keepAwake()
    }

    /// The connection is open: the dial's part is over.
    func succeeded() {
        link = nil
        end()
        host.forget(self)
    }

    /// Lets go of everything it holds.
    func end() {
        alarm?.close()
        alarm = nil
        connector?.cancel()
        connector = nil
        link?.cut()
        link = nil
    }

    /// Whether the deadline has come.
    func isDue(at now: Instant) -> Bool { alarm?.takeDue(at: now) ?? false }
}

extension UVHost: Dialer {
    public func dial(_ endpoint: Endpoint, timeout: Interval, for owner: any DialOwner) {
        precondition(!dials.contains { $0.owner === owner }, "one dial at a time")
        dials.append(UVDial(self, endpoint, timeout: timeout, for: owner))
    }

    public func cancelDial(for owner: any DialOwner) {
        for dial in dials where dial.owner === owner {
            dial.end()
            forget(dial)
        }
    }

    public func drawSeed() -> UInt64 { UInt64(entropy.next()) << 32 | UInt64(entropy.next()) }

    func forget(_ dial: UVDial) { dials.removeAll { $0 === dial } }

    func endDials() {
        for dial in dials { dial.end() }
        dials = []
    }

    /// Tells owners of the dials that failed.
    func checkDials(at now: Instant) {
        for dial in dials {
            if dial.isDue(at: now) { dial.fail(.timedOut) }
            guard let outcome = dial.outcome else { continue }
            // Asked for in this turn, maybe by the owner's own call further up.
            if dial.turn == turn {
                loop.keepAwake()
                continue
            }
            forget(dial)
            dial.owner.dialFailed(outcome, at: now)
        }
    }
}
