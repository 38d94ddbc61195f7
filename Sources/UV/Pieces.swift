// The reused list of memory pieces that one gathered write sends.
// Must not know whose memory it is.

import CUV
import LibC

/// Pieces of memory, in order, as the kernel wants them. The memory is only borrowed.
public struct Pieces: ~Copyable {
    /// IOV_MAX: more in one call is an error.
    private static let max = 1024

    private(set) var base: UnsafeMutablePointer<uv_buf_t>
    private var capacity = 16
    public private(set) var count = 0
    private(set) var bytes = 0

    /// An empty list.
    public init() { base = .allocate(capacity: capacity) }

    deinit { base.deallocate() }

    /// Adds a piece; an empty one is left out.
    public mutating func append(_ piece: UnsafeRawBufferPointer) {
        guard let start = piece.baseAddress, piece.count > 0 else { return }
        if count == capacity { grow() }
        let writable = UnsafeMutableRawPointer(mutating: start).assumingMemoryBound(to: CChar.self)
        (base + count).initialize(to: uv_buf_t(base: writable, len: piece.count))
        count &+= 1
        bytes &+= piece.count
    }

    @inline(never)
    private mutating func grow() {
        let fresh = UnsafeMutablePointer<uv_buf_t>.allocate(capacity: capacity * 2)
        fresh.moveInitialize(from: base, count: count)
        base.deallocate()
        base = fresh
        capacity *= 2
    }

    /// The first piece, which must be there.
    public var first: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base[0].base, count: base[0].len) }

    /// The pieces in order, for a transport that does not hand them to a socket.
    public func forEach(_ body: (UnsafeRawBufferPointer) -> Void) {
        for index in 0..<count { body(UnsafeRawBufferPointer(start: base[index].base, count: base[index].len)) }
    }

    /// What the kernel takes of them at once: how many bytes, or -1 with `errno`.
    @inline(__always)
    func send(to socket: Int32) -> Int {
        if count == 1 { return LibC.send(socket, base.pointee.base, base.pointee.len, SocketCalls.sendFlags) }
        return base.withMemoryRebound(to: iovec.self, capacity: count) { pieces in
            var message = msghdr()
            message.msg_iov = pieces
            message.msg_iovlen = .init(min(count, Pieces.max))
            return sendmsg(socket, &message, SocketCalls.sendFlags)
        }
    }

    /// Forgets them, for the next write.
    public mutating func removeAll() {
        count = 0
        bytes = 0
    }
}
