// A connection's beginning: the HTTP head, who may come in, and the answer.
// Must not know HTTP's grammar; the WebSocket module reads and writes it.

import Host
import UV
import WebSocket

/// What a connection needs until it is open.
final class HeadPhase {
    var parser: UpgradeRequestParser
    let listener: UVListener
    let address: String
    /// The answer, which waits for `refusalDelay`.
    var refusal: HandshakeRefusal?

    /// An engine that dials out, and is not taken, dials again as soon as it has the answer: the answer sets the pace.
    static let refusalDelay = Interval.milliseconds(500)

    init(_ listener: UVListener, _ address: String, _ limits: Limits) {
        self.listener = listener
        self.address = address
        parser = UpgradeRequestParser(limits: HeadLimits(bytes: limits.headBytes, lines: limits.headLines))
    }

    func tellRefused(_ why: String, _ kind: String) { listener.options.onRefused?(address, why, kind) }
}

extension UVLink {
    /// Reads more of the head; what follows it are frames. Returns how many bytes were used.
    func readHead(_ bytes: UnsafeMutableRawBufferPointer) -> Int {
        guard let head, head.refusal == nil else { return bytes.count }
        switch head.parser.read(UnsafeRawBufferPointer(bytes)) {
        case .needMore: break
        case .upgrade(let request, let used):
            upgrade(request, head)
            if phase == .open { return readFrames(bytes, from: used) }
        case .page(let page, _):
            if let refusal = head.listener.policy.refusal(of: page, at: stream.localHost) {
                refuse(refusal, head)
            } else {
                answer(HTTPAnswer.page(page))
            }
        case .refused(let refusal): refuse(refusal, head)
        }
        return bytes.count
    }

    private func upgrade(_ request: UpgradeRequest, _ head: HeadPhase) {
        if let refusal = head.listener.policy.refusal(of: request, at: stream.localHost) { return refuse(refusal, head) }
        let listener = head.listener
        let peer = Peer(
            address: head.address, listener: listener.name, otherListeners: listener.otherNames, origin: request.origin)
        if let reason = owner.refusal(of: peer) { return refuse(reason == .taken ? .taken : .tooManySessions, head) }
        let now = host.now
        phase = .open
        since = now
        self.head = nil
        HTTPAnswer.accept(request).withUnsafeBytes { stream.write($0) }
        host.counters.opened += 1
        id = owner.opened(self, from: peer, at: now)
        isKnown = true
        host.watch(self, until: now + host.limits.pingInterval)
        noteBacklog()
    }

    private func refuse(_ refusal: HandshakeRefusal, _ head: HeadPhase) {
        host.counters.refused += 1
        head.tellRefused(refusal.text, refusal.kind)
        guard refusal == .taken else { return answer(refusal) }
        head.refusal = refusal
        since = host.now
        host.watch(self, until: since + HeadPhase.refusalDelay)
    }

    func answer(_ refusal: HandshakeRefusal) {
        let bytes = HTTPAnswer.refusal(refusal)
        if bytes.isEmpty { return goneNow() }
        answer(bytes)
    }

    private func answer(_ bytes: [UInt8]) {
        head = nil
        bytes.withUnsafeBytes { stream.write($0) }
        leave()
    }
}
