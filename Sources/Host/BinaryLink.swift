// Links that carry binary messages too, for owners that want them: an engine of bytes, a serial line or a radio at the other end.
// Buttplug has no binary messages; must not be needed by anything that uses it.

/// A link whose messages may be binary.
public protocol BinaryLink: Link {
    /// Sends finished binary messages, as `send` does texts.
    func sendBinary(_ runs: UnsafeBufferPointer<MessageRun>)
}

/// A `LinkOwner` that wants binary messages; for all others they are checked, counted and dropped.
public protocol BinaryLinkOwner: LinkOwner {
    /// A whole binary message arrived; the bytes live only during the call.
    func receivedBinary(_ bytes: RawSpan, from id: LinkID, at now: Instant)
}
