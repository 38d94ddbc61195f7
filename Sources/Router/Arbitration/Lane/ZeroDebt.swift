// Which types of a lane may still run, and which zeros its device is owed (`arbitration.md` §3, §6, §7).
// Must not write: it says what is owed, and is told what became of each write.

import Buttplug

/// The zeros of one lane.
struct ZeroDebt {
    /// Held types that may run: nothing proves that the device is at rest.
    private(set) var mightRun: TypeMask
    /// Types whose last write was a zero that has not failed.
    private var sent = TypeMask.none
    /// Zeros owed by a stop, regardless of what was written before.
    private var forced = TypeMask.none
    /// Types whose zero overtook a write that may land after it.
    private var overtaken = TypeMask.none

    /// A device that has just appeared may still run from before.
    init(mightRun: TypeMask) { self.mightRun = mightRun }

    /// Types that must be zeroed before anything else is written: they may run and are not wanted, or a stop said so.
    @inline(__always)
    func owed(_ wanted: Wanted) -> TypeMask {
        var owed = mightRun.subtracting(sent)
        if !wanted.isRest { owed.remove(wanted.type) }
        return owed.union(forced)
    }

    /// Those of the owed zeros that wait for nothing: their type may run. One that only a stop asks for, of a type that cannot run, has time.
    @inline(__always)
    func urgent(_ wanted: Wanted) -> TypeMask { owed(wanted).intersection(mightRun) }

    mutating func force(_ types: TypeMask) { forced = types }
    mutating func force(_ type: OutputType) { forced.insert(type) }

    /// A zero is written. One that overtakes a value of its type is written once more when all have landed.
    mutating func zeroWritten(_ type: OutputType, overtakes: Bool) {
        forced.remove(type)
        if overtakes { overtaken.insert(type) }
        sent.insert(type)
    }

    /// A value of a held type is written.
    mutating func valueWritten(_ type: OutputType) {
        mightRun.insert(type)
        sent.remove(type)
    }

    /// A zero of a held type was carried out: it proves rest unless a value may land after it.
    mutating func zeroCarriedOut(_ type: OutputType) {
        if sent.contains(type), !overtaken.contains(type) { mightRun.remove(type) }
    }

    /// Whether a zero that failed is owed again. A stop's is, also of a type that cannot run. A correction's is not when the late answer to
    /// another zero has proved rest meanwhile; a spray has no such proof.
    func isOwedStill(_ type: OutputType, isCorrection: Bool) -> Bool { !isCorrection || type == .spray || mightRun.contains(type) }

    /// A zero failed: it is owed again.
    mutating func zeroFailed(_ type: OutputType) {
        sent.remove(type)
        if type.isHeld { mightRun.insert(type) } else { forced.insert(type) }
    }

    /// A zero that agrees with what is wanted was carried out late, and no older write is on its way.
    mutating func zeroCarriedOutLate(_ type: OutputType) {
        mightRun.remove(type)
        overtaken.remove(type)
    }

    /// A write of a held type was answered after later ones: the type may run, also when a zero was written after it.
    mutating func answeredOutOfOrder(_ type: OutputType, isFlying: Bool) {
        mightRun.insert(type)
        sent.remove(type)
        if isFlying { overtaken.insert(type) }
    }

    /// Nothing is in flight any more. True when zeros overtook writes: they are owed once more.
    mutating func allLanded() -> Bool {
        guard !overtaken.isEmpty else { return false }
        sent = sent.subtracting(overtaken)
        mightRun = mightRun.union(overtaken)
        overtaken = .none
        return true
    }
}
