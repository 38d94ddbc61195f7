// A connection's beginning: the HTTP head, who may come in, and the answer.
// Must not know HTTP's grammar; the WebSocket module reads and writes it.

import Entrance
import Host
import SecureStreams
import UV
import WebSocket

/// What a connection needs until it is open.
final class HeadPhase {
    private var core: HeadCore
    let listener: UVListener
    /// The answer, which waits for `refusalDelay`.
    var refusal: HandshakeRefusal?

    /// An engine that dials out, and is not taken, dials again as soon as it has the answer: so the answer is delayed.
    static let refusalDelay = Interval.milliseconds(500)

    init(_ listener: UVListener, _ address: String, _ limits: Limits) {
        self.listener = listener
        core = HeadCore(address, at: listener.gate, limits)
    }

    /// Whether the connection may be from anybody.
    var isStranger: Bool { core.isStranger }

    func tellRefused(_ why: String, _ kind: String) { listener.options.onRefused?(core.address, why, kind) }

    func tell(_ notice: HeadCore.Notice) { listener.options.onRefused?(notice.address, notice.why, notice.kind) }

    /// Reads the header that comes before a handshake, where the listener asks for one.
    func readProxyHeader(_ bytes: UnsafeRawBufferPointer) -> HeadCore.ProxyStep { core.readProxyHeader(bytes, listener.gate) }

    func read(
        _ bytes: UnsafeRawBufferPointer, at local: @autoclosure () -> String?, _ arrivals: inout Arrivals, at now: Instant
    ) -> HeadCore.Step { core.read(bytes, listener.gate, at: local(), &arrivals, at: now) }
}

extension UVHost {
    /// A connection of a listener has begun; those that have not been let in must cost nothing to those that have been.
    func limitStrangers(_ link: UVLink) {
        guard link.phase == .head, link.head?.isStranger == true, let oldest = arrivals.began(link.index) else { return }
        counters.displaced += 1
        links[Int(oldest)]?.giveWay()
    }
}

extension UVLink {
    /// Reads more of the head; what follows it are frames. Returns how many bytes were used.
    func readHead(_ bytes: UnsafeMutableRawBufferPointer) -> Int {
        guard let head, head.refusal == nil else { return bytes.count }
        switch head.read(UnsafeRawBufferPointer(bytes), at: transport.localHost, &host.arrivals, at: host.now) {
        case .needMore: break
        case .admitted(let entrant, let used):
            open(entrant, head)
            if phase == .open { return readFrames(bytes, from: used) }
        case .page(let page): answer(HTTPAnswer.page(page))
        case .refused(let refusal, let notice):
            if let notice { head.tell(notice) }
            turnAway(refusal, head)
        }
        return bytes.count
    }

    private func open(_ entrant: HeadCore.Entrant, _ head: HeadPhase) {
        let (listener, now) = (head.listener, host.now)
        var peer = Peer(
            address: entrant.place.address, listener: listener.name, otherListeners: listener.otherNames, origin: entrant.request.origin,
            isLocal: entrant.place.isLocal)
        (peer.token, peer.tokenIdentity, peer.tokenExpires) = (entrant.token, entrant.tokenIdentity, entrant.tokenExpires)
        peer.certificate = (transport as? SecureTransport)?.peerName
        if let reason = owner.refusal(of: peer) { return refuse(reason == .taken ? .taken : .tooManySessions, head) }
        host.arrivals.ended(index)
        phase = .open
        liveness.received(at: now)
        self.head = nil
        HTTPAnswer.accept(entrant.request).withUnsafeBytes { transport.write($0) }
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
