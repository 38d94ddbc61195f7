// What becomes of sessions when the token that they have shown changes: it ends sooner or later than it did, or at once.
// Must not know what a token is beyond its name, nor why it changes.

import Host

extension RouterCore {
    /// The token of this name is withdrawn: every session that has shown it ends, outputs first.
    mutating func revoke(token name: String, at now: Instant, into out: inout Outbox) {
        for slot in tables.sessions.slots(ofToken: name) { end(slot, .tokenRevoked, at: now, into: &out) }
    }

    /// The token of this name ends then, and so do the sessions that have shown it.
    mutating func tokenEnds(_ name: String, at instant: Instant) {
        for slot in tables.sessions.slots(ofToken: name) { tables.sessions.details[slot]!.peer.tokenExpires = instant }
        deadlines.tokenEnds(at: instant)
    }
}
