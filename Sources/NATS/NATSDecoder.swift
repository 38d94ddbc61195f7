// Bytes in, whole protocol messages out (NATS client protocol), without I/O: payloads are reported where they lie.
// Must not know sockets, or what an answer is. The caller's buffer is always used up; what is not whole yet is held here until it is.

/// Turns a connection's incoming bytes into what a server says.
///
/// Call `next` until it says `.needMore`; only then has all of the buffer been used. A decoder between two messages holds nothing, but
/// keeps its memory up to 64 KiB.
public struct NATSDecoder: ~Copyable {
    private let limits: NATSLimits
    /// The beginning of a message that is not whole yet.
    private var held: UnsafeMutableRawPointer?
    private var heldCount = 0
    private var heldCapacity = 0
    /// Bytes of the whole message, from its first; 0: not known before the end of its line.
    private var wanted = 0
    /// The held message was reported, and may be dropped.
    private var isReported = false
    /// A violation was reported.
    public private(set) var isEnded = false

    public init(limits: NATSLimits = NATSLimits()) { self.limits = limits }

    deinit { held?.deallocate() }

    /// Nothing is held: the next message begins with the next byte.
    public var isBetweenMessages: Bool { heldCount == 0 || isReported }

    /// The next message of `buffer`, beginning at `at`, which moves past what was used.
    public mutating func next(in buffer: UnsafeRawBufferPointer, at: inout Int) -> NATSInput {
        if heldCount > 0 { return nextHeld(in: buffer, at: &at) }
        guard at < buffer.count, !isEnded, let start = buffer.baseAddress else {
            at = buffer.count
            return .needMore
        }
        let left = buffer.count &- at
        switch NATSReading.read(start + at, left, limits) {
        case .whole(let input, let count):
            at &+= count
            return input
        case .partial(let wanted):
            hold(start + at, left)
            self.wanted = wanted
            at = buffer.count
            return .needMore
        case .wrong(let violation): return end(violation)
        }
    }

    /// Goes on with a message whose beginning is held.
    @inline(never)
    private mutating func nextHeld(in buffer: UnsafeRawBufferPointer, at: inout Int) -> NATSInput {
        if isReported {
            drop()
            return next(in: buffer, at: &at)
        }
        while at < buffer.count, let start = buffer.baseAddress {
            let left = buffer.count - at
            let count = wanted > 0 ? min(wanted - heldCount, left) : NATSReading.upToLineEnd(start + at, left)
            hold(start + at, count)
            at += count
            if wanted > heldCount { break }
            guard let held else { break }
            switch NATSReading.read(UnsafeRawPointer(held), heldCount, limits) {
            case .whole(let input, _):
                isReported = true
                return input
            case .partial(let wanted): self.wanted = wanted
            case .wrong(let violation): return end(violation)
            }
        }
        return .needMore
    }

    private mutating func end(_ violation: NATSViolation) -> NATSInput {
        isEnded = true
        drop()
        return .violation(violation)
    }

    private mutating func drop() {
        (heldCount, wanted, isReported) = (0, 0, false)
        if heldCapacity > Self.heldKept {
            held?.deallocate()
            (held, heldCapacity) = (nil, 0)
        }
    }

    private static var heldKept: Int { 64 * 1_024 }

    private mutating func hold(_ bytes: UnsafeRawPointer, _ count: Int) {
        let needed = heldCount + count
        if needed > heldCapacity {
            let larger = max(needed, heldCapacity * 2, 256)
            let fresh = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
            if let held {
                fresh.copyMemory(from: held, byteCount: heldCount)
                held.deallocate()
            }
            (held, heldCapacity) = (fresh, larger)
        }
        held.unsafelyUnwrapped.advanced(by: heldCount).copyMemory(from: bytes, byteCount: count)
        heldCount = needed
    }
}
