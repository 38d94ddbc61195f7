// Stops that sessions ask for.
// Must not know how a stop ends the values on a lane; `Arbitration/StopScope.swift` does.

import Buttplug
import Host

/// What a stop names.
struct StopWish {
    var target: StopTarget
    /// Whether subscriptions end.
    var inputs: Bool
    /// Whether outputs go to zero.
    var outputs: Bool
}

extension Outputs {
    /// The outputs of a stop, as far as the session's rule reaches (`arbitration.md` §6).
    mutating func stop(_ target: StopTarget, _ slot: Int, _ tables: inout RouterTables, at now: Instant, into out: inout Outbox) {
        let details = tables.sessions.details[slot]!
        let denied = details.denied
        let isMeant: (OutputCommand) -> Bool = {
            !denied.contains($0.device) && (target.device ?? $0.device) == $0.device && (target.feature ?? $0.feature) == $0.feature
        }
        if details.rights.stopScope == .own {
            forgetWaiting(slot, &tables, where: isMeant)
        } else {
            forgetWaiting(&tables, where: isMeant)
        }
        stopForeign(target, slot, tables, into: &out)
        arbiter.stop(UInt32(slot), target, denied: { denied.contains($0) }, at: now, into: &effects)
        tellEffects(&tables, into: &out)
    }
}
