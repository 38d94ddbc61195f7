// Bytes in, whole messages out (RFC 6455 §5), without I/O: payloads are unmasked in place and reported where they lie.
// Must not know sockets, Buttplug, or who answers. The caller's buffer may be shared by all connections: when
// `next` says `.needMore` nothing of it is needed, and what is not whole yet is held here.

/// Turns one connection's incoming bytes into messages and control frames.
///
/// Call `next` until it says `.needMore`; only then has all of the buffer been used, and nothing of it is needed any more. A decoder
/// between messages holds no memory but itself.
public struct FrameDecoder: ~Copyable {
    /// What a decoder checks in addition to the protocol.
    public struct Limits: Hashable, Sendable {
        /// Bytes of one message, over all its fragments; at least 125. More is `.messageTooBig`, known from the header alone.
        public var messageBytes: Int
        /// Frames of one message; at least 1. More is `.tooManyFragments`.
        public var fragments: Int
        /// Binary messages are checked but not kept: they are reported empty.
        public var ignoresBinary: Bool

        public init(messageBytes: Int = 1 << 20, fragments: Int = 1_024, ignoresBinary: Bool = true) {
            self.messageBytes = max(125, messageBytes)
            self.fragments = max(1, fragments)
            self.ignoresBinary = ignoresBinary
        }
    }

    /// Between two messages, with nothing held: the next frame may be read where it lies.
    @usableFromInline var isFresh = true
    /// Whether nothing is held: the next frame begins with the next byte. A caller that recognises the whole frame may then skip it itself.
    @inlinable public var isBetweenMessages: Bool { isFresh }
    /// A close frame or a violation was reported.
    public private(set) var isEnded = false
    /// `0x80` on the server, 0 on the client.
    @usableFromInline let maskBit: UInt8
    private let ignoresBinary: Bool
    private let fragments: UInt32
    private let messageBytes: Int
    private var assembly: FrameAssembly?

    /// A decoder for the `role` end of a connection.
    public init(_ role: Role, limits: Limits = Limits()) {
        maskBit = role.incomingMaskBit
        ignoresBinary = limits.ignoresBinary
        fragments = UInt32(clamping: limits.fragments)
        messageBytes = limits.messageBytes
    }

    /// The next event of `buffer`, beginning at `at`, which moves past what was used. `buffer` is written to (unmasked).
    @inlinable @inline(__always)
    public mutating func next(in buffer: UnsafeMutableRawBufferPointer, at: inout Int) -> FrameEvent {
        // A short masked unfragmented text that is wholly here: nearly every frame there is.
        let left = buffer.count &- at
        if left >= 6, isFresh, maskBit != 0 {
            let frame = buffer.baseAddress.unsafelyUnwrapped + at
            let start = UInt16(littleEndian: frame.loadUnaligned(as: UInt16.self))
            // Without the mask bit the length comes out above 127. 125 is never over the limit.
            let length = Int(start &>> 8) ^ 0x80
            if UInt8(truncatingIfNeeded: start) == 0x81, length < 126, left &- 6 >= length {
                let payload = frame + 6
                at &+= 6 &+ length
                let bytes = UnsafeRawBufferPointer(start: payload, count: length)
                let isASCII = Masking.apply((frame + 2).loadUnaligned(as: UInt32.self), to: payload, count: length)
                return isASCII ? .text(bytes) : wholeText(bytes)
            }
        }
        if left == 0, isFresh { return .needMore }
        return general(buffer, &at)
    }

    /// A whole text in which not all is ASCII.
    @usableFromInline @inline(never)
    mutating func wholeText(_ bytes: UnsafeRawBufferPointer) -> FrameEvent {
        Utf8Validator.isValid(bytes) ? .text(bytes) : end(.violation(.invalidText))
    }

    /// Every other frame, and every other state.
    @usableFromInline @inline(never)
    mutating func general(_ buffer: UnsafeMutableRawBufferPointer, _ at: inout Int) -> FrameEvent {
        if let bytes = mediumText(buffer, &at) { return bytes.isASCII ? .text(bytes.payload) : wholeText(bytes.payload) }
        guard !isEnded, let base = buffer.baseAddress else {
            at = buffer.count
            return .needMore
        }
        if let held = assembly, held.isIdle {
            assembly = nil
            isFresh = true
        }
        while true {
            if let assembly, let frame = assembly.frame {
                let count = min(frame.length, buffer.count - at)
                let piece = UnsafeMutableRawBufferPointer(start: base + at, count: count)
                at += count
                if let wrong = assembly.take(piece, ignoresBinary: ignoresBinary) { return end(.violation(wrong)) }
                if count < frame.length { return .needMore }
                if let event = assembly.finish() { return reported(event) }
                continue
            }
            guard at < buffer.count else { return .needMore }
            switch readHeader(buffer, &at) {
            case .incomplete: return .needMore
            case .violation(let wrong): return end(.violation(wrong))
            case .header(let header):
                if let event = whole(header, buffer, &at) { return reported(event) }
                begin(header)
            }
        }
    }

