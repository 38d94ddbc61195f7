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

    /// Steps of servers' handshakes in one turn of the loop. One takes up to half a millisecond, and the sessions that are let in wait for
    /// no more than these, however many strangers come at once.
    private static let handshakesPerTurn = 4
    private var handshakes = 0
    private var waiting: [SecureTransport] = []
    /// The oldest of them that has not gone on.
    private var next = 0

    public init() {}

    deinit { record?.deallocate() }

    /// Whether a handshake may go on in this turn; otherwise `SecureTransport.goOn` is called in a later one.
    func mayShakeHands(_ transport: SecureTransport) -> Bool {
        guard handshakes < Self.handshakesPerTurn else {
            waiting.append(transport)
            return false
        }
        handshakes += 1
        return true
    }

    /// A turn ends: those that wait go on, the oldest first. Returns whether some wait for another turn.
    public func endTurn() -> Bool {
        handshakes = 0
        if waiting.isEmpty { return false }
        while handshakes < Self.handshakesPerTurn, next < waiting.count {
            next += 1
            waiting[next - 1].goOn()
        }
        // What has gone on, or is closed by now, is let go in large pieces.
        if next == waiting.count || next >= 256 {
            waiting.removeFirst(next)
            next = 0
        }
        return next < waiting.count
    }

    /// Encrypts what was gathered.
    func encrypt(for session: TLSSession) {
        defer { pieces.removeAll() }
        if pieces.count == 1 { return pieces.forEach { _ = session.write($0) } }
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
                    _ = session.write(UnsafeRawBufferPointer(record))
                    filled = 0
                }
            }
        }
        if filled > 0 { _ = session.write(UnsafeRawBufferPointer(rebasing: record[..<filled])) }
    }
}
