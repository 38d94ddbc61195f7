// A session that waits for the operator's consent, as the operator sees it.
// Must not know how it is shown. Its names are what somebody else has chosen: plain text, nothing else.

import Buttplug
import Host

/// Who wants in, and what it would get.
public struct ConsentSnapshot: Hashable, Sendable {
    /// The session; the answer names it.
    public var id: LinkID
    /// The name the client gave: any characters.
    public var client: String
    public var version: SpecVersion
    /// Where it comes from, and by which token.
    public var peer: Peer
    public var askedAt: Instant
    /// When the wait ends without an answer.
    public var until: Instant
    /// Index of the rule; nil when none matches.
    public var rule: Int?
    /// What it would get.
    public var grant: Rule
}
