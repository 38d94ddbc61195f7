// Memory for the payload of one message or control frame that arrives in pieces.
// Must not know frames; grows with what really came rather than with what was announced.

/// Growing bytes that are freed with their owner.
struct PayloadStore: ~Copyable {
    private var base: UnsafeMutableRawPointer?
    private var capacity = 0
    private var count = 0

    init() {}

    deinit { base?.deallocate() }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    mutating func removeAll() { count = 0 }

    /// Appends `piece`, the beginning of `announced` bytes. Those are believed up to 1 KiB; beyond that memory grows with what came.
    mutating func append(_ piece: UnsafeRawBufferPointer, expecting announced: Int) {
        let needed = count + piece.count
        if needed > capacity { grow(to: max(needed, min(count + announced, max(1024, capacity * 2)))) }
        guard let base, let source = piece.baseAddress else { return }
        (base + count).copyMemory(from: source, byteCount: piece.count)
        count = needed
    }

    private mutating func grow(to larger: Int) {
        let fresh = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
        if let base {
            fresh.copyMemory(from: base, byteCount: count)
            base.deallocate()
        }
        base = fresh
        capacity = larger
    }
}
