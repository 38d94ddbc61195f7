// One actuator: who wants what of it, what it was last told, and what it is still owed.
// Must not know sessions' rights; holds no time but instants it was given.

import Buttplug
import Host

/// A reply that waits for the lane's next write.
struct WaitingReply {
    var to: ReplyTo
    /// The command's running number: tells a renewed contribution from the one that was refused.
    var accepted: UInt64
}

/// A command that is passed on once: a move or a spray.
struct PassedOn {
    var type: OutputType
    var value: Int32
    var duration: UInt32
    var reply: WaitingReply
}

/// A claim on a lane by moves, by exclusive sprays or by an exclusive contribution (`arbitration.md` §5).
struct Lease {
    var owner: UInt32
    var priority: UInt8
    var until: Instant
    var accepted: UInt64
}

/// Dense index of a lane.
public struct LaneRef: Hashable, Sendable {
    @usableFromInline var index: Int32
    @usableFromInline init(_ index: Int) { self.index = Int32(truncatingIfNeeded: index) }
    @usableFromInline var at: Int { Int(index) }
}

/// One lane. All output types of one feature share it.
struct Lane: ~Copyable {
    // What it is.
    var device: UInt32
    var row: Int32
    var feature: UInt32
    var isPresent = true
    /// Upper end of each type's range; 0 where the feature lacks the type.
    var steps = InlineArray<9, Int32>(repeating: 0)
    var signed = TypeMask.none
    var held = TypeMask.none
    /// Held types and spray: those a zero means something to.
    var zeroable = TypeMask.none
    // The operator's settings.
    var mixes = InlineArray<9, Mix>(repeating: .highest)
    var limits = InlineArray<9, Int32>(repeating: 0)
    var policies = InlineArray<9, UInt16>(repeating: 0)
    /// Types whose fold is a plain maximum: `highest`, unsigned, no slew.
    var plain = TypeMask.none
    // What is wanted.
    var contributions = Slab<Contribution>(capacity: 2)
    var wanted = Wanted.rest
    /// Place of the winning contribution, or -1.
    var winner = -1
    /// What contributions from before an operator's change may not raise the lane above; rest when nothing.
    var frozen = Wanted.rest
    /// The change's running number: a contribution that was accepted later is free.
    var frozenSince: UInt64 = 0
    /// The claim of a held type whose mix is `exclusive`.
    var heldLease: Lease?
    /// That claim ran out before the operator changed something: time gives it to nobody any more.
    var isLeaseOver = false
    /// The claim of moves, and of exclusive sprays.
    var moveLease: Lease?
    /// Whether a spray made that claim: then it keeps off moves and sprays, and held types do not mind it.
    var isLeaseOfSprays = false
    var holdOffUntil = Instant.zero
    var sprayUntil = Instant.zero
    // The ramp under `slew`.
    var level: Int32 = 0
    var levelType = OutputType.vibrate
    var ramp = Ramp()
    // What it was told.
    /// The last write, if the device is believed to have it.
    var writtenType: OutputType?
    var writtenValue: Int32 = 0
    var writtenDuration: UInt32 = 0
    var writtenAt: Instant?
    // What it is owed.
    var mayRun = TypeMask.none
    /// Types whose last write was a zero that has not failed.
    var zeroSent = TypeMask.none
    /// Zeros owed by a stop.
    var forcedZero = TypeMask.none
    /// Types whose zero overtook a write that may land after it.
    var overtaken = TypeMask.none
    var refreshOwed = false
    var passOn: PassedOn?
    var waiting: WaitingReply?
    var dirtySince: UInt64 = 0
    var isListed = false
    // What is on its way.
    var mainFlight: Int32 = -1
    var mainFlightType = OutputType.vibrate
    var zeroFlights: Int32 = 0
    var lateFlights: Int32 = 0
    /// Since when what is written repeats old writes, because one of them was carried out late; `never` once something else is wanted.
    var repeatsSince = Instant.never
    // Failures.
    var failures: UInt32 = 0
    var stopFailureReported = false
    var retryAt = Instant.zero
    /// The earliest instant an alarm is set for.
    var alarmAt = Instant.never
    var reportedWinner: UInt32 = .max

    init(device: UInt32, row: Int32, feature: Feature) {
        self.device = device
        self.row = row
        self.feature = feature.index
        for output in feature.outputs {
            steps[Int(output.type.rawValue)] = output.steps
            if output.isSigned { signed.insert(output.type) }
            if output.type.isHeld { held.insert(output.type) }
            if !output.type.isMove { zeroable.insert(output.type) }
        }
        mayRun = held
    }

    /// Types that must be zeroed before anything else: they may run and are not what is wanted, or a stop said so.
    var owedZeros: TypeMask {
        var owed = mayRun.subtracting(zeroSent)
        if !wanted.isRest { owed.remove(wanted.type) }
        return owed.union(forcedZero)
    }

    /// Whether a write is in the air.
    var isFlying: Bool { mainFlight >= 0 || zeroFlights > 0 }

    /// Whether the wanted value is not the last one written.
    var owesWanted: Bool {
        !wanted.isRest && (writtenType != wanted.type || writtenValue != level || refreshOwed)
    }

    /// Whether a write is owed that a waiting reply can go with: a zero or the wanted value.
    var owesHeld: Bool { owesWanted || !owedZeros.isEmpty }

    var owesAnything: Bool { passOn != nil || owesHeld }

    /// Place of the session's contribution, or -1.
    func place(of session: UInt32) -> Int {
        contributions.withUnsafeBufferPointer { all in
            for i in all.indices where all[i].session == session { return i }
            return -1
        }
    }

    /// Whether somebody else's moves or sprays have claimed the lane.
    func isLeased(notBy session: UInt32, at now: Instant) -> Bool {
        guard let lease = moveLease else { return false }
        return lease.owner != session && lease.until > now
    }

    /// The strongest live magnitude of one type and direction; 0 when nobody holds it.
    func strongest(_ type: OutputType, backward: Bool) -> Int32 {
        var best: Int32 = 0
        for i in contributions.indices where contributions[i].type == type && (contributions[i].scaled < 0) == backward {
            best = max(best, contributions[i].magnitude)
        }
        return best
    }

    /// Forgets that the device has what it was told last.
    mutating func forgetWritten() {
        writtenType = nil
        writtenValue = 0
        writtenDuration = 0
    }
}
