// What the operator changes under running sessions: masks, rights, denied devices, settings (`arbitration.md` §6).
// Nothing rises by such a change: what would rise waits until its session commands again.

import Buttplug
import Host

extension Arbiter {
    // MARK: Masks

    /// Raises a mask: sessions below `level` drive nothing, and what they held ends. Raising it again moves it.
    public mutating func raiseMask(
        holder: String, level: UInt8, releasesOnLoss: Bool, at now: Instant, into effects: inout ArbiterEffects
    ) {
        gate.raiseMask(holder, level: level, releasesOnLoss: releasesOnLoss)
        releaseShutOut(at: now, into: &effects)
    }

    /// Takes a mask away. Nothing comes back by itself.
    public mutating func clearMask(holder: String, at now: Instant, into effects: inout ArbiterEffects) {
        gate.clearMask(holder)
        releaseShutOut(at: now, into: &effects)
    }

    /// The control client that holds a mask is gone: the mask stays, unless it was to be released then.
    public mutating func maskHolderLost(_ holder: String, at now: Instant, into effects: inout ArbiterEffects) {
        gate.maskHolderLost(holder)
        releaseShutOut(at: now, into: &effects)
    }

    /// Sessions that may drive nothing hold nothing.
    private mutating func releaseShutOut(at now: Instant, into effects: inout ArbiterEffects) {
        for slot in gate.sessions.indices {
            let driver = gate.sessions[slot]
            guard driver.isOpen, driver.blockedBy != nil, driver.hasDriven else { continue }
            releaseEverywhere(UInt32(slot), .operatorChange, at: now, into: &effects)
        }
    }

    // MARK: Rules and settings

    /// A session's rights have changed: lanes may fall at once; a rise waits for a command.
    public mutating func rightsChanged(slot: UInt32, to rights: Rights, at now: Instant, into effects: inout ArbiterEffects) {
        guard gate.isOpen(slot), gate.sessions[Int(slot)].rights != rights else { return }
        gate.setRights(slot, rights)
        let driver = gate.sessions[Int(slot)]
        guard driver.hasDriven else { return }
        if driver.blockedBy != nil || rights.role == .observer {
            releaseEverywhere(slot, .operatorChange, at: now, into: &effects)
            return
        }
        for lane in lanes.indices where lanes[lane].isPresent {
            lanes[lane].leases.setPriority(rights.priority, of: slot)
            limitPassOn(lane, into: &effects)
            let index = lanes[lane].contributions.index(of: slot)
            guard index >= 0 else { continue }
            let held = lanes[lane].contributions[index]
            let scaled = driver.scaled(held.value, of: lanes[lane].traits.steps[Int(held.type.rawValue)])
            lanes[lane].contributions.setRights(index, priority: rights.priority, scaled: scaled)
            if scaled == 0 { lanes[lane].contributions.end(at: index) }
            lanes[lane].refold(.operatorChange, at: now, &agenda, into: &effects)
        }
    }

    /// A move or spray that still waits keeps to the new ceilings; one that they leave nothing of is dropped.
    private mutating func limitPassOn(_ lane: Int, into effects: inout ArbiterEffects) {
        guard let command = lanes[lane].queue.waitingCommand else { return }
        let session = command.session
        let cap = gate.isOpen(session) ? gate.sessions[Int(session)].rights.cap : .one
        let isAllowed = lanes[lane].traits.allows(duration: command.duration, of: command.type)
        let highest = isAllowed ? lanes[lane].traits.highest(command.type, cap: cap) : -1
        if !lanes[lane].queue.limit(to: highest) { lanes[lane].takeBackCommand(into: &effects) }
    }

    /// A session may no longer drive a device: what it held there ends.
    public mutating func deviceDenied(slot: UInt32, device: UInt32, at now: Instant, into effects: inout ArbiterEffects) {
        guard let row = devices.row(of: device) else { return }
        for lane in devices.lanes(of: row) { lanes[lane].release(slot, .operatorChange, at: now, &agenda, into: &effects) }
    }

    /// The operator changed the numbers or the lane rules.
    public mutating func settingsChanged(_ settings: ArbitrationSettings, at now: Instant, into effects: inout ArbiterEffects) {
        agenda.settings = settings
        for lane in lanes.indices where lanes[lane].isPresent {
            let device = devices[lanes[lane].traits.row]
            lanes[lane].traits.apply(settings.lanes, name: device.name, displayName: device.displayName)
            lanes[lane].freezeRise(at: now, &agenda)
            limitPassOn(lane, into: &effects)
            let ceilings = lanes[lane].traits.ceilings
            lanes[lane].contributions.end { ceilings[Int($0.type.rawValue)] == 0 }
            lanes[lane].refold(.operatorChange, at: now, &agenda, into: &effects)
        }
    }
}
