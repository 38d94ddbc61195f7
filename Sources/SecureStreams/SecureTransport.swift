// TLS as a transport over another transport: its owner reads and writes plain text and knows nothing of records.
// Must not know WebSocket, HTTP, or who is trusted.

import TLS
import UV

/// The owner of a transport that may be encrypted.
public protocol SecureTransportOwner: ByteTransportOwner {
    /// Bytes that come before the handshake, as they are: the header of a proxy. Returns after how many of them the handshake begins; nil
    /// when that is still to come.
    func transportPreface(_ bytes: UnsafeMutableRawBufferPointer) -> Int?
    /// The handshake is done: from now on bytes may be written.
    func transportSecured()
    /// The handshake failed. After `.plainHTTP` and `.notTLS` of a client an answer may be written, which leaves as it is.
    func transportFailed(_ failure: TLSFailure)
}

/// An encrypted connection.
public final class SecureTransport: ByteTransport, ByteTransportOwner {
    enum Phase {
        /// What comes is for the owner, as it is. Can turn into: `first`, `plain`, `closed`.
        case preface
        /// The first byte of a client says whether it knows TLS. Can turn into: `handshake`, `plain`, `closed`.
        case first
        /// Can turn into: `open`, `failed`, `closed`.
        case handshake
        /// Can turn into: `failed`, `closed`.
        case open
        /// The client knows no TLS, and gets an answer that it can read. Can turn into: `closed`.
        case plain
        /// Nothing is read or written any more. Can turn into: `closed`.
        case failed
        case closed
    }

    /// What ended the reading, told once what was read before is used.
    private enum End {
        case byPeer
        case failure
        case transport(UVError?)
    }

    /// Answers to the peer's own requests (new keys, say) that may wait for it.
    private static let answerBytesMax = 1 << 18

    let inner: any ByteTransport
    let room: SecureRoom
    let isServer: Bool
    /// What a server's session will be made of.
    let context: TLSContext?
    var session: TLSSession?
    var owner: (any SecureTransportOwner)?
    @exclusivity(unchecked) var phase: Phase
    /// Plain text that the owner did not want yet.
    private var kept: UnsafeMutableRawBufferPointer?
    private var end: End?
    private var hasEnded = false
    /// Something could not be encrypted. The owner finds out by `isBroken`.
    private var hasLostWrite = false
    private var answerBytes = 0
    var place = HandshakePlace.here
    /// So many of the bytes that were not taken from `inner` were used by the step that came back.
    var usedAway = 0
    @exclusivity(unchecked) private var isReading = false

    /// The server's end. With `hasPreface` something comes before the handshake.
    public init(_ inner: any ByteTransport, _ room: SecureRoom, server context: TLSContext, hasPreface: Bool) {
        self.inner = inner
        self.room = room
        isServer = true
        self.context = context
        phase = hasPreface ? .preface : .first
    }

    /// The client's end, to the server of this name.
    public init(_ inner: any ByteTransport, _ room: SecureRoom, client context: TLSContext, host: String) {
        self.inner = inner
        self.room = room
        isServer = false
        self.context = nil
        session = TLSSession(context, room.tls, host: host)
        phase = .handshake
    }

    deinit { kept?.deallocate() }

    /// The name in the peer's certificate, if one was shown.
    public var peerName: String? { phase == .open ? session?.peerName : nil }

    public var localHost: String? { inner.localHost }

    /// Begins to read. `owner` must be a `SecureTransportOwner`.
    public func start(for owner: any ByteTransportOwner) {
        guard let owner = owner as? any SecureTransportOwner else { preconditionFailure("an owner that knows no encryption") }
        self.owner = owner
        inner.start(for: self)
        if !isServer { shakeHands() }
    }

    // MARK: Reading

    public func transportRead(_ bytes: UnsafeMutableRawBufferPointer) -> Int {
        // What was read before waits: this waits too.
        guard kept == nil, let owner else { return 0 }
        isReading = true
        defer { isReading = false }
        var used = 0
        if phase == .preface {
            guard let count = owner.transportPreface(bytes) else { return bytes.count }
            used = count
            if phase == .preface { phase = .first }
        }
        if phase == .first, used < bytes.count { lookAtFirst(bytes[used]) }
        used += usedAway
        usedAway = 0
        if phase == .handshake, isServer { return handOver(bytes, from: used) }
        guard let session, phase == .handshake || phase == .open else { return bytes.count }
        session.offer(UnsafeRawBufferPointer(rebasing: bytes[used...]))
        if phase == .handshake { shakeHands() }
        if phase == .open, session.mayHoldMore { decrypt(session) }
        return bytes.count - session.withdraw()
    }

