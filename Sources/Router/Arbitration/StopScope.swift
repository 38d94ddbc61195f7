// What a stop reaches: the sender's own outputs, everybody's, or the emergency stop (`arbitration.md` §6).
// Must not decide who may ask for which; a session's rule says that.

import Buttplug
import Host

/// What a session's stop reaches.
public enum StopScope: String, Hashable, Sendable, CaseIterable {
    /// What the session itself has on the lanes; others' values stay.
    case own
    /// Everybody's values, and a pause in which nobody drives those lanes.
    case global
    /// Everything, until the operator clears it.
    case estop
}

extension Arbiter {
    /// The outputs of a stop, in the scope it names and as far as the session's rule reaches. Its sender is told `Ok` at once.
    /// The device and feature, where named, exist; `denied` says which devices the sender must not touch.
    public mutating func stop(
        _ session: UInt32, _ target: StopTarget, denied: (UInt32) -> Bool, at now: Instant, into effects: inout ArbiterEffects
    ) {
        let scope = gate.sessions[Int(session)].rights.stopScope
        if scope == .estop {
            raiseEmergencyStop(at: now, into: &effects)
            return
        }
        guard let device = target.device else {
            for row in devices.indices where devices[row].isPresent && !denied(devices[row].index) {
                for lane in devices[row].lanes { stopLane(lane, session, scope, at: now, into: &effects) }
            }
            return
        }
        guard let row = devices.row(of: device), !denied(device) else { return }
        for lane in devices.lanes(of: row) where target.feature == nil || lanes[lane].traits.feature == target.feature {
            stopLane(lane, session, scope, at: now, into: &effects)
        }
    }

    mutating func stopLane(
        _ lane: Int, _ session: UInt32, _ scope: StopScope, at now: Instant, into effects: inout ArbiterEffects
    ) {
        if scope == .global {
            lanes[lane].pauses.holdOff(until: now + agenda.settings.stopHoldoff)
            lanes[lane].empty(at: now, &agenda, into: &effects)
        } else {
            lanes[lane].release(session, at: now, &agenda, into: &effects)
        }
        if lanes[lane].contributions.isEmpty, !lanes[lane].leases.isMoving(at: now) { lanes[lane].forceZero(&agenda) }
    }

    // MARK: The emergency stop

    /// Raises the emergency stop, or says it again: everything ends and every lane is written zero.
    public mutating func raiseEmergencyStop(at now: Instant, into effects: inout ArbiterEffects) {
        gate.isStopped = true
        zeroLanes(at: now, into: &effects)
        effects.events.append(.emergencyStop(true))
    }

    /// Clears the emergency stop. Nothing is left to start.
    public mutating func clearEmergencyStop(into effects: inout ArbiterEffects) {
        guard gate.isStopped else { return }
        gate.isStopped = false
        effects.events.append(.emergencyStop(false))
    }

    /// Latches the emergency stop without an event, as it was before a restart.
    public mutating func restoreEmergencyStop() { gate.isStopped = true }

    /// The router ends: like an emergency stop, but nothing is latched.
    public mutating func zeroEverything(at now: Instant, into effects: inout ArbiterEffects) {
        gate.isEnding = true
        zeroLanes(at: now, into: &effects)
    }

    private mutating func zeroLanes(at now: Instant, into effects: inout ArbiterEffects) {
        for lane in lanes.indices where lanes[lane].isPresent {
            lanes[lane].empty(at: now, &agenda, into: &effects)
            lanes[lane].forceZero(&agenda)
        }
    }
}

/// Which outputs a stop names.
public struct StopTarget: Hashable, Sendable {
    /// nil: all devices.
    public var device: UInt32?
    /// nil: all features of the device.
    public var feature: UInt32?

    @inlinable public init(device: UInt32? = nil, feature: UInt32? = nil) {
        self.device = device
        self.feature = feature
    }
}
