// What the operator does: rules and settings in force, emergency stop, masks, kicks, the router's end (`arbitration.md` §6).
// Must not know where the operator sits; a signal, a configuration and an admin interface all end here.

import Buttplug
import Host

extension RouterCore {
    // MARK: Rules

    /// The rule of a session that is past its handshake.
    func rule(of slot: Int) -> Rule {
        let place = sessions.details[slot]!.rule
        return place < 0 ? settings.rules.fallback : settings.rules.rules[place]
    }

    /// Finds the session's rule and notes what follows from it, apart from `max_ping_time`.
    mutating func apply(ruleOf client: String, to slot: Int) -> Rule {
        let peer = sessions.details[slot]!.peer
        let place = settings.rules.place(client: client, peer: peer)
        sessions.details[slot]!.rule = place
        let rule = rule(of: slot)
        sessions.details[slot]!.rights = sessions.details[slot]!.patch.applied(to: rule.rights)
        if let rate = rule.rateLimit {
            if sessions.details[slot]!.limiter?.rate != rate { sessions.details[slot]!.limiter = RateLimiter(rate: rate) }
        } else {
            sessions.details[slot]!.limiter = nil
        }
        sessions.details[slot]!.denied.removeAll()
        sessions.rows[slot].hasDenied = false
        sessions.rows[slot].isCareful = rule.rateLimit != nil || ending != .no
        if rule.devices.isOpen { return rule }
        for index in 0..<devices.indexLimit {
            if let info = devices[index], !rule.devices.allows(info.description) { deny(index, slot) }
        }
        return rule
    }

    /// New settings: sessions live on, each under the rule that is now the first to match. What ends by it ends before anybody's other rights
    /// change, so that nobody drives in between what he may not drive afterwards.
    mutating func settingsChanged(_ settings: RouterSettings, at now: Instant, into out: inout Outbox) {
        self.settings = settings
        limitWatch.set(settings, devices: devices, at: now)
        greetingDeadline = now
        var changed: [(slot: UInt32, rights: Rights)] = []
        for slot in sessions.rows.indices where sessions.rows[slot].state == .ready {
            let before = sessions.details[slot]!
            let rule = apply(ruleOf: before.session.clientName, to: slot)
            let rights = sessions.details[slot]!.rights
            if rights.role == .observer || rights.mute || sessions.details[slot]!.limiter == nil { forget(slot) { _ in true } }
            if rights != before.rights { changed.append((UInt32(slot), rights)) }
            guard sessions.details[slot]!.denied != before.denied else { continue }
            for index in 0..<devices.indexLimit {
                guard sessions.details[slot]!.denied.contains(index), !before.denied.contains(index) else { continue }
                forget(slot) { $0.device == index }
                arbiter.deviceDenied(slot: UInt32(slot), device: index, at: now, into: &effects)
                unsubscribe(slot, device: index, feature: nil, at: now, into: &out)
            }
            if sessions.rows[slot].isCongested { sessions.rows[slot].owesList = true } else { pushList(slot, into: &out) }
        }
        for (slot, rights) in changed where rights.role == .observer || rights.mute {
            arbiter.rightsChanged(slot: slot, to: rights, at: now, into: &effects)
        }
        // The others' once more changes nothing for those above.
        for (slot, rights) in changed { arbiter.rightsChanged(slot: slot, to: rights, at: now, into: &effects) }
        arbiter.settingsChanged(settings.arbitration, at: now, into: &effects)
        drainReplies(into: &out)
    }

    // MARK: Stops and masks

    mutating func raiseEmergencyStop(at now: Instant, into out: inout Outbox) {
        arbiter.raiseEmergencyStop(at: now, into: &effects)
        drainReplies(into: &out)
        drainEvents(at: now, into: &out)
    }

    mutating func clearEmergencyStop(at now: Instant, into out: inout Outbox) {
        arbiter.clearEmergencyStop(into: &effects)
        drainEvents(at: now, into: &out)
    }

    /// Silences every session below `level` until `holder` lifts it, or (when it asked for that) is lost.
    mutating func raiseMask(holder: String, level: UInt8, releasesOnLoss: Bool, at now: Instant, into out: inout Outbox) {
        for slot in waiters where sessions.details[Int(slot)]!.rights.priority < level { forget(Int(slot)) { _ in true } }
        arbiter.raiseMask(holder: holder, level: level, releasesOnLoss: releasesOnLoss, at: now, into: &effects)
        drainReplies(into: &out)
    }

    mutating func clearMask(holder: String, at now: Instant, into out: inout Outbox) {
        arbiter.clearMask(holder: holder, at: now, into: &effects)
        drainReplies(into: &out)
    }

    /// A control client vanished: its mask stays, unless it said otherwise.
    mutating func maskHolderLost(_ holder: String, at now: Instant, into out: inout Outbox) {
        arbiter.maskHolderLost(holder, at: now, into: &effects)
        drainReplies(into: &out)
    }

    mutating func kick(_ id: LinkID, at now: Instant, into out: inout Outbox) {
        guard let slot = sessions.slot(id) else { return }
        end(slot, .kicked, at: now, into: &out)
    }

    // MARK: The end

    /// Every output goes to zero; sessions are closed when the devices have said so, or after `endTimeout`.
    mutating func shutDown(at now: Instant, into out: inout Outbox) {
        guard ending == .no else { return }
        ending = .zeroing(until: now + settings.endTimeout)
        forgetEverywhere { _ in true }
        for slot in sessions.rows.indices { sessions.rows[slot].isCareful = true }
        arbiter.zeroEverything(at: now, into: &effects)
        drainReplies(into: &out)
        stopBackends(into: &out)
    }

    /// Closes everything once nothing is owed any more. Asked when all writes of the turn have been handed over.
    mutating func endIfSettled(at now: Instant, into out: inout Outbox) {
        guard case .zeroing(let until) = ending, arbiter.isSettled || now >= until else { return }
        ending = .over
        for slot in sessions.rows.indices where sessions.rows[slot].state == .ready || sessions.rows[slot].state == .greeting {
            end(slot, .routerEnding, at: now, into: &out)
        }
        out.news.append(.ended)
    }
}
