// All tokens there are: those of the configuration, and those made at run time.
// Must not know files, clocks or sessions; what it needs of them is given in.

import Host

/// The tokens, found by name and by digest.
public struct TokenTable: Sendable {
    /// Named by the configuration, in its order.
    public private(set) var configured: [Token] = []
    /// Made at run time, in the order in which they were made. One with the name of a configured one does not count.
    public private(set) var made: [Token] = []
    /// By digest: places in `tokens`.
    private var places: [TokenDigest: Int] = [:]
    /// Those that count: configured ones first.
    public private(set) var tokens: [Token] = []

    public init(configured: [Token] = [], made: [Token] = []) {
        self.configured = configured
        self.made = made
        index()
    }

    private mutating func index() {
        tokens = configured + made.filter { token in !configured.contains { $0.name == token.name } }
        places = [:]
        for (place, token) in tokens.enumerated() where places[token.digest] == nil { places[token.digest] = place }
    }

    public subscript(name: String) -> Token? { tokens.first { $0.name == name } }

    public func isConfigured(_ name: String) -> Bool { configured.contains { $0.name == name } }

    /// Whether any of them ends by itself.
    public var haveEnds: Bool { tokens.contains { $0.expires != nil } }

    // MARK: Changes

    /// Why a token of this name cannot be made now.
    /// - Parameter limit: How many may have been made at run time.
    public func refusal(ofName name: String, limit: Int, at wall: WallTime) -> TokenRefusal? {
        if isConfigured(name) { return .isConfigured(name) }
        if made.contains(where: { $0.name == name }) { return .exists(name) }
        return made.count >= limit && !made.contains { $0.isOver(at: wall) } ? .tooMany(limit) : nil
    }

    /// The tokens made at run time once this one is among them. With more than `limit` the one that has been over for the longest goes.
    public func made(with token: Token, limit: Int, at wall: WallTime) -> [Token] {
        var made = made
        while made.count >= limit {
            let over = made.indices.filter { made[$0].isOver(at: wall) }
            guard let oldest = over.min(by: { made[$0].expires! < made[$1].expires! }) else { break }
            made.remove(at: oldest)
        }
        return made + [token]
    }

    public mutating func setMade(_ tokens: [Token]) {
        made = tokens
        index()
    }

    public mutating func setConfigured(_ tokens: [Token]) {
        configured = tokens
        index()
    }

    /// Takes a token that was made at run time away.
    public mutating func remove(_ name: String) {
        made.removeAll { $0.name == name }
        index()
    }

    // MARK: Questions

    /// The token with this secret. What is looked up is a digest, so the time it takes says nothing about any secret.
    public func token(of secret: String) -> Token? {
        guard secret.utf8.count <= TokenSecret.longest else { return nil }
        let digest = TokenDigest(of: secret)
        guard let place = places[digest], tokens[place].digest.isSame(as: digest) else { return nil }
        return tokens[place]
    }
}

/// Why a token cannot be made, shown or revoked. Every text says what to do.
public enum TokenRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    case unknown(String)
    case exists(String)
    case isConfigured(String)
    case tooMany(Int)
    /// A member or an option is wrong.
    case bad(String)
    /// The disk does not take it: the file and its reason.
    case notKept(String)

    public var description: String {
        switch self {
        case .unknown(let name): "there is no token \(name); `plugboard token list` shows all"
        case .exists(let name): "there is a token \(name) already: revoke it first, or take another name"
        case .isConfigured(let name): "token \(name) is in the configuration: change it there"
        case .tooMany(let limit):
            "limits.tokens allows \(counted(limit, "token")), and there are as many already: revoke one that is not needed"
        case .bad(let what): what
        case .notKept(let why): why
        }
    }
}
