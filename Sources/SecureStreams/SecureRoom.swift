// Memory that the encrypted connections of one loop share: pieces of a write become records in it.
// Must not know whose they are.

import TLS
import UV

/// What the encrypted connections of one loop share.
public final class SecureRoom {
    let tls = TLSRoom()
    @exclusivity(unchecked) var pieces = Pieces()
    /// Small pieces become one record.
    private var record: UnsafeMutableRawBufferPointer?

    /// Steps of servers' handshakes in one turn of the loop. One takes up to half a millisecond. It is made when the turn's answers have left,
    /// and the sessions that are let in wait for no more than this, however many strangers come at once.
    private static let handshakesPerTurn = 1
    /// How many more may be made now.
    private var handshakesLeft = 0
    private var waiting: [SecureTransport] = []
    /// The oldest of them that has not gone on.
    private var next = 0

    public init() {}

    deinit { record?.deallocate() }

    /// Whether a handshake may go on now; otherwise `SecureTransport.goOn` is called when this turn, or a later one, is over.
    func mayShakeHands(_ transport: SecureTransport) -> Bool {
        guard handshakesLeft > 0 else {
            waiting.append(transport)
            return false
        }
        handshakesLeft -= 1
        return true
    }

    /// The turn's answers have left: handshakes go on, the oldest first. Returns whether something was done or waits, so that another turn
    /// must follow at once.
    public func endTurn() -> Bool {
        if waiting.isEmpty { return false }
        handshakesLeft = Self.handshakesPerTurn
        while handshakesLeft > 0, next < waiting.count {
            next += 1
            waiting[next - 1].goOn()
        }
        handshakesLeft = 0
        // What has gone on, or is closed by now, is let go in large pieces.
        if next == waiting.count || next >= 256 {
            waiting.removeFirst(next)
            next = 0
        }
        return true
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
