// The wish of an owner to get binary messages too.
// Buttplug has none; must not be needed by anything that speaks it.

import Host

/// A `LinkOwner` that wants binary messages; for all others they are checked, counted and dropped.
public protocol BinaryLinkOwner: LinkOwner {
    /// A whole binary message arrived; the bytes live only during the call.
    func receivedBinary(_ bytes: RawSpan, from id: LinkID, at now: Instant)
}
