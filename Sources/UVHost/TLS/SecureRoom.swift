// Memory that the encrypted connections of one loop share: pieces of a write become records in it.
// Must not know whose they are.

import TLS
import UV

/// What the encrypted connections of one loop share.
final class SecureRoom {
    let tls = TLSRoom()
    @exclusivity(unchecked) var pieces = Pieces()
    /// Small pieces become one record.
    private var record: UnsafeMutableRawBufferPointer?

    deinit { record?.deallocate() }

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
