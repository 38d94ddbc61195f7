// How a lane's value rises under `slew`: a first step of one, then as time allows (`arbitration.md` §3).
// Must not know what is wanted or written; it says which magnitude may be written now, and it is never late for the time it was told.

import Host

/// One rise. The time of a rise begins when its first step is written: a step that waits for the device earns nothing by waiting.
struct Ramp {
    enum Phase {
        /// Nothing rises. Can turn into: firstStep, rising.
        case idle
        /// The first step is not written yet, or the device refused it. Can turn into: rising, idle.
        case firstStep
        /// The first step is written. Can turn into: idle, and firstStep when the device did not carry it out.
        case rising
    }

    private(set) var phase = Phase.idle
    /// The magnitude that was reached before this rise; one less in a rise that goes on, which has no free step.
    private var base: Int32 = 0
    /// When the first step was written.
    private var began = Instant.zero
    /// When a step was last taken.
    private var stepped = Instant.zero
    /// When a step was last written, of this rise or the one before; `never` when nothing of before counts.
    private var lastWritten = Instant.never

    var isActive: Bool { phase != .idle }

    /// Begins to rise from `reached`, and returns the magnitude to write first. The first step of a rise costs no time. When the last step was
    /// written so short a time ago that `slew` allows no step yet, that rise goes on: otherwise a client that climbs by ones, each a new rise
    /// with a free step, would have no limit.
    mutating func begin(from reached: Int32, steps: Int32, slew: Fraction, at now: Instant) -> Int32 {
        if reached > 0, lastWritten <= now, Self.risen(steps, slew, since: lastWritten, at: now) == 0 {
            phase = .rising
            // No free first step: `step` adds one to the base.
            base = reached - 1
            began = lastWritten
            stepped = lastWritten
            return reached
        }
        phase = .firstStep
        base = reached
        return reached + 1
    }

    /// Nothing rises any more: the target is reached, or lower than what is written.
    mutating func end() { phase = .idle }

    /// The target came down to what is reached: a rise whose steps are written is over, a first step that is not is still to be written.
    mutating func reachedTarget() { if phase == .rising { phase = .idle } }

    /// Everything that was known of earlier rises is over: the lane rests, or has another type or direction.
    mutating func forget() {
        phase = .idle
        lastWritten = .never
    }

    /// A step was written.
    mutating func written(reachesTarget: Bool, at now: Instant) {
        lastWritten = now
        if phase == .firstStep {
            began = now
            stepped = now
            phase = .rising
        }
        if reachesTarget { phase = .idle }
    }

    /// The device did not carry a magnitude out. If it was the first step, the rise begins again with it, and it is returned: the second step is
    /// not written before the first is answered.
    mutating func failed(writing magnitude: Int32) -> Int32? {
        guard phase == .rising, magnitude == base + 1 else { return nil }
        phase = .firstStep
        return magnitude
    }

    /// When the next step may be taken; `never` while nothing rises by time.
    func nextStep(every interval: Interval) -> Instant { phase == .rising ? stepped + interval : .never }

    /// Takes the step that is due, and returns the magnitude that time allows, at most `target`.
    mutating func step(towards target: Int32, steps: Int32, slew: Fraction, at now: Instant) -> Int32 {
        stepped = now
        let magnitude = min(Int64(target), Int64(base) + 1 + Self.risen(steps, slew, since: began, at: now))
        return Int32(magnitude)
    }

    /// Whole steps of the range that `slew` allows in that time.
    private static func risen(_ steps: Int32, _ slew: Fraction, since start: Instant, at now: Instant) -> Int64 {
        let product = Int128(steps) * Int128(slew.tenThousandths) * Int128((now - start).milliseconds)
        return Int64(min(product / 10_000_000, Int128(Int32.max)))
    }
}
