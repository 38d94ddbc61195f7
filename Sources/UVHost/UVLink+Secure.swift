// What a connection over TLS tells its link: what comes before the handshake, its end, its failure.
// Must not know TLS; the transport does.

import Host
import SecureStreams
import TLS
import UV
import WebSocket

extension UVLink: SecureTransportOwner {
    public func transportPreface(_ bytes: UnsafeMutableRawBufferPointer) -> Int? {
        guard phase == .head, let head, head.refusal == nil else { return nil }
        switch head.readProxyHeader(UnsafeRawBufferPointer(bytes)) {
        case .done(let used): return used
        case .needMore: return nil
        case .refused(let refusal):
            refuse(refusal, head)
            return nil
        }
    }

    public func transportSecured() {
        if client != nil { sendOffer() }
    }

    public func transportFailed(_ failure: TLSFailure) {
        if let client { return client.fail(.insecure(failure.words)) }
        guard phase == .head, let head else { return goneNow() }
        if failure == .plainHTTP { return refuse(.plain, head) }
        host.counters.tlsFailed += 1
        head.tellRefused(failure.words, failure.kind)
        // The alert that says why is to arrive.
        leave()
    }
}
