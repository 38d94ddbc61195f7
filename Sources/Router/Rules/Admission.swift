// Whether a rule lets its clients in, and what the operator answers when it asks.
// Must not know sessions.

/// Whether a rule lets its clients in.
public enum Admission: String, Hashable, Sendable, CaseIterable {
    case always
    /// The operator is asked; until the answer the client gets nothing and does nothing.
    case ask
    case never
}

/// What the operator says of a client that waits.
public struct ConsentAnswer: Hashable, Sendable {
    /// Whether it is let in.
    public var isGiven: Bool
    /// Whether later sessions of the same name and token get the same answer without being asked about.
    public var isRemembered: Bool

    public init(isGiven: Bool, isRemembered: Bool = false) {
        self.isGiven = isGiven
        self.isRemembered = isRemembered
    }
}

/// An answer for later sessions of a name and a token.
public struct RememberedConsent: Hashable, Sendable {
    /// As clients give it: any characters.
    public var client: String
    /// The token's name; nil: a client that showed none.
    public var token: String?
    /// Which token of that name: `Peer.tokenIdentity`.
    public var tokenIdentity: UInt64
    public var isGiven: Bool

    public init(client: String, token: String?, tokenIdentity: UInt64 = 0, isGiven: Bool) {
        self.client = client
        self.token = token
        self.tokenIdentity = tokenIdentity
        self.isGiven = isGiven
    }
}

/// What the operator has answered for good.
public struct ConsentMemory: Hashable, Sendable {
    /// The oldest first; one per name and token. A new token that has the name of an old one is another one.
    public private(set) var entries: [RememberedConsent] = []

    public init() {}

    /// The answer for a client; nil when there is none.
    public func answer(client: String, token: String?, tokenIdentity: UInt64 = 0) -> Bool? {
        entries.first { $0.client == client && $0.token == token && $0.tokenIdentity == tokenIdentity }?.isGiven
    }

    /// Remembers an answer in the place of an older one for the same client. Beyond `limit` the oldest is forgotten.
    public mutating func add(_ entry: RememberedConsent, atMost limit: Int) {
        // Also one about an older token of that name: no two tokens have a name at once.
        entries.removeAll { $0.client == entry.client && $0.token == entry.token }
        entries.append(entry)
        if entries.count > limit { entries.removeFirst(entries.count - limit) }
    }

    public mutating func forgetAll() { entries = [] }
}
