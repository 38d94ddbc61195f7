// One connection until it is let in: the bytes of its head in, what becomes of it out. The same in the real world and in the simulated one.
// Must not know sockets, deadlines, or what is written in answer.

import Host
import WebSocket

/// Reads a connection's head, with the PROXY header before it where the listener asks for one.
public struct HeadCore {
    /// Who is let in.
    public struct Entrant {
        public var request: UpgradeRequest
        public var place: PeerLocality
        /// The token that counts: its name, its number, its end.
        public var token: String?
        public var tokenIdentity: UInt64
        public var tokenExpires: Instant
    }

    /// What the operator is to be told of a connection that is turned away.
    public struct Notice {
        /// The peer's address.
        public var address: String
        /// The reason in words; may hold what the peer sent.
        public var why: String
        /// In one word of ours.
        public var kind: String
    }

    /// What the bytes so far mean. After anything but `needMore` the core is done.
    public enum Step {
        case needMore
        /// What follows the first `used` bytes are frames.
        case admitted(Entrant, used: Int)
        case page(PageRequest)
        /// The operator is told, or it has been told of this kind already.
        case refused(HandshakeRefusal, Notice?)
    }

    /// What a PROXY header means.
    public enum ProxyStep {
        /// The head begins after so many bytes.
        case done(used: Int)
        case needMore
        case refused(HandshakeRefusal)
    }

    /// The address of the connection's other end as the kernel writes it, or "unix".
    public let address: String
    /// Whether the connection may be from anybody.
    public let isStranger: Bool
    private var parser: UpgradeRequestParser
    /// Until the header of a proxy has been read, where the listener asks for one.
    private var proxyHeader: ProxyHeaderReader?
    /// What that header said.
    private var proxy: ProxySource?

    public init(_ address: String, at gate: Gate, _ limits: Limits) {
        self.address = address
        isStranger = gate.isStranger(address)
        if gate.expectsProxyHeader { proxyHeader = ProxyHeaderReader() }
        parser = UpgradeRequestParser(limits: HeadLimits(bytes: limits.headBytes, lines: limits.headLines))
    }

    /// Reads the header that comes before the head, where the listener asks for one; over TLS it comes before the handshake.
    public mutating func readProxyHeader(_ bytes: UnsafeRawBufferPointer, _ gate: Gate) -> ProxyStep {
        guard proxyHeader != nil else { return .done(used: 0) }
        guard PeerLocality.isOwn(address) || gate.trusted.contains(peer: address) else { return .refused(.notProxy(address)) }
        switch proxyHeader?.read(bytes) ?? .needMore {
        case .needMore: return .needMore
        case .failed(let why): return .refused(.badRequest(why))
        case .done(let source, let used):
            (proxyHeader, proxy) = (nil, source)
            return .done(used: used)
        }
    }

    /// Reads on.
    /// - Parameters:
    ///   - local: The address at this end of the connection, if it has one; asked for when it matters.
    ///   - arrivals: Counts what failed here.
    public mutating func read(
        _ bytes: UnsafeRawBufferPointer, _ gate: Gate, at local: @autoclosure () -> String?, _ arrivals: inout Arrivals, at now: Instant
    ) -> Step {
        var start = 0
        switch readProxyHeader(bytes, gate) {
        case .done(let used): start = used
        case .needMore: return .needMore
        case .refused(let refusal): return refused(refusal)
        }
        switch parser.read(UnsafeRawBufferPointer(rebasing: bytes[start...])) {
        case .needMore: return .needMore
        case .refused(let refusal): return refused(refusal)
        case .page(let page, _): return gate.policy.refusal(of: page, at: local()).map(refused) ?? .page(page)
        case .upgrade(let request, let used):
            let place = PeerLocality(socket: address, proxy: proxy, headers: request.forwarding, trusting: gate.trusted)
            switch Admission.decide(request, from: place, at: local(), gate, &arrivals.failures, at: now) {
            case .refused(let refusal, let told):
                return .refused(refusal, told.map { Notice(address: place.address, why: $0.why, kind: $0.kind) })
            case .admitted(let token, let identity, let expires):
                let entrant = Entrant(request: request, place: place, token: token, tokenIdentity: identity, tokenExpires: expires)
                return .admitted(entrant, used: start + used)
            }
        }
    }

    private func refused(_ refusal: HandshakeRefusal) -> Step {
        .refused(refusal, Notice(address: address, why: refusal.text, kind: refusal.kind))
    }
}
