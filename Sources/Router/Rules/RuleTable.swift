// The operator's rules for sessions: what each matches, what it grants, and which one a session gets (`arbitration.md` §2).
// Must not know the configuration file, nor what the arbiter makes of the rights.

import Buttplug
import Host

/// What a rule looks at. Every field that is given must match; a rule without any matches everybody.
public struct RuleMatch: Hashable, Sendable {
    /// The name the client gave in its handshake.
    public var client: Glob?
    /// The remote address without its port, "unix" for a Unix socket.
    public var address: Glob?
    /// The `Origin` header; a rule that asks for one does not match a client without it.
    public var origin: Glob?
    /// The listener as configured ("ws://127.0.0.1:12345"); `localhost` is matched by its addresses too.
    public var listener: Glob?
    /// The name of the token that the client showed; a rule that asks for one does not match a client without it.
    public var token: Glob?
    /// The name in the certificate that the client showed ("CN=tablet,O=Home"); a rule that asks for one does not match a client without it.
    public var certificate: Glob?

    public init(
        client: Glob? = nil, address: Glob? = nil, origin: Glob? = nil, listener: Glob? = nil, token: Glob? = nil, certificate: Glob? = nil
    ) {
        self.client = client
        self.address = address
        self.origin = origin
        self.listener = listener
        self.token = token
        self.certificate = certificate
    }

    func matches(client name: String, _ peer: Peer) -> Bool {
        if let client, !client.matches(name) { return false }
        if let address, !address.matches(peer.address) { return false }
        if let listener, !listener.matches(peer.listener), !peer.otherListeners.contains(where: { listener.matches($0) }) { return false }
        if let origin {
            guard let shown = peer.origin, origin.matches(shown) else { return false }
        }
        if let token {
            guard let shown = peer.token, token.matches(shown) else { return false }
        }
        if let certificate {
            guard let shown = peer.certificate, certificate.matches(shown) else { return false }
        }
        return true
    }
}

extension Glob {
    /// Whether one of a device's names matches: both are names that people see.
    func matches(_ device: DeviceDescription) -> Bool { matches(device.name) || device.displayName.map { matches($0) } ?? false }
}

/// Which devices a session may see, by the name of their kind or the name their user gave them. A denied name is denied even when it, or
/// the other one, is allowed as well.
public struct DeviceAccess: Hashable, Sendable {
    /// nil allows every device.
    public var allow: [Glob]?
    public var deny: [Glob]

    public init(allow: [Glob]? = nil, deny: [Glob] = []) {
        self.allow = allow
        self.deny = deny
    }

    /// Whether it allows everything, so that nobody has to look.
    public var isOpen: Bool { allow == nil && deny.isEmpty }

    public func allows(_ device: DeviceDescription) -> Bool {
        if deny.contains(where: { $0.matches(device) }) { return false }
        guard let allow else { return true }
        return allow.contains { $0.matches(device) }
    }
}

/// One rule: which clients it is for and what they may do.
public struct Rule: Hashable, Sendable {
    public var match: RuleMatch
    public var admit: Admission
    public var rights: Rights
    public var devices: DeviceAccess
    /// Milliseconds within which the client must send `Ping`; 0 asks for none. Announced in `ServerInfo`.
    public var maxPingTime: UInt32
    /// Output commands per second; nil does not count them.
    public var rateLimit: UInt32?

    public init(
        match: RuleMatch = RuleMatch(), admit: Admission = .always, rights: Rights = Rights(), devices: DeviceAccess = DeviceAccess(),
        maxPingTime: UInt32 = 0, rateLimit: UInt32? = nil
    ) {
        self.match = match
        self.admit = admit
        self.rights = rights
        self.devices = devices
        self.maxPingTime = maxPingTime
        self.rateLimit = rateLimit
    }
}

/// A rule that was made together with a token, for the sessions that show it.
public struct TokenRule: Hashable, Sendable {
    /// The token's name, not a pattern.
    public var token: String
    public var rule: Rule

    public init(token: String, _ rule: Rule) {
        self.token = token
        self.rule = rule
    }
}

/// The rules in their order. The first that matches is a session's rule; the own rule of its token comes before all others.
public struct RuleTable: Hashable, Sendable {
    public var rules: [Rule]
    /// For clients that no rule matches.
    public var fallback: Rule
    /// Rules of single tokens.
    public var ofTokens: [TokenRule] = []

    public init(_ rules: [Rule] = [], fallback: Rule = Rule()) {
        self.rules = rules
        self.fallback = fallback
    }

    /// The rule of a client with this name at this peer.
    public func rule(client name: String, peer: Peer) -> Rule { self[index(client: name, peer: peer)] }

    /// Where that rule is: its index in `rules`, -1 for the fallback, and from -2 downwards in `ofTokens`.
    func index(client name: String, peer: Peer) -> Int {
        if let token = peer.token, let own = ofTokens.firstIndex(where: { $0.token == token }) { return -2 - own }
        return rules.firstIndex { $0.match.matches(client: name, peer) } ?? -1
    }

    /// The rule at a place that `index` has returned.
    subscript(place: Int) -> Rule { place >= 0 ? rules[place] : place == -1 ? fallback : ofTokens[-2 - place].rule }
}
