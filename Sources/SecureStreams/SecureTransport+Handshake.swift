// The handshake of an encrypted connection: a client's is made where it is, a server's by a thread, because anybody can begin one.
// Must not know WebSocket, HTTP, or who is trusted.

import TLS
import UV

extension SecureTransport {
    /// Where the next step of a server's handshake is.
    enum HandshakePlace {
        /// Nowhere: bytes of the peer begin it. Can turn into: `waiting`, `away`.
        case here
        /// Bytes are there, and others' steps come first. Can turn into: `here`.
        case waiting
        /// With the thread, and the session too. Can turn into: `here`.
        case away
    }

    /// The first byte of every TLS handshake.
    private static let handshakeRecord: UInt8 = 0x16

    /// Has the next step of the handshake made elsewhere, with the bytes from `used` on. They stay with `inner`, which reads no more meanwhile.
    func handOver(_ bytes: UnsafeMutableRawBufferPointer, from used: Int) -> Int {
        guard used < bytes.count, place == .here, let context else { return used }
        guard room.mayShakeHands(self) else {
            place = .waiting
            return used
        }
        place = .away
        let step = HandshakeStep(session, context, UnsafeRawBufferPointer(rebasing: bytes[used...]))
        session = nil
        room.make(step, for: self)
        return used
    }

    /// A handshake that waited for others'.
    func goOn() {
        guard place == .waiting else { return }
        place = .here
        if phase == .handshake { inner.resume() }
    }

    /// A step came back.
    func take(_ step: HandshakeStep) {
        place = .here
        guard phase == .handshake, let session = step.session else { return }
        session.room = room.tls
        self.session = session
        usedAway = step.used
        step.output.withUnsafeBytes { if !$0.isEmpty { inner.write($0) } }
        follow(step.outcome)
        inner.resume()
    }

    func lookAtFirst(_ byte: UInt8) {
        guard byte != Self.handshakeRecord else { return phase = .handshake }
        phase = .plain
        session = nil
        owner?.transportFailed(byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "z") ? .plainHTTP : .notTLS)
    }

    func shakeHands() {
        guard let session else { return }
        let step = session.handshake()
        flush()
        follow(step)
    }

    private func follow(_ step: TLSSession.Step) {
        switch step {
        case .done:
            phase = .open
            owner?.transportSecured()
        case .failed(let failure): fail(failure)
        case .ended: fail(.hungUp)
        case .needMore: break
        }
    }

    func fail(_ failure: TLSFailure) {
        phase = .failed
        owner?.transportFailed(failure)
    }
}
