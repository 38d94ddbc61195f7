// The rules that tokens bring along, as the router's rules.
// Must not know files; a grant says only what differs from a client that no rule matches.

import Guard
import Host
import Router

extension TokenGrant {
    /// The rule of this grant.
    func rule(maxPingTime: UInt32) -> Rule {
        var rule = Rule(maxPingTime: maxPingTime)
        if let role { rule.rights.role = role == .observer ? .observer : .controller }
        if let priority { rule.rights.priority = priority }
        if let capTenThousandths { rule.rights.cap = Fraction(tenThousandths: capTenThousandths) }
        if let devices { rule.devices.allow = devices.map { Glob($0) } }
        return rule
    }
}

extension Settings {
    /// The router's settings with the own rules of these tokens.
    func router(with tokens: TokenTable) -> RouterSettings {
        var settings = server.router
        settings.rules.ofTokens = tokens.tokens.compactMap { token in
            token.grant.map { TokenRule(token: token.name, $0.rule(maxPingTime: maxPingTime)) }
        }
        return settings
    }
}