    /// Delivers what the bytes at hand hold.
    private func decrypt(_ session: TLSSession) {
        let memory = room.tls.borrowPlain()
        defer { room.tls.returnPlain(memory) }
        while phase == .open {
            var filled = 0
            var step = TLSSession.Step.done(0)
            while filled + TLSRoom.recordBytes <= memory.count {
                step = session.read(into: UnsafeMutableRawBufferPointer(rebasing: memory[filled...]))
                guard case .done(let count) = step else { break }
                filled += count
                // The library is not asked when it can only say that it needs more.
                if !session.mayHoldMore {
                    step = .needMore
                    break
                }
            }
            countAnswer()
            flush()
            switch step {
            case .ended: end = .byPeer
            case .failed: end = .failure
            case .needMore, .done: if answerBytes > Self.answerBytesMax { end = .failure }
            }
            guard deliver(UnsafeMutableRawBufferPointer(rebasing: memory[..<filled])) else { return }
            if end != nil { return tellEnd() }
            if step == .needMore { return }
        }
    }

    /// A peer that asks for new keys again and again, and takes no answer, is not waited for.
    private func countAnswer() {
        let answer = room.tls.output.count
        if answer > 0 { answerBytes = inner.queuedBytes == 0 ? answer : answerBytes + answer }
    }

    /// Gives plain text to the owner. Returns whether all of it was used.
    private func deliver(_ plain: UnsafeMutableRawBufferPointer) -> Bool {
        guard let owner, plain.count > 0 else { return true }
        let used = owner.transportRead(plain)
        guard used < plain.count, phase != .closed else { return phase != .closed }
        let rest = UnsafeMutableRawBufferPointer.allocate(byteCount: plain.count - used, alignment: 16)
        rest.copyMemory(from: UnsafeRawBufferPointer(rebasing: plain[used...]))
        kept = rest
        return false
    }

    public func resume() {
        guard !isReading, phase != .closed else { return }
        if let plain = kept {
            kept = nil
            isReading = true
            let isUsed = deliver(plain)
            isReading = false
            plain.deallocate()
            guard isUsed else { return }
        }
        if end != nil { return tellEnd() }
        inner.resume()
    }

    public func transportEnded(_ error: UVError?) {
        if !isServer, phase == .handshake { return fail(.hungUp) }
        end = end ?? .transport(error)
        // What was read before may hold the reason.
        if kept == nil || error != nil { tellEnd() }
    }

    private func tellEnd() {
        guard let end, phase != .closed else { return }
        self.end = nil
        let error: UVError? =
            switch end {
            case .byPeer: nil
            case .failure: .broken
            case .transport(let error): error
            }
        if case .failure = end { phase = .failed }
        guard !hasEnded || error != nil else { return }
        hasEnded = true
        owner?.transportEnded(error)
    }

    public func transportDrained() { owner?.transportDrained() }

    // MARK: Writing

    public func write(gathering fill: (inout Pieces) -> Void) {
        switch phase {
        case .open:
            guard let session else { return }
            fill(&room.pieces)
            if !room.encrypt(for: session) { hasLostWrite = true }
            flush()
        case .preface, .plain: inner.write(gathering: fill)
        case .first, .handshake, .failed, .closed: break
        }
    }

    func flush() {
        let output = room.tls.output
        guard !output.isEmpty else { return }
        inner.write(output)
        room.tls.removeOutput()
    }

    public var isClear: Bool { inner.isClear && !hasLostWrite }
    /// An alert that ends it is on its way like any other bytes: that is not broken.
    public var isBroken: Bool { inner.isBroken || hasLostWrite }
    public var queuedBytes: Int { inner.queuedBytes }
    public var backlogBytesSent: Int { inner.backlogBytesSent }

    // MARK: The end

    public func shutDown() {
        if phase == .open { session?.close() }
        flush()
        inner.shutDown()
    }

    public func close() {
        if phase == .open, inner.queuedBytes == 0, !inner.isBroken {
            session?.close()
            flush()
        }
        letGo()
        inner.close()
    }

    public func reset() {
        letGo()
        inner.reset()
    }

    private func letGo() {
        phase = .closed
        kept?.deallocate()
        kept = nil
        session = nil
        owner = nil
    }
}
