// A connection's beginning: the HTTP head, who may come in, and the answer.
// Must not know HTTP's grammar; the WebSocket module reads and writes it.

import Host
import SecureStreams
import UV
import WebSocket

/// What a connection needs until it is open.
final class HeadPhase {
    var parser: UpgradeRequestParser
    let listener: UVListener
    let address: String
    /// Until the header of a proxy has been read, where the listener asks for one.
    var proxyHeader: ProxyHeaderReader?
    /// What that header said.
    var proxy: ProxySource?
    /// Whether the connection may be from anybody.
    let isStranger: Bool
    /// The answer, which waits for `refusalDelay`.
    var refusal: HandshakeRefusal?

    /// An engine that dials out, and is not taken, dials again as soon as it has the answer: so the answer is delayed.
    static let refusalDelay = Interval.milliseconds(500)

    init(_ listener: UVListener, _ address: String, _ limits: Limits) {
        self.listener = listener
        self.address = address
        isStranger = listener.isStranger(address)
        if listener.options.expectsProxyHeader { proxyHeader = ProxyHeaderReader() }
        parser = UpgradeRequestParser(limits: HeadLimits(bytes: limits.headBytes, lines: limits.headLines))
    }

    func tellRefused(_ why: String, _ kind: String) { listener.options.onRefused?(address, why, kind) }

    enum ProxyStep {
        /// The head begins after so many bytes.
        case done(used: Int)
        case needMore
        case refused(HandshakeRefusal)
    }

    /// Reads the header that comes before the head, where the listener asks for one.
    func readProxyHeader(_ bytes: UnsafeRawBufferPointer) -> ProxyStep {
        guard proxyHeader != nil else { return .done(used: 0) }
        guard PeerLocality.isOwn(address) || listener.gate.trusted.contains(peer: address) else { return .refused(.notProxy(address)) }
        switch proxyHeader?.read(bytes) ?? .needMore {
        case .needMore: return .needMore
        case .failed(let why): return .refused(.badRequest(why))
        case .done(let source, let used):
            (proxyHeader, proxy) = (nil, source)
            return .done(used: used)
        }
    }
}

extension UVLink {
    /// Reads more of the head; what follows it are frames. Returns how many bytes were used.
    func readHead(_ bytes: UnsafeMutableRawBufferPointer) -> Int {
        guard let head, head.refusal == nil else { return bytes.count }
        var start = 0
        switch head.readProxyHeader(UnsafeRawBufferPointer(bytes)) {
        case .done(let used): start = used
        case .needMore: return bytes.count
        case .refused(let refusal):
            refuse(refusal, head)
            return bytes.count
        }
        switch head.parser.read(UnsafeRawBufferPointer(rebasing: bytes[start...])) {
        case .needMore: break
        case .upgrade(let request, let used):
            upgrade(request, head)
            if phase == .open { return readFrames(bytes, from: start + used) }
        case .page(let page, _):
            if let refusal = head.listener.gate.policy.refusal(of: page, at: transport.localHost) {
                refuse(refusal, head)
            } else {
                answer(HTTPAnswer.page(page))
            }
        case .refused(let refusal): refuse(refusal, head)
        }
        return bytes.count
    }

    private func upgrade(_ request: UpgradeRequest, _ head: HeadPhase) {
        let (listener, now) = (head.listener, host.now)
        let place = PeerLocality(
            socket: head.address, proxy: head.proxy, headers: request.forwarding, trusting: listener.gate.trusted)
        var peer = Peer(
            address: place.address, listener: listener.name, otherListeners: listener.otherNames, origin: request.origin,
            isLocal: place.isLocal)
        switch Admission.decide(request, from: place, at: transport.localHost, listener.gate, &host.entrance.failures, at: now) {
        case .refused(let refusal, let told):
            if let told { listener.options.onRefused?(place.address, told.why, told.kind) }
            return turnAway(refusal, head)
        case .admitted(let token, let identity, let expires):
            (peer.token, peer.tokenIdentity, peer.tokenExpires) = (token, identity, expires)
        }
        peer.certificate = (transport as? SecureTransport)?.peerName
        if let reason = owner.refusal(of: peer) { return refuse(reason == .taken ? .taken : .tooManySessions, head) }
        host.entrance.strangers.remove(index)
        phase = .open
        liveness.received(at: now)
        self.head = nil
        HTTPAnswer.accept(request).withUnsafeBytes { transport.write($0) }
        host.counters.opened += 1
        id = owner.opened(self, from: peer, at: now)
        isKnown = true
        host.watch(self, until: now + host.limits.pingInterval)
        noteBacklog()
    }

    func refuse(_ refusal: HandshakeRefusal, _ head: HeadPhase) {
        head.tellRefused(refusal.text, refusal.kind)
        turnAway(refusal, head)
    }

    /// Counts and answers.
    private func turnAway(_ refusal: HandshakeRefusal, _ head: HeadPhase) {
        host.counters.refused += 1
        switch refusal {
        case .token: host.counters.unauthorized += 1
        case .tooManyFailures: host.counters.paused += 1
        default: break
        }
        guard refusal == .taken else { return answer(refusal) }
        head.refusal = refusal
        phaseBegan = host.now
        host.watch(self, until: phaseBegan + HeadPhase.refusalDelay)
    }

    /// Ends because there are too many that have not been let in.
    func giveWay() {
        if phase == .head {
            head?.tellRefused("connections that were not let in yet: more than \(host.limits.strangers); closed", "strangers")
        }
        goneNow()
    }

    func answer(_ refusal: HandshakeRefusal) {
        let bytes = HTTPAnswer.refusal(refusal)
        if bytes.isEmpty { return goneNow() }
        answer(bytes)
    }

    private func answer(_ bytes: [UInt8]) {
        head = nil
        bytes.withUnsafeBytes { transport.write($0) }
        leave()
    }
}
