// Which rule a session has, and what follows from it for the tables.
// Must not know when rules change; the core does.

import Buttplug
import Host

extension RouterTables {
    /// Finds the session's rule and notes what follows from it, apart from `max_ping_time`.
    mutating func apply(ruleOf client: String, to slot: Int, isEnding: Bool) -> Rule {
        let peer = sessions.details[slot]!.peer
        let position = settings.rules.index(client: client, peer: peer)
        sessions.details[slot]!.rule = position
        let rule = rule(of: slot)
        sessions.details[slot]!.rights = sessions.details[slot]!.patch.applied(to: rule.rights)
        if let rate = rule.rateLimit {
            if sessions.details[slot]!.limiter?.rate != rate { sessions.details[slot]!.limiter = RateLimiter(rate: rate) }
        } else {
            sessions.details[slot]!.limiter = nil
        }
        sessions.details[slot]!.denied.removeAll()
        sessions.rows[slot].hasDenied = false
        sessions.rows[slot].needsRuleCheck = rule.rateLimit != nil || isEnding
        if rule.devices.isOpen { return rule }
        for index in 0..<devices.indexLimit {
            if let info = devices[index], !rule.devices.allows(info.description) { deny(index, slot) }
        }
        return rule
    }
}
