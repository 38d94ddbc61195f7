// Frames out (RFC 6455 §5.2): headers, control frames and close frames written into the caller's memory.
// Must not know sockets; randomness for client masks comes from the caller.

/// Writes frames. `key` is the mask a client must apply (§5.3), in memory order; a server passes nil.
public enum FrameWriter {
    /// First byte of an unfragmented text frame.
    public static let textStart: UInt8 = 0x81
    /// The same of a binary message.
    public static let binaryStart: UInt8 = 0x82
    /// Bytes of the longest header.
    public static let headerMax = 14
    /// Bytes of the longest control frame, masked.
    public static let controlMax = 131

    /// Bytes of the header in front of `payload` bytes.
    @inlinable public static func headerSize(payload: Int, masked: Bool = false) -> Int {
        (payload < 126 ? 2 : payload < 65_536 ? 4 : 10) + (masked ? 4 : 0)
    }

    /// Writes a header for `payload` bytes to `out`, which has room for `headerSize` bytes; returns how many it wrote.
    /// The caller masks the payload itself (`Masking.apply`).
    @inlinable public static func header(
        _ opcode: Opcode, isFinal: Bool = true, payload: Int, key: UInt32? = nil, to out: UnsafeMutableRawPointer
    ) -> Int {
        let maskBit: UInt8 = key == nil ? 0 : 0x80
        out.storeBytes(of: opcode.rawValue | (isFinal ? 0x80 : 0), as: UInt8.self)
        var size = 2
        if payload < 126 {
            out.storeBytes(of: UInt8(truncatingIfNeeded: payload) | maskBit, toByteOffset: 1, as: UInt8.self)
        } else if payload < 65_536 {
            out.storeBytes(of: 126 | maskBit, toByteOffset: 1, as: UInt8.self)
            out.storeBytes(of: UInt16(truncatingIfNeeded: payload).bigEndian, toByteOffset: 2, as: UInt16.self)
            size = 4
        } else {
            out.storeBytes(of: 127 | maskBit, toByteOffset: 1, as: UInt8.self)
            out.storeBytes(of: UInt64(payload).bigEndian, toByteOffset: 2, as: UInt64.self)
            size = 10
        }
        if let key {
            out.storeBytes(of: key, toByteOffset: size, as: UInt32.self)
            size += 4
        }
        return size
    }

    /// Writes a whole ping or pong to `out`, which has room for `controlMax` bytes; returns how many it wrote.
    /// `payload` has at most 125 bytes.
    public static func control(
        _ opcode: Opcode, payload: UnsafeRawBufferPointer, key: UInt32? = nil, to out: UnsafeMutableRawPointer
    ) -> Int {
        precondition(opcode.isControl && payload.count <= 125, "a control frame has at most 125 bytes")
        let size = header(opcode, payload: payload.count, key: key, to: out)
        if let source = payload.baseAddress { (out + size).copyMemory(from: source, byteCount: payload.count) }
        if let key { _ = Masking.apply(key, to: out + size, count: payload.count) }
        return size + payload.count
    }

    /// Writes a whole close frame to `out`, which has room for `controlMax` bytes; returns how many it wrote. A status that must not
    /// be sent (1005: none was given) makes it empty; a reason over 123 bytes is cut between characters.
    public static func close(
        status: UInt16, reason: UnsafeRawBufferPointer, key: UInt32? = nil, to out: UnsafeMutableRawPointer
    ) -> Int {
        guard CloseFrame.maySend(status) else {
            return control(.close, payload: UnsafeRawBufferPointer(start: nil, count: 0), key: key, to: out)
        }
        let cut = fitting(reason)
        let size = header(.close, payload: 2 + cut, key: key, to: out)
        out.storeBytes(of: status.bigEndian, toByteOffset: size, as: UInt16.self)
        if let source = reason.baseAddress { (out + size + 2).copyMemory(from: source, byteCount: cut) }
        if let key { _ = Masking.apply(key, to: out + size, count: 2 + cut) }
        return size + 2 + cut
    }

    /// The same, for a reason that is a literal.
    public static func close(
        status: UInt16, reason: StaticString = "", key: UInt32? = nil, to out: UnsafeMutableRawPointer
    ) -> Int {
        let bytes = UnsafeRawBufferPointer(start: reason.utf8Start, count: reason.utf8CodeUnitCount)
        return close(status: status, reason: bytes, key: key, to: out)
    }

    /// How much of a reason fits, without cutting a character.
    private static func fitting(_ reason: UnsafeRawBufferPointer) -> Int {
        guard reason.count > CloseFrame.reasonMax else { return reason.count }
        var end = CloseFrame.reasonMax
        while end > 0, reason[end] & 0xC0 == 0x80 { end -= 1 }
        return end
    }
}
