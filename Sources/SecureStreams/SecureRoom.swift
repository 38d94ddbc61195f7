// What the encrypted connections of one loop share: memory in which pieces of a write become records, and the thread for handshakes.
// Must not know whose they are.

import TLS
import UV

/// What the encrypted connections of one loop share.
public final class SecureRoom {
    let tls = TLSRoom()
    @exclusivity(unchecked) var pieces = Pieces()
    /// Small pieces become one record.
    private var record: UnsafeMutableRawBufferPointer?

    /// Steps that the thread has at a time: enough that it need not wait for the loop.
    private static let awayMax = 8
    private let loop: Loop
    private lazy var thread = HandshakeThread(loop) { [weak self] in self?.cameBack($0) }
    private var isThreadNeeded = false
    /// Those whose step is with the thread, in its order.
    private var away: [SecureTransport] = []
    /// Those whose turn has not come. Each is in it at most once, and what it has read stays with its socket.
    private var waiting: [SecureTransport] = []
    /// The oldest of them that has not gone on.
    private var next = 0

    public init(_ loop: Loop) { self.loop = loop }

    deinit { record?.deallocate() }

    /// The loop is about to end: nothing comes back any more.
    public func end() {
        if isThreadNeeded { thread.end() }
        (away, waiting, next) = ([], [], 0)
    }

    // MARK: Handshakes of servers

    /// Whether a handshake may go on now; otherwise `SecureTransport.goOn` is called later.
    func mayShakeHands(_ transport: SecureTransport) -> Bool {
        if away.count < Self.awayMax { return true }
        waiting.append(transport)
        return false
    }

    /// Hands a step to the thread. It comes back by `SecureTransport.take`.
    func make(_ step: HandshakeStep, for transport: SecureTransport) {
        isThreadNeeded = true
        away.append(transport)
        thread.put(step)
    }

    private func cameBack(_ step: HandshakeStep) {
        guard !away.isEmpty else { return }
        away.removeFirst().take(step)
        while away.count < Self.awayMax, next < waiting.count {
            next += 1
            waiting[next - 1].goOn()
        }
        // What has gone on, or is closed by now, is let go in large pieces.
        if next == waiting.count || next >= 256 {
            waiting.removeFirst(next)
            next = 0
        }
    }

    /// Encrypts what was gathered. Returns false when nothing more can be written.
    func encrypt(for session: TLSSession) -> Bool {
        defer { pieces.removeAll() }
        if pieces.count == 1 { return session.write(pieces.first) }
        var isWritten = true
        let record = self.record ?? .allocate(byteCount: TLSRoom.recordBytes, alignment: 16)
        self.record = record
        var filled = 0
        pieces.forEach { piece in
            var rest = piece
            while !rest.isEmpty {
                let count = min(rest.count, record.count - filled)
                UnsafeMutableRawBufferPointer(rebasing: record[filled...]).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: rest[..<count]))
                filled += count
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
                if filled == record.count {
                    isWritten = session.write(UnsafeRawBufferPointer(record)) && isWritten
                    filled = 0
                }
            }
        }
        return session.write(UnsafeRawBufferPointer(rebasing: record[..<filled])) && isWritten
    }
}
