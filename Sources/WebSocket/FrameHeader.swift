// Reading one frame header (RFC 6455 §5.2), strictly and byte by byte in order, so that a wrong header is known at its first wrong
// byte however it arrives. Must not know payloads.

/// A frame header that was read whole.
struct FrameHeader {
    var isFinal: Bool
    var opcode: Opcode
    /// Payload bytes.
    var length: Int
    /// The mask in memory order; 0 for an unmasked frame.
    var key: UInt32
    /// Bytes of the header itself, 2 to 14.
    var size: Int

    /// The longest header there is.
    static let sizeMax = 14

    /// What the message so far allows the next frame to be.
    struct Context {
        /// A fragmented message has begun and not ended.
        var inMessage: Bool
        /// Payload bytes the message may still have.
        var bytesLeft: Int
        /// Fragments the message may still have.
        var fragmentsLeft: Int
    }

    enum Reading {
        case incomplete
        case header(FrameHeader)
        case violation(FrameViolation)
    }

    /// Reads the header at `bytes`, of which `count` bytes are there.
    static func read(_ bytes: UnsafeRawPointer, count: Int, maskBit: UInt8, _ context: Context) -> Reading {
        guard count >= 1 else { return .incomplete }
        let first = bytes.load(as: UInt8.self)
        guard first & 0x70 == 0 else { return .violation(.reservedBits) }
        guard let opcode = Opcode(rawValue: first & 0x0F) else { return .violation(.reservedOpcode) }
        let isFinal = first & 0x80 != 0
        if let wrong = order(opcode, isFinal: isFinal, context) { return .violation(wrong) }

        guard count >= 2 else { return .incomplete }
        let second = bytes.load(fromByteOffset: 1, as: UInt8.self)
        guard second & 0x80 == maskBit else { return .violation(maskBit == 0 ? .maskedFrame : .unmaskedFrame) }
        let short = Int(second & 0x7F)
        if opcode.isControl, short > 125 { return .violation(.controlTooLong) }

        var length = short
        var size = 2
        if short == 126 {
            guard count >= 4 else { return .incomplete }
            length = Int(UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
            guard length > 125 else { return .violation(.lengthNotMinimal) }
            size = 4
        } else if short == 127 {
            guard count >= 10 else { return .incomplete }
            let long = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt64.self))
            guard long >> 63 == 0 else { return .violation(.lengthTopBit) }
            guard long > 0xFFFF else { return .violation(.lengthNotMinimal) }
            length = Int(long)
            size = 10
        }
        if !opcode.isControl, length > context.bytesLeft { return .violation(.messageTooBig) }

        var key: UInt32 = 0
        if maskBit != 0 {
            guard count >= size + 4 else { return .incomplete }
            key = bytes.loadUnaligned(fromByteOffset: size, as: UInt32.self)
            size += 4
        }
        return .header(FrameHeader(isFinal: isFinal, opcode: opcode, length: length, key: key, size: size))
    }

    /// Whether a frame of this kind may come now (§5.4, §5.5).
    private static func order(_ opcode: Opcode, isFinal: Bool, _ context: Context) -> FrameViolation? {
        if opcode.isControl { return isFinal ? nil : .controlFragmented }
        if opcode == .continuation, !context.inMessage { return .unexpectedContinuation }
        if opcode != .continuation, context.inMessage { return .interruptedMessage }
        return context.fragmentsLeft > 0 ? nil : .tooManyFragments
    }
}
