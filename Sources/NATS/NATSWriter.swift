// Writes what a client says, into one flat buffer that is used again and again.
// Must not know when something is said, nor who reads it.

/// Protocol messages back to back. Nothing is allocated once the buffer has grown to what one turn needs.
public struct NATSWriter: ~Copyable {
    private var base: UnsafeMutableRawPointer
    private var capacity: Int
    /// Bytes written so far.
    public private(set) var count = 0

    public init(capacity: Int = 4_096) {
        let capacity = max(64, capacity)
        base = .allocate(byteCount: capacity, alignment: 16)
        self.capacity = capacity
    }

    deinit { base.deallocate() }

    /// What has been written; good until the next call.
    public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    /// Forgets what has been written. The memory stays, unless it is more than `limit` bytes.
    public mutating func reset(keeping limit: Int = 1 << 20) {
        count = 0
        if capacity > limit {
            base.deallocate()
            capacity = max(64, limit)
            base = .allocate(byteCount: capacity, alignment: 16)
        }
    }

    public mutating func ping() { append("PING\r\n") }
    public mutating func pong() { append("PONG\r\n") }

    /// - Parameter number: What messages of this subscription are marked with.
    public mutating func subscribe(_ subject: NATSSubject, as number: UInt32) {
        append("SUB ")
        append(subject.bytes)
        append(UInt8(ascii: " "))
        append(number: Int(number))
        append("\r\n")
    }

    /// - Parameter reply: Where the server says that nobody listens; nil: it says that to nobody.
    public mutating func publish(_ subject: NATSSubject, reply: NATSSubject?, _ payload: UnsafeRawBufferPointer) {
        // One check of the room for all of it: the words, the longest number and the line ends are less than 32 bytes.
        var at = room(32 &+ subject.bytes.count &+ (reply?.bytes.count ?? 0) &+ payload.count)
        at.storeBytes(of: UInt32(littleEndian: 0x2042_5550), as: UInt32.self)
        at += 4
        at = put(subject.bytes, at)
        at.storeBytes(of: 0x20, as: UInt8.self)
        at += 1
        if let reply {
            at = put(reply.bytes, at)
            at.storeBytes(of: 0x20, as: UInt8.self)
            at += 1
        }
        at = put(number: payload.count, at)
        at.storeBytes(of: UInt16(littleEndian: 0x0A0D), as: UInt16.self)
        at += 2
        if let start = payload.baseAddress {
            at.copyMemory(from: start, byteCount: payload.count)
            at += payload.count
        }
        at.storeBytes(of: UInt16(littleEndian: 0x0A0D), as: UInt16.self)
        count = (at + 2) - base
    }

    /// `CONNECT` with the fields of `object`.
    public mutating func connect(_ object: NATSConnect) {
        append("CONNECT {")
        var isFirst = true
        for (name, value) in object.fields {
            if !isFirst { append(UInt8(ascii: ",")) }
            isFirst = false
            append(quoted: name)
            append(UInt8(ascii: ":"))
            switch value {
            case .flag(let flag): append(flag ? "true" : "false")
            case .number(let number): append(number: number)
            case .text(let text): append(quoted: text)
            }
        }
        append("}\r\n")
    }

    // MARK: Pieces

    /// Room for `more` bytes after what is there.
    private mutating func room(_ more: Int) -> UnsafeMutableRawPointer {
        if count &+ more > capacity { grow(more) }
        return base + count
    }

    @inline(never)
    private mutating func grow(_ more: Int) {
        var larger = capacity * 2
        while larger < count + more { larger *= 2 }
        let fresh = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
        fresh.copyMemory(from: base, byteCount: count)
        base.deallocate()
        (base, capacity) = (fresh, larger)
    }

    @inline(__always)
    private func put(_ bytes: [UInt8], _ at: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        bytes.withUnsafeBytes { source in
            guard let start = source.baseAddress else { return at }
            at.copyMemory(from: start, byteCount: source.count)
            return at + source.count
        }
    }

    /// A number that is not negative, in at most 19 digits.
    @inline(__always)
    private func put(number: Int, _ at: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        var digits = 1
        var power = 10
        while power <= number, digits < 19 {
            digits &+= 1
            power = power.multipliedReportingOverflow(by: 10).partialValue
        }
        var rest = UInt(bitPattern: number)
        for place in stride(from: digits &- 1, through: 0, by: -1) {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            at.storeBytes(of: 0x30 &+ UInt8(truncatingIfNeeded: digit), toByteOffset: place, as: UInt8.self)
            rest = quotient
        }
        return at + digits
    }

    private mutating func append(number: Int) { count = put(number: max(0, number), room(20)) - base }

    private mutating func append(_ byte: UInt8) {
        room(1).storeBytes(of: byte, as: UInt8.self)
        count += 1
    }

    private mutating func append(_ bytes: [UInt8]) { count = put(bytes, room(bytes.count)) - base }

    private mutating func append(_ text: StaticString) {
        room(text.utf8CodeUnitCount).copyMemory(from: text.utf8Start, byteCount: text.utf8CodeUnitCount)
        count += text.utf8CodeUnitCount
    }

    private mutating func append(quoted text: String) {
        append(UInt8(ascii: "\""))
        let hex = Array("0123456789abcdef".utf8)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                append(UInt8(ascii: "\\"))
                append(byte)
            case 0..<0x20: append(Array("\\u00".utf8) + [hex[Int(byte >> 4)], hex[Int(byte & 15)]])
            default: append(byte)
            }
        }
        append(UInt8(ascii: "\""))
    }
}

/// What `CONNECT` says, in order.
public struct NATSConnect {
    public enum Value: Hashable, Sendable {
        case flag(Bool)
        case number(Int)
        case text(String)
    }

    public var fields: [(String, Value)]

    public init(_ fields: [(String, Value)]) { self.fields = fields }
}
