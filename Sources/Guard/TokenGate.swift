// What a listener asks about tokens, and what becomes of sessions when tokens or the clock change.
// Must not know sockets or the router: it is asked, and returns what is to be done.

import Host

/// What follows for the sessions of a token.
public enum TokenEffect: Hashable, Sendable {
    /// They end at once.
    case revoked(String)
    /// They end then.
    case ends(String, Instant)
}

/// The tokens of a running router.
public final class TokenGate: TokenCheck {
    public private(set) var table: TokenTable
    private let wall: () -> WallTime
    /// How many sessions have shown the token of a name.
    private let sessions: (String) -> Int
    /// What the calendar said at the last look, less what the host's clock said.
    private var offset: Interval?

    /// A difference that is smaller is the clock's gentle correction.
    private static let tolerance = Interval.milliseconds(20)

    public init(_ table: TokenTable, wall: @escaping () -> WallTime, sessions: @escaping (String) -> Int) {
        self.table = table
        self.wall = wall
        self.sessions = sessions
    }

    public func answer(to secret: String, at now: Instant) -> TokenAnswer {
        guard let token = table.token(of: secret) else { return .unknown }
        let wall = wall()
        if token.isOver(at: wall) { return .expired(name: token.name) }
        if sessions(token.name) >= token.sessionsMax { return .inUse(name: token.name) }
        return .valid(name: token.name, identity: token.digest.identity, expires: Self.end(of: token, at: now, wall))
    }

    /// When the token ends by the host's clock, as the calendar is now.
    private static func end(of token: Token, at now: Instant, _ wall: WallTime) -> Instant {
        guard let expires = token.expires else { return .never }
        let left = expires - wall
        return left > .zero ? now + left : now
    }

    /// Looks whether the calendar was set. To be called about once a second while `table.haveEnds`.
    public func look(at now: Instant) -> [TokenEffect] {
        let wall = wall()
        let offset = wall - WallTime(milliseconds: Int64(clamping: now.nanoseconds / 1_000_000))
        guard let before = self.offset else {
            self.offset = offset
            return []
        }
        let moved = offset - before
        guard moved > Self.tolerance || moved < Self.tolerance * -1 else { return [] }
        self.offset = offset
        return table.tokens.filter { $0.expires != nil }.map { .ends($0.name, Self.end(of: $0, at: now, wall)) }
    }

    // MARK: Changes

    /// The tokens made at run time are these from now on.
    public func setMade(_ tokens: [Token], at now: Instant) -> [TokenEffect] { change(at: now) { $0.setMade(tokens) } }

    /// The tokens of the configuration are these from now on.
    public func setConfigured(_ tokens: [Token], at now: Instant) -> [TokenEffect] { change(at: now) { $0.setConfigured(tokens) } }

    /// Takes away a token that was made at run time.
    public func revoke(_ name: String, at now: Instant) throws(TokenRefusal) -> [TokenEffect] {
        if table.isConfigured(name) { throw .isConfigured(name) }
        guard table[name] != nil else { throw .unknown(name) }
        return change(at: now) { $0.remove(name) }
    }

    /// A token whose digest is another one is another token: those who have shown the old one leave.
    private func change(at now: Instant, _ body: (inout TokenTable) -> Void) -> [TokenEffect] {
        let before = table.tokens
        body(&table)
        let wall = wall()
        return before.compactMap { old in
            guard let new = table[old.name], new.digest == old.digest else { return .revoked(old.name) }
            return new.expires == old.expires ? nil : .ends(old.name, Self.end(of: new, at: now, wall))
        }
    }

    /// A token and its state, for people.
    public func view(_ token: Token) -> TokenView {
        TokenView(token, isConfigured: table.isConfigured(token.name), sessions: sessions(token.name), at: wall())
    }

    /// All of them.
    public var views: [TokenView] { table.tokens.map(view) }

    /// The calendar's time.
    public var time: WallTime { wall() }
}
