// The head of every message between two members, and the greeting, as bytes (little-endian).
// Must not know when a message is sent, nor what the records after the head mean.

/// The head of a message: 24 bytes. Records follow, or, after sequence 0, a `LinkHello`.
public struct LinkHeader: Hashable, Sendable {
    /// Of the protocol, as agreed on in the greeting; of a greeting itself, the lowest of its sender.
    public var version: UInt8
    /// The receiver's nonce, as far as the sender knows it; in a greeting 0 when it does not.
    public var nonce: UInt64
    /// Counted from 1; 0: a greeting.
    public var sequence: UInt32
    /// The highest number that the sender had received when the oldest record of this message was queued.
    public var ack: UInt32

    public init(version: UInt8, nonce: UInt64, sequence: UInt32, ack: UInt32) {
        (self.version, self.nonce, self.sequence, self.ack) = (version, nonce, sequence, ack)
    }

    public static var byteCount: Int { 24 }
    /// A message with its head is at most this long.
    public static var messageBytesMax: Int { 65_536 }

    /// nil: too short, too long, or with something where nothing is.
    public init?(_ bytes: RawSpan) {
        guard bytes.byteCount >= Self.byteCount, bytes.byteCount <= Self.messageBytesMax else { return nil }
        guard bytes.load(1, as: UInt8.self) == 0, bytes.load(2, as: UInt16.self) == 0, bytes.load(20, as: UInt32.self) == 0 else {
            return nil
        }
        version = bytes.load(0, as: UInt8.self)
        nonce = bytes.load(4, as: UInt64.self)
        sequence = bytes.load(12, as: UInt32.self)
        ack = bytes.load(16, as: UInt32.self)
    }

    /// Writes the 24 bytes to the beginning of `room`, which has that many.
    public func write(to room: UnsafeMutableRawBufferPointer) {
        precondition(room.count >= Self.byteCount)
        room.storeBytes(of: UInt32(version).littleEndian, toByteOffset: 0, as: UInt32.self)
        room.storeBytes(of: nonce.littleEndian, toByteOffset: 4, as: UInt64.self)
        room.storeBytes(of: sequence.littleEndian, toByteOffset: 12, as: UInt32.self)
        room.storeBytes(of: ack.littleEndian, toByteOffset: 16, as: UInt32.self)
        room.storeBytes(of: 0, toByteOffset: 20, as: UInt32.self)
    }
}

/// A greeting: who its sender is, and what its peer must stamp its messages with.
public struct LinkHello: Hashable, Sendable {
    /// Drawn when the sender started.
    public var incarnation: UInt64
    /// The sender's nonce; not 0.
    public var nonce: UInt64
    /// The receiver's nonce, or 0 when the sender does not know it.
    public var echo: UInt64
    /// Versions of the protocol that the sender can use.
    public var lowest: UInt8
    public var highest: UInt8
    /// One bit for each thing that not all members can do. None is defined yet.
    public var capabilities: UInt32
    /// After how long without a sign of life the sender gives up a link; 100 to 600,000.
    public var lostAfterMilliseconds: UInt32

    public init(incarnation: UInt64, nonce: UInt64, echo: UInt64, versions: ClosedRange<UInt8>, capabilities: UInt32, lostAfter: UInt32) {
        (self.incarnation, self.nonce, self.echo, self.capabilities) = (incarnation, nonce, echo, capabilities)
        (lowest, highest, lostAfterMilliseconds) = (versions.lowerBound, versions.upperBound, lostAfter)
    }

    /// With the head.
    public static var byteCount: Int { LinkHeader.byteCount + 32 }
    public static var lostAfterRange: ClosedRange<UInt32> { 100...600_000 }

    /// - Parameter bytes: The whole message. nil: it is no greeting. One that is longer is of a later version, which we read as ours.
    public init?(_ bytes: RawSpan) {
        guard let header = LinkHeader(bytes), header.sequence == 0, bytes.byteCount >= Self.byteCount else { return nil }
        echo = header.nonce
        incarnation = bytes.load(24, as: UInt64.self)
        nonce = bytes.load(32, as: UInt64.self)
        lowest = bytes.load(40, as: UInt8.self)
        highest = bytes.load(41, as: UInt8.self)
        capabilities = bytes.load(44, as: UInt32.self)
        lostAfterMilliseconds = bytes.load(48, as: UInt32.self)
        guard nonce != 0, lowest <= highest, Self.lostAfterRange.contains(lostAfterMilliseconds) else { return nil }
    }

    /// Writes the 56 bytes to the beginning of `room`, which has that many.
    public func write(to room: UnsafeMutableRawBufferPointer) {
        precondition(room.count >= Self.byteCount)
        LinkHeader(version: lowest, nonce: echo, sequence: 0, ack: 0).write(to: room)
        room.storeBytes(of: incarnation.littleEndian, toByteOffset: 24, as: UInt64.self)
        room.storeBytes(of: nonce.littleEndian, toByteOffset: 32, as: UInt64.self)
        room.storeBytes(of: (UInt32(lowest) | UInt32(highest) << 8).littleEndian, toByteOffset: 40, as: UInt32.self)
        room.storeBytes(of: capabilities.littleEndian, toByteOffset: 44, as: UInt32.self)
        room.storeBytes(of: lostAfterMilliseconds.littleEndian, toByteOffset: 48, as: UInt32.self)
        room.storeBytes(of: 0, toByteOffset: 52, as: UInt32.self)
    }
}

extension RawSpan {
    /// A number at `place`, which must be inside.
    @inline(__always)
    func load<Number: FixedWidthInteger & BitwiseCopyable>(_ place: Int, as type: Number.Type) -> Number {
        Number(littleEndian: unsafeLoadUnaligned(fromByteOffset: place, as: type))
    }
}
