// Reads the records of a message. A member's bytes are as little trusted as a client's: nothing is believed but the bytes there are.
// Must not know what a record leads to.

/// Goes over a message's records from the front: `kind u8, flags u8, length u16`, the body, and what fills it up to four bytes.
public struct RecordReader: ~Escapable {
    private let bytes: RawSpan
    private var at: Int

    /// Of a flag: a member that does not know the kind may skip it.
    static var mayBeSkipped: UInt8 { 1 }

    /// - Parameters:
    ///   - bytes: A message; records refer to places in it.
    ///   - start: Where the records begin: after the head.
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan, from start: Int = LinkHeader.byteCount) {
        self.bytes = bytes
        at = start
    }

    /// The next record; nil when that was all.
    public mutating func next() throws(RecordProblem) -> ClusterRecord? {
        while at < bytes.byteCount {
            guard bytes.byteCount - at >= 4 else { throw .malformed }
            let kind = bytes.load(at, as: UInt8.self)
            let flags = bytes.load(at + 1, as: UInt8.self)
            let count = Int(bytes.load(at + 2, as: UInt16.self))
            let body = at + 4
            let end = body + (count + 3) & ~3
            guard end <= bytes.byteCount else { throw .malformed }
            at = end
            if let kind = RecordKind(rawValue: kind) {
                // Nearly every record.
                if kind == .order { return .order(try order(body, count)) }
                if kind == .outcome { return try outcome(body, count) }
                return try record(kind, body, count)
            }
            guard flags & Self.mayBeSkipped != 0 else { throw .unsupported(kind) }
        }
        return nil
    }

    @inline(__always)
    private func must(_ holds: Bool) throws(RecordProblem) { if !holds { throw .malformed } }

    private func order(_ body: Int, _ count: Int) throws(RecordProblem) -> OrderRecord {
        try must(count == 24 && u8(body + 15) == 0)
        var order = OrderRecord(
            session: u32(body), request: u32(body + 4), device: u32(body + 8), feature: u16(body + 12), type: u8(body + 14),
            value: bytes.load(body + 16, as: Int32.self))
        order.duration = u32(body + 20)
        return order
    }

    private func outcome(_ body: Int, _ count: Int) throws(RecordProblem) -> ClusterRecord {
        guard count == 5, let code = OutcomeCode(rawValue: u8(body + 4)) else { throw .malformed }
        return .outcome(request: u32(body), code)
    }

    private func record(_ kind: RecordKind, _ body: Int, _ count: Int) throws(RecordProblem) -> ClusterRecord {
        switch kind {
        case .beat:
            try must(count == 12)
            return .beat(latchDigest: u64(body), guests: u32(body + 8))
        case .session: return try session(body, count)
        case .order: return .order(try order(body, count))
        case .outcome: return try outcome(body, count)
        case .stop:
            try must(count == 12)
            return .stop(session: u32(body), device: u32(body + 4), feature: u32(body + 8))
        case .sessionEnd:
            try must(count == 4)
            return .sessionEnd(session: u32(body))
        case .device: return try device(body, count)
        case .gone:
            try must(count == 4)
            return .gone(index: u32(body))
        case .told:
            try must(count == 0)
            return .told
        case .read: return .read(try sensor(body, count))
        case .subscribe: return .subscribe(try sensor(body, count))
        case .unsubscribe: return .unsubscribe(try sensor(body, count))
        case .values:
            try must(count >= 12 && count % 4 == 0)
            return .values(try sensor(body, 12), RecordPart(start: body + 12, count: count - 12))
        case .scan:
            try must(count == 1 && u8(body) <= 1)
            return .scan(isOn: u8(body) == 1)
        case .scanFinished:
            try must(count == 0)
            return .scanFinished
        case .fact:
            try must(count > 4)
            return .fact(index: u32(body), identity: RecordPart(start: body + 4, count: count - 4))
        case .latch: return try latch(body, count)
        case .masks:
            let part = RecordPart(start: body, count: count)
            _ = try masks(part)
            return .masks(part)
        case .grant:
            try must(count == 8)
            return .grant(GrantRecord(priorityMax: u8(body), stopScope: u8(body + 1), cap: u16(body + 2), ordersPerSecond: u32(body + 4)))
        case .bye:
            try must(count == 1)
            return .bye(reason: u8(body))
        }
    }

    private func session(_ body: Int, _ count: Int) throws(RecordProblem) -> ClusterRecord {
        try must(count >= 24 && u8(body + 15) <= 1)
        var record = SessionRecord(
            session: u32(body), age: u64(body + 4), priority: u8(body + 12), role: u8(body + 13), stopScope: u8(body + 14),
            version: u8(body + 20))
        (record.isMuted, record.gain, record.cap) = (u8(body + 15) == 1, u16(body + 16), u16(body + 18))
        try must(record.gain <= 10_000 && record.cap <= 10_000 && u8(body + 21) == 0 && u16(body + 22) == 0)
        return .session(record, name: RecordPart(start: body + 24, count: count - 24))
    }

    private func device(_ body: Int, _ count: Int) throws(RecordProblem) -> ClusterRecord {
        try must(count >= 14)
        let identity = Int(u16(body + 12))
        try must(identity > 0 && 14 + identity < count)
        return .device(
            index: u32(body), claim: u64(body + 4), identity: RecordPart(start: body + 14, count: identity),
            description: RecordPart(start: body + 14 + identity, count: count - 14 - identity))
    }

    private func sensor(_ body: Int, _ count: Int) throws(RecordProblem) -> SensorRecord {
        try must(count == 12 && u8(body + 11) == 0)
        return SensorRecord(request: u32(body), device: u32(body + 4), feature: u16(body + 8), type: u8(body + 10))
    }

    private func latch(_ body: Int, _ count: Int) throws(RecordProblem) -> ClusterRecord {
        try must(count >= 4)
        let (raised, cleared) = (8 * Int(u16(body)), 8 * Int(u16(body + 2)))
        try must(count == 4 + raised + cleared)
        return .latch(raised: RecordPart(start: body + 4, count: raised), cleared: RecordPart(start: body + 4 + raised, count: cleared))
    }

    // MARK: Parts

    /// A part as text. What is not UTF-8 in it is replaced.
    public func text(_ part: RecordPart) -> String {
        bytes.withUnsafeBytes { String(decoding: $0[part.start..<(part.start + part.count)], as: UTF8.self) }
    }

    public func bytes(of part: RecordPart) -> [UInt8] {
        bytes.withUnsafeBytes { Array($0[part.start..<(part.start + part.count)]) }
    }

    /// How many numbers of 64 bits a part has.
    public func idCount(_ part: RecordPart) -> Int { part.count / 8 }
    public func id(_ place: Int, in part: RecordPart) -> UInt64 {
        precondition(place >= 0 && place < idCount(part))
        return u64(part.start + 8 * place)
    }

    public func ids(_ part: RecordPart) -> [UInt64] {
        var ids: [UInt64] = []
        for place in 0..<idCount(part) { ids.append(id(place, in: part)) }
        return ids
    }

    /// How many values a reading has.
    public func valueCount(_ part: RecordPart) -> Int { part.count / 4 }
    public func value(_ place: Int, in part: RecordPart) -> Int32 {
        precondition(place >= 0 && place < valueCount(part))
        return bytes.load(part.start + 4 * place, as: Int32.self)
    }

    /// - Throws: When the part is no list of masks; the part of a record is one.
    public func masks(_ part: RecordPart) throws(RecordProblem) -> [MaskRecord] {
        var found: [MaskRecord] = []
        var at = part.start
        let end = part.start + part.count
        while at < end {
            try must(end - at >= 3)
            let size = Int(u8(at + 2))
            try must(end - at - 3 >= size && u8(at + 1) <= 1)
            found.append(
                MaskRecord(
                    level: u8(at), releasesOnLoss: u8(at + 1) == 1, holder: text(RecordPart(start: at + 3, count: size))))
            at += 3 + size
        }
        return found
    }

    // Places are checked by the caller against the record's length.
    @inline(__always) private func u8(_ place: Int) -> UInt8 { bytes.load(place, as: UInt8.self) }
    @inline(__always) private func u16(_ place: Int) -> UInt16 { bytes.load(place, as: UInt16.self) }
    @inline(__always) private func u32(_ place: Int) -> UInt32 { bytes.load(place, as: UInt32.self) }
    @inline(__always) private func u64(_ place: Int) -> UInt64 { bytes.load(place, as: UInt64.self) }
}
