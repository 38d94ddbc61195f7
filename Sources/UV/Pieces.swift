// The reused list of memory pieces that one gathered write sends.
// Must not know whose memory it is.

import CUV

/// Pieces of memory, in order, as the kernel wants them. The memory is only borrowed.
struct Pieces: ~Copyable {
    private(set) var base: UnsafeMutablePointer<uv_buf_t>
    private var capacity = 16
    private(set) var count = 0
    private(set) var bytes = 0

    init() { base = .allocate(capacity: capacity) }

    deinit { base.deallocate() }

    mutating func append(_ piece: UnsafeRawBufferPointer) {
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

    mutating func removeAll() {
        count = 0
        bytes = 0
    }
}
