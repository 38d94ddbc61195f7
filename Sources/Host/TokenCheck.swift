// The seam between a listener, which reads what a peer shows, and the part that keeps the tokens.
// Must not know how tokens are carried, made or stored.

/// What a token that was shown is worth now.
public enum TokenAnswer: Hashable, Sendable {
    /// It is a token of this name; with `Instant.never` it does not expire. `identity` is another one for another secret.
    case valid(name: String, identity: UInt64, expires: Instant)
    /// Nobody has such a token.
    case unknown
    /// It was one, and its time is over.
    case expired(name: String)
    /// It has as many sessions as it may have at once.
    case inUse(name: String)
}

/// Says what a token is worth. Called once for each connection that shows one, on the loop: it must not wait.
public protocol TokenCheck: AnyObject {
    /// What the token `secret` is worth, which a peer has shown. It is compared in constant time and never logged.
    func answer(to secret: String, at now: Instant) -> TokenAnswer
}

/// Which peers a listener asks for a token (`server.require_token`).
public enum TokenNeed: String, Hashable, Sendable, CaseIterable {
    /// None. One that is shown counts all the same.
    case never
    /// Those that are not local: other machines, and all that a proxy forwards.
    case remote
    /// All.
    case always
}
