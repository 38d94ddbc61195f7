// Writes the records of a link's next message, after room for its head.
// Must not know when the message is sent.

/// A message that grows by records. Nothing is allocated once it has been as long as a message may be.
public struct RecordWriter: ~Copyable {
    private var base: UnsafeMutableRawPointer
    private var capacity: Int
    /// Bytes with the head.
    public private(set) var count = LinkHeader.byteCount

    public init() {
        capacity = 1_024
        base = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit { base.deallocate() }

    public var isEmpty: Bool { count == LinkHeader.byteCount }
    /// Bytes of records.
    public var recordBytes: Int { count - LinkHeader.byteCount }

    /// The whole message with this head; good until the next call.
    public mutating func sealed(_ header: LinkHeader) -> UnsafeRawBufferPointer {
        header.write(to: UnsafeMutableRawBufferPointer(start: base, count: capacity))
        return UnsafeRawBufferPointer(start: base, count: count)
    }

    /// Forgets the records, and keeps the memory.
    public mutating func reset() { count = LinkHeader.byteCount }

    // MARK: Records

    // Each returns the bytes that it took, or 0: it does not fit in this message, which is to be sent first.

    public mutating func beat(latchDigest: UInt64, guests: UInt32) -> Int {
        guard let at = begin(.beat, 12) else { return 0 }
        put(latchDigest, at)
        put(guests, at + 8)
        return 16
    }

    public mutating func session(_ record: SessionRecord, name: String) -> Int {
        let name = Array(name.utf8.prefix(255))
        guard let at = begin(.session, 24 + name.count) else { return 0 }
        put(record.session, at)
        put(record.age, at + 4)
        put(bytes(record.priority, record.role, record.stopScope, record.isMuted ? 1 : 0), at + 12)
        put(UInt32(record.gain) | UInt32(record.cap) << 16, at + 16)
        put(UInt32(record.version), at + 20)
        put(name, at + 24)
        return Self.size(24 + name.count)
    }

    @inline(__always)
    public mutating func order(_ record: OrderRecord) -> Int {
        guard let at = begin(.order, 24) else { return 0 }
        put(record.session, at)
        put(record.request, at + 4)
        put(record.device, at + 8)
        put(UInt32(record.feature) | UInt32(record.type) << 16, at + 12)
        put(UInt32(bitPattern: record.value), at + 16)
        put(record.duration, at + 20)
        return 28
    }

    @inline(__always)
    public mutating func outcome(request: UInt32, _ code: OutcomeCode) -> Int {
        guard let at = begin(.outcome, 5) else { return 0 }
        put(request, at)
        put(UInt32(code.rawValue), at + 4)
        return 12
    }

    public mutating func stop(session: UInt32, device: UInt32, feature: UInt32) -> Int {
        guard let at = begin(.stop, 12) else { return 0 }
        put(session, at)
        put(device, at + 4)
        put(feature, at + 8)
        return 16
    }

    public mutating func sessionEnd(session: UInt32) -> Int { number(.sessionEnd, session) }
    public mutating func gone(index: UInt32) -> Int { number(.gone, index) }
    public mutating func told() -> Int { begin(.told, 0) == nil ? 0 : 4 }
    public mutating func scanFinished() -> Int { begin(.scanFinished, 0) == nil ? 0 : 4 }
    public mutating func scan(isOn: Bool) -> Int { byte(.scan, isOn ? 1 : 0) }
    public mutating func bye(reason: UInt8) -> Int { byte(.bye, reason) }

    /// - Parameters:
    ///   - identity: 1 to 1,024 bytes; more is cut off.
    ///   - description: 1 to 32,768 bytes.
    public mutating func device(index: UInt32, claim: UInt64, identity: String, description: [UInt8]) -> Int {
        let identity = Array(identity.utf8.prefix(1_024))
        let size = 14 + identity.count + description.count
        guard let at = begin(.device, size) else { return 0 }
        put(index, at)
        put(claim, at + 4)
        at.storeBytes(of: UInt16(identity.count).littleEndian, toByteOffset: 12, as: UInt16.self)
        put(identity, at + 14)
        put(description, at + 14 + identity.count)
        return Self.size(size)
    }

    public mutating func read(_ record: SensorRecord) -> Int { sensor(.read, record) }
    public mutating func subscribe(_ record: SensorRecord) -> Int { sensor(.subscribe, record) }
    public mutating func unsubscribe(_ record: SensorRecord) -> Int { sensor(.unsubscribe, record) }
    public mutating func values(_ record: SensorRecord, _ values: [Int32]) -> Int { sensor(.values, record, values) }

    public mutating func fact(index: UInt32, identity: String) -> Int {
        let identity = Array(identity.utf8.prefix(1_024))
        guard let at = begin(.fact, 4 + identity.count) else { return 0 }
        put(index, at)
        put(identity, at + 4)
        return Self.size(4 + identity.count)
    }

    public mutating func latch(raised: [UInt64], cleared: [UInt64]) -> Int {
        let size = 4 + 8 * (raised.count + cleared.count)
        guard let at = begin(.latch, size) else { return 0 }
        put(UInt32(raised.count) | UInt32(cleared.count) << 16, at)
        for (place, id) in (raised + cleared).enumerated() { put(id, at + 4 + 8 * place) }
        return Self.size(size)
    }

    public mutating func masks(_ masks: [MaskRecord]) -> Int {
        let body = masks.flatMap { mask in
            let holder = Array(mask.holder.utf8.prefix(255))
            return [mask.level, mask.releasesOnLoss ? 1 : 0, UInt8(holder.count)] + holder
        }
        guard let at = begin(.masks, body.count) else { return 0 }
        put(body, at)
        return Self.size(body.count)
    }

    public mutating func grant(_ record: GrantRecord) -> Int {
        guard let at = begin(.grant, 8) else { return 0 }
        put(UInt32(record.priorityMax) | UInt32(record.stopScope) << 8 | UInt32(record.cap) << 16, at)
        put(record.ordersPerSecond, at + 4)
        return 12
    }

    // MARK: Pieces

    private static func size(_ body: Int) -> Int { 4 + (body + 3) & ~3 }

    /// Where a body of this length goes, with its last word zero; nil: the message would be too long.
    @inline(__always)
    private mutating func begin(_ kind: RecordKind, _ body: Int) -> UnsafeMutableRawPointer? {
        let size = Self.size(body)
        if count &+ size > capacity { guard grow(size) else { return nil } }
        let at = base + count
        count &+= size
        if body > 0 { at.storeBytes(of: 0, toByteOffset: size &- 4, as: UInt32.self) }
        at.storeBytes(of: (UInt32(kind.rawValue) | UInt32(truncatingIfNeeded: body) << 16).littleEndian, as: UInt32.self)
        return at + 4
    }

    @inline(never)
    private mutating func grow(_ more: Int) -> Bool {
        guard count + more <= LinkHeader.messageBytesMax else { return false }
        let larger = min(LinkHeader.messageBytesMax, max(capacity * 2, count + more))
        let fresh = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
        fresh.copyMemory(from: base, byteCount: count)
        base.deallocate()
        (base, capacity) = (fresh, larger)
        return true
    }

    private mutating func number(_ kind: RecordKind, _ value: UInt32) -> Int {
        guard let at = begin(kind, 4) else { return 0 }
        put(value, at)
        return 8
    }

    private mutating func byte(_ kind: RecordKind, _ value: UInt8) -> Int {
        guard let at = begin(kind, 1) else { return 0 }
        put(UInt32(value), at)
        return 8
    }

    private mutating func sensor(_ kind: RecordKind, _ record: SensorRecord, _ values: [Int32] = []) -> Int {
        guard let at = begin(kind, 12 + 4 * values.count) else { return 0 }
        put(record.request, at)
        put(record.device, at + 4)
        put(UInt32(record.feature) | UInt32(record.type) << 16, at + 8)
        for (place, value) in values.enumerated() { put(UInt32(bitPattern: value), at + 12 + 4 * place) }
        return 16 + 4 * values.count
    }

    private func bytes(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) -> UInt32 {
        UInt32(a) | UInt32(b) << 8 | UInt32(c) << 16 | UInt32(d) << 24
    }

    @inline(__always)
    private func put<Number: FixedWidthInteger & BitwiseCopyable>(_ value: Number, _ at: UnsafeMutableRawPointer) {
        at.storeBytes(of: value.littleEndian, as: Number.self)
    }

    private func put(_ bytes: [UInt8], _ at: UnsafeMutableRawPointer) {
        bytes.withUnsafeBytes { source in
            if let start = source.baseAddress { at.copyMemory(from: start, byteCount: source.count) }
        }
    }
}
