// What a frame decoder reports: whole messages, control frames, and every way a peer can break RFC 6455.
// Must not know how the connection reacts.

/// One step of a `FrameDecoder`. Payloads are unmasked, lie in the caller's buffer or in the decoder, and are valid until the next call.
public enum FrameEvent {
    /// Everything given was used; nothing is complete.
    case needMore
    /// A whole text message, valid UTF-8.
    case text(UnsafeRawBufferPointer)
    /// A whole binary message; empty when the decoder was told to ignore their content.
    case binary(UnsafeRawBufferPointer)
    /// A ping (RFC 6455 §5.5.2) and what the pong must repeat, at most 125 bytes.
    case ping(UnsafeRawBufferPointer)
    /// A pong (§5.5.3), asked for or not.
    case pong(UnsafeRawBufferPointer)
    /// A valid close frame (§5.5.1): status (1005 when it had none) and reason, valid UTF-8. The decoder ignores everything after it.
    case close(status: UInt16, reason: UnsafeRawBufferPointer)
    /// The peer broke the protocol. The decoder ignores everything after it.
    case violation(FrameViolation)
}

/// A way to break RFC 6455 or a limit.
public enum FrameViolation: UInt8, Error, Hashable, Sendable, CaseIterable {
    /// RSV1, RSV2 or RSV3 set, and no extension negotiated (§5.2).
    case reservedBits
    /// Opcode 3–7 or B–F (§5.2).
    case reservedOpcode
    /// A client's frame without a mask (§5.1).
    case unmaskedFrame
    /// A server's frame with a mask (§5.1).
    case maskedFrame
    /// A length in more bytes than it needs (§5.2).
    case lengthNotMinimal
    /// A 64-bit length with the most significant bit set (§5.2).
    case lengthTopBit
    /// A control frame over 125 bytes (§5.5).
    case controlTooLong
    /// A control frame without FIN (§5.5).
    case controlFragmented
    /// A continuation without a message to continue (§5.4).
    case unexpectedContinuation
    /// A new message inside a fragmented one (§5.4).
    case interruptedMessage
    /// A close payload of one byte (§5.5.1).
    case closePayload
    /// A close status that must not be sent (§7.4).
    case closeStatus
    /// A close reason that is not UTF-8 (§8.1).
    case closeReason
    /// A text that is not UTF-8 (§8.1).
    case invalidText
    /// A message over the size limit (§10.4).
    case messageTooBig
    /// A message in more fragments than allowed (§10.4).
    case tooManyFragments

    /// The close status for the peer (§7.4.1).
    public var status: UInt16 {
        switch self {
        case .closeReason, .invalidText: 1007
        case .tooManyFragments: 1008
        case .messageTooBig: 1009
        default: 1002
        }
    }

    /// What was wrong, in words, for the close reason and the log. ASCII, under 100 bytes.
    public var text: StaticString {
        switch self {
        case .reservedBits: "reserved bits set without an extension"
        case .reservedOpcode: "reserved opcode"
        case .unmaskedFrame: "client frames must be masked"
        case .maskedFrame: "server frames must not be masked"
        case .lengthNotMinimal: "length not in its shortest form"
        case .lengthTopBit: "length with the top bit set"
        case .controlTooLong: "control frame over 125 bytes"
        case .controlFragmented: "fragmented control frame"
        case .unexpectedContinuation: "continuation without a message"
        case .interruptedMessage: "new message inside a fragmented one"
        case .closePayload: "close frame with a payload of one byte"
        case .closeStatus: "close status that must not be sent"
        case .closeReason: "close reason is not UTF-8"
        case .invalidText: "text is not UTF-8"
        case .messageTooBig: "message over the size limit"
        case .tooManyFragments: "message in too many fragments"
        }
    }
}

extension FrameEvent {
    /// The event of a whole control frame.
    static func control(_ opcode: Opcode, _ payload: UnsafeRawBufferPointer) -> FrameEvent {
        switch opcode {
        case .ping: .ping(payload)
        case .pong: .pong(payload)
        default: CloseFrame.event(payload)
        }
    }
}
