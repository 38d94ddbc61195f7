// The effects of commands and stops: who is told, and what backends are asked for.
// Must not arbitrate.

import Buttplug
import Host

extension Outputs {
    /// Sends on replies and events.
    mutating func tellEffects(_ tables: inout RouterTables, into out: inout Outbox) {
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