    /// A masked unfragmented text with a 16-bit length that is wholly here: a batch, or a command with many words.
    @inline(__always)
    private func mediumText(
        _ buffer: UnsafeMutableRawBufferPointer, _ at: inout Int
    ) -> (payload: UnsafeRawBufferPointer, isASCII: Bool)? {
        let left = buffer.count &- at
        guard left >= 8, isFresh, maskBit != 0, let base = buffer.baseAddress else { return nil }
        let start = UInt32(bigEndian: (base + at).loadUnaligned(as: UInt32.self))
        let length = Int(start & 0xFFFF)
        guard start &>> 16 == 0x81FE, length > 125, length <= messageBytes, left &- 8 >= length else { return nil }
        let key = (base + at + 4).loadUnaligned(as: UInt32.self)
        let payload = base + at + 8
        at &+= 8 &+ length
        return (UnsafeRawBufferPointer(start: payload, count: length), Masking.applyLong(key, to: payload, count: length))
    }

    /// Reads a header that lies in the buffer, or continues one that came in pieces.
    private mutating func readHeader(_ buffer: UnsafeMutableRawBufferPointer, _ at: inout Int) -> FrameHeader.Reading {
        let context = self.context
        let left = buffer.count - at
        if assembly == nil || assembly?.headCount == 0 {
            let start = UnsafeRawPointer(buffer.baseAddress.unsafelyUnwrapped + at)
            let reading = FrameHeader.read(start, count: left, maskBit: maskBit, context)
            if case .header(let header) = reading { at += header.size }
            guard case .incomplete = reading else { return reading }
        }
        let held = holdingAssembly()
        while at < buffer.count {
            held.hold(buffer[at])
            at += 1
            let reading = held.readHead(maskBit: maskBit, context)
            guard case .incomplete = reading else { return reading }
        }
        return .incomplete
    }

    /// A frame that is a whole message, or a control frame, and lies whole in the buffer, is reported where it lies.
    private func whole(_ header: FrameHeader, _ buffer: UnsafeMutableRawBufferPointer, _ at: inout Int) -> FrameEvent? {
        guard header.length <= buffer.count - at, header.opcode.isControl || (header.isFinal && header.opcode != .continuation) else {
            return nil
        }
        // The bytes of a header that came in pieces are in the assembly, and only `begin` clears them: such a frame goes through it.
        if let assembly, assembly.headCount > 0 { return nil }
        let payload = buffer.baseAddress.unsafelyUnwrapped + at
        at += header.length
        let isASCII = Masking.apply(header.key, to: payload, count: header.length)
        let bytes = UnsafeRawBufferPointer(start: payload, count: header.length)
        switch header.opcode {
        case .text: return isASCII || Utf8Validator.isValid(bytes) ? .text(bytes) : .violation(.invalidText)
        case .binary: return .binary(ignoresBinary ? UnsafeRawBufferPointer(start: nil, count: 0) : bytes)
        default: return .control(header.opcode, bytes)
        }
    }

    private mutating func begin(_ header: FrameHeader) { holdingAssembly().begin(header) }

    private mutating func holdingAssembly() -> FrameAssembly {
        if let assembly { return assembly }
        let fresh = FrameAssembly()
        assembly = fresh
        isFresh = false
        return fresh
    }

    private var context: FrameHeader.Context {
        guard let assembly, assembly.message != nil else {
            return FrameHeader.Context(inMessage: false, bytesLeft: messageBytes, fragmentsLeft: Int(fragments))
        }
        return FrameHeader.Context(
            inMessage: true, bytesLeft: messageBytes - assembly.total, fragmentsLeft: Int(fragments) - assembly.fragments)
    }

    /// Passes an event on; a close frame and a violation are the last ones.
    private mutating func reported(_ event: FrameEvent) -> FrameEvent {
        switch event {
        case .close, .violation: end(event)
        default: event
        }
    }

    /// Ends the connection's input. What a close frame's reason lies in stays until the decoder goes.
    private mutating func end(_ event: FrameEvent) -> FrameEvent {
        isFresh = false
        isEnded = true
        if case .violation = event { assembly = nil }
        return event
    }
}
