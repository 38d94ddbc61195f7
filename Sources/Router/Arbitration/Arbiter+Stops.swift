// Stops, the emergency stop, masks, and changes of rights and settings (`arbitration.md` §6).
// Must not decide who may ask for them; it carries them out.

import Buttplug
import Host

extension Arbiter {
    /// The outputs of a stop, in the scope it names and as far as the session's rule reaches. Its sender is told `Ok` at once.
    /// The device and feature, where named, exist; `denied` says which devices the sender must not touch.
    public mutating func stop(
        slot: UInt32, device: UInt32?, feature: UInt32?, denied: (UInt32) -> Bool, at now: Instant, into effects: inout ArbiterEffects
    ) {
        let scope = sessions[Int(slot)].rights.stopScope
        if scope == .estop {
            raiseEmergencyStop(at: now, into: &effects)
            return
        }
        guard let device else {
            for row in devices.indices where devices[row].isPresent && !denied(devices[row].index) {
                for lane in devices[row].lanes { stopLane(lane, slot, scope, at: now, into: &effects) }
            }
            return
        }
        guard let row = row(of: device), !denied(device) else { return }
        for lane in devices[row].lanes where feature == nil || lanes[lane].feature == feature {
            stopLane(lane, slot, scope, at: now, into: &effects)
        }
    }

    private mutating func stopLane(
        _ lane: Int, _ slot: UInt32, _ scope: StopScope, at now: Instant, into effects: inout ArbiterEffects
    ) {
        if scope == .global {
            lanes[lane].holdOffUntil = now + settings.stopHoldoff
            emptyLane(lane, at: now, into: &effects)
        } else {
            release(lane, slot, byOperator: false, at: now, into: &effects)
        }
        if lanes[lane].contributions.isEmpty, (lanes[lane].moveLease?.until ?? .zero) <= now { forceZero(lane) }
    }

    /// Ends everyone's contributions, leases and waiting writes on a lane.
    private mutating func emptyLane(_ lane: Int, at now: Instant, into effects: inout ArbiterEffects) {
        lanes[lane].moveLease = nil
        takeBackPassOn(lane, into: &effects)
        settleWaiting(lane, into: &effects)
        endContributions(lane, at: now, into: &effects)
    }

    /// Owes the lane a zero that is never a duplicate.
    private mutating func forceZero(_ lane: Int) {
        guard !lanes[lane].zeroable.isEmpty else { return }
        lanes[lane].forcedZero = lanes[lane].zeroable
        lanes[lane].repeatsSince = .never
        lanes[lane].retryAt = .zero
        touch(lane)
    }

    /// Raises the emergency stop, or says it again: everything ends and every lane is written zero.
    public mutating func raiseEmergencyStop(at now: Instant, into effects: inout ArbiterEffects) {
        isStopped = true
        zeroLanes(at: now, into: &effects)
        effects.events.append(.emergencyStop(true))
    }

    /// Clears the emergency stop. Nothing is left to start.
    public mutating func clearEmergencyStop(into effects: inout ArbiterEffects) {
        guard isStopped else { return }
        isStopped = false
        effects.events.append(.emergencyStop(false))
    }

    /// Latches the emergency stop without a word, as it was before a restart.
    public mutating func restoreEmergencyStop() { isStopped = true }

    /// The router ends: like an emergency stop, but nothing is latched.
    public mutating func zeroEverything(at now: Instant, into effects: inout ArbiterEffects) {
        isEnding = true
        zeroLanes(at: now, into: &effects)
    }

    private mutating func zeroLanes(at now: Instant, into effects: inout ArbiterEffects) {
        for lane in lanes.indices where lanes[lane].isPresent {
            emptyLane(lane, at: now, into: &effects)
            forceZero(lane)
        }
    }

    // MARK: Masks

    /// Raises a lock: sessions below `level` drive nothing, and what they held ends. Raising it again moves it.
    public mutating func raiseMask(
        holder: String, level: UInt8, releasesOnLoss: Bool, at now: Instant, into effects: inout ArbiterEffects
    ) {
        masks.removeAll { $0.holder == holder }
        masks.append(Mask(holder: holder, level: level, releasesOnLoss: releasesOnLoss))
        gatesChanged(at: now, into: &effects)
    }

