// What a decoder holds while a frame or a message is not whole: header bytes, the frame being read, the message so far.
// Exists only then: an idle connection has none. Must not know the caller's buffer beyond the call.

/// At most one message, and the control frames inside it. Belongs to one `FrameDecoder`, which drops it when `isIdle`: the next message
/// begins with a new one.
@usableFromInline
final class FrameAssembly {
    /// The frame whose payload is being read; `length` counts what is still missing, `key` is rotated to it.
    @exclusivity(unchecked) var frame: FrameHeader?
    /// Kind of the message that has begun and not ended.
    @exclusivity(unchecked) var message: Opcode?
    @exclusivity(unchecked) var fragments = 0
    /// Payload bytes of the message so far, stored or not.
    @exclusivity(unchecked) var total = 0
    @exclusivity(unchecked) private var utf8 = Utf8Validator()

    @exclusivity(unchecked) private var head = InlineArray<14, UInt8>(repeating: 0)
    @exclusivity(unchecked) private(set) var headCount = 0
    @exclusivity(unchecked) private var payload = PayloadStore()
    @exclusivity(unchecked) private var control = PayloadStore()

    init() {}

    /// Nothing is half read; what was delivered may go.
    var isIdle: Bool { headCount == 0 && frame == nil && message == nil }

    // MARK: header bytes

    /// Keeps bytes of a header that is not whole; at most `FrameHeader.sizeMax` in all.
    func hold(_ byte: UInt8) {
        head[headCount] = byte
        headCount += 1
    }

    /// Reads the header held so far.
    func readHead(maskBit: UInt8, _ context: FrameHeader.Context) -> FrameHeader.Reading {
        withUnsafeBytes(of: &head) { bytes in
            FrameHeader.read(bytes.baseAddress.unsafelyUnwrapped, count: headCount, maskBit: maskBit, context)
        }
    }

    // MARK: payload

    /// A frame begins; its payload comes through `take`.
    func begin(_ header: FrameHeader) {
        headCount = 0
        frame = header
        if header.opcode.isControl {
            control.removeAll()
            return
        }
        if header.opcode != .continuation { message = header.opcode }
        fragments += 1
    }

    /// Takes the next piece of the frame's payload, still masked; unmasks it in place. A wrong text is known at once.
    func take(_ piece: UnsafeMutableRawBufferPointer, ignoresBinary: Bool) -> FrameViolation? {
        guard var header = frame, let base = piece.baseAddress, piece.count > 0 else { return nil }
        let missing = header.length
        let isASCII = Masking.apply(header.key, to: base, count: piece.count)
        header.key = Masking.rotate(header.key, by: piece.count)
        header.length -= piece.count
        frame = header
        let bytes = UnsafeRawBufferPointer(piece)
        if header.opcode.isControl {
            control.append(bytes, expecting: missing)
            return nil
        }
        total += piece.count
        if message == .text {
            if !(isASCII && utf8.isComplete), !utf8.read(bytes) { return .invalidText }
        } else if ignoresBinary {
            return nil
        }
        // How long the message will be is known only from its last frame on; until then the storage grows as it must.
        payload.append(bytes, expecting: header.isFinal ? missing : Int(Int32.max))
        return nil
    }

    /// Ends the frame whose payload is whole. Returns nil when its message goes on.
    func finish() -> FrameEvent? {
        guard let header = frame else { return nil }
        frame = nil
        if header.opcode.isControl { return .control(header.opcode, control.bytes) }
        guard header.isFinal else { return nil }
        let kind = message
        message = nil
        if kind == .binary { return .binary(payload.bytes) }
        return utf8.isComplete ? .text(payload.bytes) : .violation(.invalidText)
    }
}
