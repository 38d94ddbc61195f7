// What the operator's verbs do to the models, beside stops, masks, kicks and reloads (`arbitration.md` §6).
// Must not know how the operator says it.

import Buttplug
import Host
import Router

extension WorldModel {
    /// The operator changed a session's rights. Nothing rises by it; what is left of a wish may be kept down until it is said again.
    func patched(_ session: SessionModel, _ patch: SessionPatch) {
        note("#\(session.number) is patched: \(patch)")
        let before = session.rights
        session.add(patch)
        let rights = session.rights
        guard rights != before else { return }
        let isShutOut = rights.mute || rights.role == .observer || rights.priority < maskLevel
        forEachLane(device: nil, feature: nil) { _, lane in
            let isTheirs = { (holding: Holding) in holding.session === session }
            guard lane.holdings.contains(where: isTheirs) || lane.passables.contains(where: { $0.session === session }) else { return }
            if isShutOut { release(session, lane) }
            lane.holdings.removeAll { isTheirs($0) && lane.limited($0.value, $0.type, rights) == 0 }
            for position in lane.holdings.indices { lane.holdings[position].isSure = false }
            for position in lane.passables.indices where lane.passables[position].session === session {
                lane.passables[position].isLoose = true
            }
            touch(lane)
        }
    }

    /// The operator stopped a device: nobody's value stays, and for a while nobody drives it.
    func deviceStopped(_ index: UInt32) {
        note("device \(index) is stopped")
        forEachLane(device: index, feature: nil) { _, lane in
            clear(lane)
            lane.holdOffUntil = now + settings.arbitration.stopHoldoff
        }
    }

    func operatorScans(_ isWanted: Bool) {
        note(isWanted ? "the operator wants a scan" : "the operator wants no scan")
        operatorVotes = isWanted
        if isWanted { votedAt = now }
    }

    /// What a session may do is what its rule says, with what the operator has changed.
    func checkRights(_ told: SessionSnapshot) {
        guard let session = session(told.id), session.state == .ready, !session.isLeaving, told.client != nil else { return }
        check(.steered, told.rights == session.rights, "#\(session.number) has \(told.rights), it should have \(session.rights)")
    }
}
