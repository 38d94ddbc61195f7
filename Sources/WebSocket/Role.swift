// Which end of a WebSocket connection is meant; masks and payload checks differ by it (RFC 6455 §5.1).
// Must not know sockets or time.

/// An end of a connection.
public enum Role: UInt8, Hashable, Sendable {
    /// Reads masked frames, writes unmasked ones.
    case server
    /// Reads unmasked frames, writes masked ones.
    case client

    /// The mask bit that every incoming frame must show in its second byte.
    @usableFromInline @inline(__always)
    var incomingMaskBit: UInt8 { self == .server ? 0x80 : 0 }
}

/// Frame kinds (RFC 6455 §5.2).
public enum Opcode: UInt8, Hashable, Sendable {
    case continuation = 0x0
    case text = 0x1
    case binary = 0x2
    case close = 0x8
    case ping = 0x9
    case pong = 0xA

    /// Whether it is a control frame (§5.5): never fragmented, at most 125 bytes.
    @inlinable public var isControl: Bool { rawValue >= 0x8 }
}
