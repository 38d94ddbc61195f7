// The flat, reused buffer that outgoing messages are written into, each after room for its frame header.
// Must not know WebSocket or JSON: it knows lengths. A link turns the room into its own header, in place.

/// Messages back to back. Each is preceded by a prefix: one byte left for the link, then the length as
/// 7 bits, or 126 and 16 bits, or 127 and 64 bits, big endian: exactly the room a frame header needs.
public struct MessageBuffer: ~Copyable {
    @usableFromInline var base: UnsafeMutableRawPointer
    @usableFromInline var capacity: Int
    /// Bytes written so far.
    public private(set) var count: Int = 0

    /// Room left in front of a message while its length is not known.
    @usableFromInline static var shortPrefix: Int { 2 }

    public init(capacity: Int = 64 * 1024) {
        base = .allocate(byteCount: capacity, alignment: 16)
        self.capacity = capacity
    }

    deinit { base.deallocate() }

    /// Makes room for `n` bytes more and returns where they go. What is written there counts only after `advance(n)`.
    @inlinable @inline(__always)
    public mutating func room(_ n: Int) -> UnsafeMutableRawPointer {
        if count &+ n > capacity { grow(n) }
        return base + count
    }

    @usableFromInline @inline(never)
    mutating func grow(_ n: Int) {
        var larger = capacity * 2
        while larger < count + n { larger *= 2 }
        let fresh = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
        fresh.copyMemory(from: base, byteCount: count)
        base.deallocate()
        base = fresh
        capacity = larger
    }

    /// Counts `n` bytes that were written at `room(n)`.
    @inlinable @inline(__always)
    public mutating func advance(_ n: Int) { setCount(count &+ n) }

    @usableFromInline @inline(__always)
    mutating func setCount(_ n: Int) { count = n }

    /// Opens a message: leaves room for its prefix and returns where it begins.
    @inlinable @inline(__always)
    public mutating func begin() -> Int {
        let start = count
        _ = room(Self.shortPrefix)
        setCount(start &+ Self.shortPrefix)
        return start
    }

    /// Ends the message opened at `start`: writes its length, and moves it when it needs a longer prefix.
    @inlinable @inline(__always)
    public mutating func end(_ start: Int) {
        let length = count &- start &- Self.shortPrefix
        if length < 126 {
            base.storeBytes(of: UInt8(truncatingIfNeeded: length), toByteOffset: start &+ 1, as: UInt8.self)
        } else {
            endLong(start, length)
        }
    }

    @usableFromInline @inline(never)
    mutating func endLong(_ start: Int, _ length: Int) {
        let extra = length < 65_536 ? 2 : 8
        _ = room(extra)
        let payload = base + start + Self.shortPrefix
        (payload + extra).copyMemory(from: payload, byteCount: length)
        count += extra
        if extra == 2 {
            base.storeBytes(of: 126, toByteOffset: start + 1, as: UInt8.self)
            base.storeBytes(of: UInt16(length).bigEndian, toByteOffset: start + 2, as: UInt16.self)
        } else {
            base.storeBytes(of: 127, toByteOffset: start + 1, as: UInt8.self)
            base.storeBytes(of: UInt64(length).bigEndian, toByteOffset: start + 2, as: UInt64.self)
        }
    }

    /// Takes back everything written since `start`.
    public mutating func drop(from start: Int) { count = start }

    /// Forgets all messages; the memory stays for the next turn, unless one turn needed far more than usual.
    public mutating func reset(keeping limit: Int = 1 << 20) {
        count = 0
        if capacity > limit {
            base.deallocate()
            base = .allocate(byteCount: limit, alignment: 16)
            capacity = limit
        }
    }

    /// The messages between two positions, for a link to seal and send.
    @inlinable @inline(__always)
    public mutating func run(_ start: Int, _ end: Int) -> MessageRun {
        MessageRun(bytes: UnsafeMutableRawBufferPointer(start: base + start, count: end &- start))
    }
}

/// Finished messages of one session, back to back, in a `MessageBuffer` that outlives the call it is handed to.
public struct MessageRun {
    /// Prefixes and payloads.
    public let bytes: UnsafeMutableRawBufferPointer

    @inlinable public init(bytes: UnsafeMutableRawBufferPointer) { self.bytes = bytes }

    /// Calls `body` with each message's prefix position, payload position and payload length, in order.
    @inlinable @inline(__always)
    public func forEach(_ body: (_ prefix: Int, _ payload: Int, _ length: Int) -> Void) {
        guard let base = bytes.baseAddress else { return }
        var at = 0
        let end = bytes.count
        while at < end {
            let short = Int(base.load(fromByteOffset: at &+ 1, as: UInt8.self))
            var payload = at &+ 2
            var length = short
            if short == 126 {
                length = Int(UInt16(bigEndian: base.loadUnaligned(fromByteOffset: at &+ 2, as: UInt16.self)))
                payload = at &+ 4
            } else if short == 127 {
                length = Int(UInt64(bigEndian: base.loadUnaligned(fromByteOffset: at &+ 2, as: UInt64.self)))
                payload = at &+ 10
            }
            body(at, payload, length)
            at = payload &+ length
        }
    }
}
