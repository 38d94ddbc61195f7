// Stops that sessions ask for, and what the arbiter returns: late replies, and events for the operator and the backends.
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
        arbiter.stop(UInt32(slot), target, denied: { denied.contains($0) }, at: now, into: &effects)
        tellAll(&tables, into: &out)
    }

    // MARK: What the arbiter returns

    /// Sends on replies and events.
    mutating func tellAll(_ tables: inout RouterTables, into out: inout Outbox) {
        tellReplies(tables.sessions, into: &out)
        tellEvents(&tables, into: &out)
    }

    /// Tells the operator and the backends what has happened.
    private mutating func tellEvents(_ tables: inout RouterTables, into out: inout Outbox) {
        if effects.events.isEmpty { return }
        for event in effects.events {
            switch event {
            case .winnerChanged(let device, let feature, let session):
                out.events.append(.winnerChanged(device: device, feature: feature, session: session))
            case .stopFailed(let device, let feature):
                out.events.append(.stopFailed(device: device, feature: feature))
                if let address = tables.addresses.address(of: device) {
                    out.requests.append(OutgoingRequest(backend: address.backend, request: .cutOff(device: address.handle)))
                }
            case .emergencyStop(let isRaised):
                if isRaised {
                    forgetWaiting(&tables)
                    stopBackends(into: &out)
                }
                out.events.append(.emergencyStop(isRaised))
                out.events.append(.stateChanged)
            }
        }
        effects.events.removeAll(keepingCapacity: true)
    }

    /// Every backend stops by its own means too.
    func stopBackends(into out: inout Outbox) {
        for backend in 0..<backends { out.requests.append(OutgoingRequest(backend: backend, request: .stopOutputs)) }
    }
}
