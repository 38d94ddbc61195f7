// What one session has asked and not yet been answered: when each request was due, and what kind of answer belongs to it.
// Must not know texts, sockets or clocks.

/// What became of an answer.
public enum Settlement: Hashable, Sendable {
    /// The answer to a request that was due at this time (nanoseconds, the lowest three bits lost).
    case answered(due: UInt64)
    /// An answer of the wrong kind to a request that was due then; the request is settled by it.
    case mismatched(due: UInt64)
    /// Its request has been answered before.
    case duplicated
    /// Nobody has asked that.
    case unknown
}

/// Requests in flight, in a ring that grows with them. Ids have eight digits, so that a frame's Id is patched in place.
public struct ReplyLedger: ~Copyable {
    /// The first Id, and how many there are before it begins again; a power of two, so that a ring of any size goes round with it.
    public static let firstID: UInt32 = 10_000_000
    static let span: UInt64 = 1 << 26
    /// The longest ring.
    public static let capacityMax = 1 << 20

    private var slots: UnsafeMutablePointer<UInt64>
    private var mask: UInt64
    private var issued: UInt64 = 0
    /// The next Id in ASCII, its first digit in the lowest byte.
    private var text: UInt64 = firstText
    public private(set) var inFlight = 0

    /// The first Id in ASCII.
    static let firstText: UInt64 = 0x3030_3030_3030_3031

    /// - Parameter capacity: Requests in flight before the ring grows; a power of two.
    public init(capacity: Int = 32) {
        precondition(capacity > 0 && capacity & (capacity - 1) == 0, "the ring's size is a power of two")
        slots = .allocate(capacity: capacity)
        slots.initialize(repeating: 0, count: capacity)
        mask = UInt64(capacity - 1)
    }

    deinit { slots.deallocate() }

    /// Whether another request can be noted: not when one of a million before it is still unanswered.
    @inline(__always)
    public var hasRoom: Bool { slots[Int(issued & mask)] == 0 || Int(mask) + 1 < Self.capacityMax }

    /// Notes a request and gives its Id as eight ASCII digits, in memory order.
    @inline(__always)
    public mutating func issue(due: UInt64, expecting kind: ReplyKind) -> UInt64 {
        if slots[Int(issued & mask)] != 0 { grow() }
        // A due time is never 0 where it counts; bit 2 keeps a slot in use apart from an empty one.
        slots[Int(issued & mask)] = due & ~7 | 4 | UInt64(kind.rawValue & 3)
        issued &+= 1
        inFlight &+= 1
        let id = text
        text = id &+ 1 &<< 56
        if text &>> 56 > 0x39 || issued & (Self.span &- 1) == 0 { carry() }
        return id
    }

    /// Notes an answer.
    @inline(__always)
    public mutating func settle(_ id: UInt32, _ kind: ReplyKind) -> Settlement {
        let offset = UInt64(id &- Self.firstID)
        guard offset < Self.span else { return .unknown }
        let age = (issued &- offset) & (Self.span &- 1)
        guard age != 0, age <= issued else { return .unknown }
        let index = Int(offset & mask)
        guard age <= mask &+ 1, slots[index] != 0 else { return .duplicated }
        let slot = slots[index]
        slots[index] = 0
        inFlight &-= 1
        let due = slot & ~7
        // An error answers everything.
        return slot & 3 == UInt64(kind.rawValue) || kind == .error ? .answered(due: due) : .mismatched(due: due)
    }

    /// When each request that is in flight was due, in the order of asking.
    public func forEachPending(_ body: (UInt64) -> Void) {
        guard inFlight > 0 else { return }
        let first = issued > mask ? issued &- mask &- 1 : 0
        for number in first..<issued where slots[Int(number & mask)] != 0 { body(slots[Int(number & mask)] & ~7) }
    }

    @inline(never)
    private mutating func carry() {
        if issued & (Self.span &- 1) == 0 {
            text = Self.firstText
            return
        }
        var number = UInt64(Self.firstID) + issued & (Self.span &- 1)
        text = 0
        for _ in 0..<8 {
            text = text &<< 8 | (0x30 + number % 10)
            number /= 10
        }
    }

    /// Doubles the ring. Every request in flight is younger than the ring is long, so each has one slot in the longer one.
    @inline(never)
    private mutating func grow() {
        let count = Int(mask) + 1
        precondition(count < Self.capacityMax, "ask hasRoom first")
        let fresh = UnsafeMutablePointer<UInt64>.allocate(capacity: count * 2)
        fresh.initialize(repeating: 0, count: count * 2)
        let wide = UInt64(count * 2 - 1)
        for back in 1...UInt64(count) where back <= issued {
            let number = issued &- back
            fresh[Int(number & wide)] = slots[Int(number & mask)]
        }
        slots.deallocate()
        slots = fresh
        mask = wide
    }
}
