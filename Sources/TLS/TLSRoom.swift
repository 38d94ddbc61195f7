// Memory that the sessions of one loop share: what is to be sent, and where plain text is put. An idle session has none of its own.
// Must not know what is in it.

/// Shared memory. Belongs to one thread.
public final class TLSRoom {
    /// Encrypted bytes that wait to be sent; valid until something else is written.
    public var output: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }
    private var base: UnsafeMutableRawPointer
    private var capacity = 1 << 15
    private var count = 0
    private var plain: UnsafeMutableRawBufferPointer?

    /// Above this the memory is given back after use.
    private static let capacityKept = 1 << 18
    /// Bytes of plain text that are decrypted before they are delivered: several whole records.
    public static let plainBytes = 1 << 16
    /// The most that one record holds; reads give the library so much room.
    public static let recordBytes = 1 << 14

    public init() { base = .allocate(byteCount: capacity, alignment: 16) }

    deinit {
        base.deallocate()
        plain?.deallocate()
    }

    /// Everything of `output` has been sent or copied.
    public func removeOutput() {
        count = 0
        guard capacity > Self.capacityKept else { return }
        base.deallocate()
        capacity = 1 << 15
        base = .allocate(byteCount: capacity, alignment: 16)
    }

    func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        if count + bytes.count > capacity {
            let larger = max(capacity * 2, count + bytes.count)
            let fresh = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
            fresh.copyMemory(from: base, byteCount: count)
            base.deallocate()
            (base, capacity) = (fresh, larger)
        }
        (base + count).copyMemory(from: source, byteCount: bytes.count)
        count += bytes.count
    }

    /// Lends the memory for plain text; a read within another gets memory of its own.
    public func borrowPlain() -> UnsafeMutableRawBufferPointer {
        defer { plain = nil }
        return plain ?? .allocate(byteCount: Self.plainBytes, alignment: 16)
    }

    /// Takes it back.
    public func returnPlain(_ memory: UnsafeMutableRawBufferPointer) {
        plain?.deallocate()
        plain = memory
    }
}
