// What the operator does: rules and settings in force, emergency stop, masks, kicks, the router's end (`arbitration.md` §6).
// Must not know how the operator reaches it; a signal, a configuration and an admin interface all end here.

import Buttplug
import Host

extension RouterCore {
    /// New settings: sessions live on, each under the rule that is now the first to match. What ends by it ends before anybody's other rights
    /// change, so that in between nobody drives what it may not drive afterwards.
    mutating func settingsChanged(_ settings: RouterSettings, at now: Instant, into out: inout Outbox) {
        tables.settings = settings
        limitWatch.set(settings, devices: tables.devices, at: now)
        deadlines.limitsChanged(at: now)
        for step in consents.reconsidered(tables) { carryOut(step, at: now, into: &out) }
        var changed: [(slot: UInt32, rights: Rights)] = []
        for slot in tables.sessions.rows.indices where tables.sessions.rows[slot].state == .ready {
            let before = tables.sessions.details[slot]!
            _ = tables.apply(ruleOf: before.session.clientName, to: slot, isEnding: ending != .no)
            let rights = tables.sessions.details[slot]!.rights
            if rights.role == .observer || rights.mute { outputs.forgetWaiting(slot, &tables) }
            if rights != before.rights { changed.append((UInt32(slot), rights)) }
            guard tables.sessions.details[slot]!.denied != before.denied else { continue }
            for index in 0..<tables.devices.indexLimit {
                guard tables.sessions.details[slot]!.denied.contains(index), !before.denied.contains(index) else { continue }
                outputs.forgetWaiting(slot, &tables) { $0.device == index }
                outputs.deviceDenied(slot: UInt32(slot), device: index, tables, at: now, into: &out)
                sensors.unsubscribe(slot, StopTarget(device: index), &tables, into: &out)
            }
            if tables.sessions.rows[slot].isCongested {
                tables.sessions.rows[slot].owesList = true
            } else {
                PendingPushes.pushList(slot, &tables, into: &out)
            }
        }
        for (slot, rights) in changed where rights.role == .observer || rights.mute {
            outputs.rightsChanged(slot: slot, to: rights, at: now, into: &out)
        }
        // The others' once more changes nothing for those above.
        for (slot, rights) in changed { outputs.rightsChanged(slot: slot, to: rights, at: now, into: &out) }
        outputs.ratesChanged(at: now)
        outputs.arbiter.settingsChanged(tables.settings.arbitration, at: now, into: &outputs.effects)
        outputs.tellReplies(tables.sessions, into: &out)
    }

    // MARK: Stops and masks

    mutating func raiseEmergencyStop(at now: Instant, into out: inout Outbox) {
        outputs.arbiter.raiseEmergencyStop(at: now, into: &outputs.effects)
        outputs.tellEffects(&tables, into: &out)
    }

    mutating func clearEmergencyStop(at now: Instant, into out: inout Outbox) {
        outputs.arbiter.clearEmergencyStop(into: &outputs.effects)
        outputs.tellEffects(&tables, into: &out)
    }

    /// Lets no session below `level` drive anything until `holder` lifts it, or (when it asked for that) is lost.
    mutating func raiseMask(holder: String, level: UInt8, releasesOnLoss: Bool, at now: Instant, into out: inout Outbox) {
        outputs.forgetWaiting(below: level, &tables)
        outputs.arbiter.raiseMask(holder: holder, level: level, releasesOnLoss: releasesOnLoss, at: now, into: &outputs.effects)
        outputs.tellReplies(tables.sessions, into: &out)
    }

    mutating func clearMask(holder: String, at now: Instant, into out: inout Outbox) {
        outputs.arbiter.clearMask(holder: holder, at: now, into: &outputs.effects)
        outputs.tellReplies(tables.sessions, into: &out)
    }

    /// A control client is gone: its mask stays, unless it said otherwise.
    mutating func maskHolderLost(_ holder: String, at now: Instant, into out: inout Outbox) {
        outputs.arbiter.maskHolderLost(holder, at: now, into: &outputs.effects)
        outputs.tellReplies(tables.sessions, into: &out)
    }

    mutating func kick(_ id: LinkID, at now: Instant, into out: inout Outbox) {
        guard let slot = tables.sessions.slot(id) else { return }
        end(slot, .kicked, at: now, into: &out)
    }

    // MARK: The end

    /// Every output goes to zero; sessions are closed when the devices have said so, or after `endTimeout`.
    mutating func shutDown(at now: Instant, into out: inout Outbox) {
        guard ending == .no else { return }
        ending = .zeroing(until: now + tables.settings.endTimeout)
        outputs.forgetWaiting(&tables)
        for slot in tables.sessions.rows.indices { tables.sessions.rows[slot].needsRuleCheck = true }
        outputs.arbiter.zeroEverything(at: now, into: &outputs.effects)
        outputs.tellReplies(tables.sessions, into: &out)
        outputs.stopBackends(into: &out)
    }

    /// Closes everything once nothing is owed any more. Asked when all writes of the turn have been handed over.
    mutating func endIfSettled(at now: Instant, into out: inout Outbox) {
        guard case .zeroing(let until) = ending, outputs.arbiter.isSettled || now >= until else { return }
        ending = .over
        for slot in tables.sessions.rows.indices where tables.sessions.rows[slot].state.isOpen {
            end(slot, .routerEnding, at: now, into: &out)
        }
        out.events.append(.ended)
    }
}
