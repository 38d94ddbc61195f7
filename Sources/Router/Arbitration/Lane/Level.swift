// The value that a lane writes: the wanted one, or under `slew` as much of it as the rise has reached (`arbitration.md` §3).
// Must not know contributions; it follows what is wanted, and is told what was written and what failed.

import Buttplug
import Host

/// A lane's level, and its rise.
struct Level {
    /// Type and value to write now.
    private(set) var present = Wanted.rest
    private var ramp = Ramp()

    var value: Int32 { present.value }
    var isRising: Bool { ramp.isActive }

    /// Takes the wanted value at once: its type has no `slew`.
    @inline(__always)
    mutating func jump(to wanted: Wanted) { present = wanted }

    /// The wanted value has changed. True when a rise has to begin; `reached` is where from.
    mutating func follow(_ wanted: Wanted, isSlewed: Bool) -> (begins: Bool, reached: Int32) {
        guard !wanted.isRest, isSlewed else {
            present = wanted
            ramp.forget()
            return (false, 0)
        }
        // The same type and direction as what is written.
        let isSame = present.type == wanted.type && present.value != 0 && (present.value < 0) == (wanted.value < 0)
        let reached = isSame ? present.magnitude : 0
        present.type = wanted.type
        if !isSame { ramp.forget() }
        if isSame, wanted.magnitude < reached {
            present.value = wanted.value
            ramp.end()
        } else if isSame, wanted.magnitude == reached {
            ramp.reachedTarget()
        } else if !ramp.isActive {
            return (true, reached)
        }
        return (false, reached)
    }

    /// Begins to rise towards what is wanted.
    mutating func rise(from reached: Int32, to wanted: Wanted, _ slew: Slew, at now: Instant) {
        set(ramp.begin(from: reached, steps: slew.steps, slew: slew.fraction, at: now), towards: wanted)
    }

    /// Takes a rise as far as time allows, at most every `interval`. Returns when the next step is due; `never` when the target is reached.
    mutating func advance(to wanted: Wanted, _ slew: Slew, every interval: Interval, at now: Instant) -> Instant {
        if now >= ramp.nextStep(every: interval) {
            set(ramp.step(towards: wanted.magnitude, steps: slew.steps, slew: slew.fraction, at: now), towards: wanted)
        }
        return present.value == wanted.value ? .never : ramp.nextStep(every: interval)
    }

    /// The level was written. Returns when the next step is due.
    mutating func written(_ wanted: Wanted, every interval: Interval, at now: Instant) -> Instant {
        ramp.written(reachesTarget: present.value == wanted.value, at: now)
        return ramp.nextStep(every: interval)
    }

    /// A value was refused, or nobody answered: a rise of which nothing was carried out begins again.
    mutating func failed(_ type: OutputType, writing value: Int32) {
        guard value != 0, type == present.type, let first = ramp.failed(writing: value < 0 ? -value : value) else { return }
        set(first, towards: present)
    }

    /// Rises no further.
    mutating func stay() { ramp.end() }

    private mutating func set(_ magnitude: Int32, towards wanted: Wanted) { present.value = wanted.value < 0 ? -magnitude : magnitude }
}

/// How fast one output type may rise.
struct Slew {
    /// Of the range, per second.
    var fraction: Fraction
    /// Upper end of the range.
    var steps: Int32
}
