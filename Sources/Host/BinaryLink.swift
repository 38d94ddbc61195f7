// Links that carry binary messages too, for owners that want them: an engine of bytes, a serial line or a radio at the other end.
// Buttplug has no binary messages; must not be needed by anything that uses it.

/// A link whose messages may be binary.
public protocol BinaryLink: Link {
    /// Sends finished binary messages, as `send` does texts.
    func sendBinary(_ runs: UnsafeBufferPointer<MessageRun>)
    /// A binary message as the bytes that bring it to the peer when they are written to the link's descriptor, and that descriptor, for a
    /// process that has a duplicate of it; nil when that cannot be done, as on an encrypted link.
    func letter(_ message: [UInt8]) -> (bytes: [UInt8], descriptor: Int32)?
}

extension BinaryLink {
    public func letter(_ message: [UInt8]) -> (bytes: [UInt8], descriptor: Int32)? { nil }
}

/// A `LinkOwner` that wants binary messages; for all others they are checked, counted and dropped.
public protocol BinaryLinkOwner: LinkOwner {
    /// A whole binary message arrived; the bytes live only during the call.
    func receivedBinary(_ bytes: RawSpan, from id: LinkID, at now: Instant)
}