    /// Takes a lock away. Nothing comes back by itself.
    public mutating func clearMask(holder: String, at now: Instant, into effects: inout ArbiterEffects) {
        masks.removeAll { $0.holder == holder }
        gatesChanged(at: now, into: &effects)
    }

    /// The control client behind a lock is gone: the lock stays, unless it was to be released then.
    public mutating func maskHolderLost(_ holder: String, at now: Instant, into effects: inout ArbiterEffects) {
        masks.removeAll { $0.holder == holder && $0.releasesOnLoss }
        gatesChanged(at: now, into: &effects)
    }

    private mutating func gatesChanged(at now: Instant, into effects: inout ArbiterEffects) {
        for slot in sessions.indices where sessions[slot].isOpen {
            setGate(slot)
            if sessions[slot].gate != nil, sessions[slot].hasDriven {
                releaseEverywhere(UInt32(slot), at: now, into: &effects)
            }
        }
    }

    private mutating func releaseEverywhere(_ slot: UInt32, at now: Instant, into effects: inout ArbiterEffects) {
        for lane in lanes.indices where lanes[lane].isPresent { release(lane, slot, byOperator: true, at: now, into: &effects) }
    }

    // MARK: Rules and settings

    /// The operator changed a session's rights: lanes may fall at once; a rise waits for a command.
    public mutating func rightsChanged(slot: UInt32, to rights: Rights, at now: Instant, into effects: inout ArbiterEffects) {
        guard Int(slot) < sessions.count, sessions[Int(slot)].isOpen, sessions[Int(slot)].rights != rights else { return }
        setRights(Int(slot), rights)
        guard sessions[Int(slot)].hasDriven else { return }
        if sessions[Int(slot)].gate != nil || rights.role == .observer {
            releaseEverywhere(slot, at: now, into: &effects)
            return
        }
        for lane in lanes.indices where lanes[lane].isPresent {
            if lanes[lane].moveLease?.owner == slot { lanes[lane].moveLease?.priority = rights.priority }
            limitPassOn(lane, into: &effects)
            let place = lanes[lane].place(of: slot)
            guard place >= 0 else { continue }
            let held = lanes[lane].contributions[place]
            let scaled = self.scaled(held.value, of: lanes[lane].steps[Int(held.type.rawValue)], Int(slot))
            lanes[lane].contributions[place].priority = rights.priority
            lanes[lane].contributions[place].scaled = scaled
            if scaled == 0 { endContribution(lane, place) }
            refold(lane, operatorChange: true, at: now, into: &effects)
        }
    }

    /// A move or spray that still waits keeps to the new limits; one that they leave nothing of is dropped.
    private mutating func limitPassOn(_ lane: Int, into effects: inout ArbiterEffects) {
        guard let passOn = lanes[lane].passOn else { return }
        let row = Int(passOn.type.rawValue)
        let slot = Int(passOn.reply.to.session)
        let cap = slot < sessions.count && sessions[slot].isOpen ? sessions[slot].rights.cap : .one
        let most = min(cap.floor(of: lanes[lane].steps[row]), lanes[lane].limits[row])
        if (most == 0 && passOn.value > 0) || !allowsDuration(LaneRef(lane), passOn.type, passOn.duration) {
            takeBackPassOn(lane, into: &effects)
        } else {
            lanes[lane].passOn?.value = min(passOn.value, most)
        }
    }

    /// A session may no longer drive a device: what it held there ends.
    public mutating func deviceDenied(slot: UInt32, device: UInt32, at now: Instant, into effects: inout ArbiterEffects) {
        guard let row = row(of: device) else { return }
        for lane in devices[row].lanes { release(lane, slot, byOperator: true, at: now, into: &effects) }
    }

    /// The operator changed the numbers or the lane rules.
    public mutating func settingsChanged(_ settings: ArbitrationSettings, at now: Instant, into effects: inout ArbiterEffects) {
        self.settings = settings
        policies = [LanePolicy()]
        for lane in lanes.indices where lanes[lane].isPresent {
            applyPolicies(lane)
            freezeRamp(lane, at: now)
            limitPassOn(lane, into: &effects)
            var place = lanes[lane].contributions.count - 1
            while place >= 0 {
                let type = lanes[lane].contributions[place].type
                if lanes[lane].limits[Int(type.rawValue)] == 0 { endContribution(lane, place) }
                place -= 1
            }
            refold(lane, operatorChange: true, at: now, into: &effects)
        }
    }
}
