// What binds a lane also while its device is away: a global stop's hold-off, and the gap after a spray.
// Must not know who set them.

import Buttplug
import Host

/// Instants until which a lane is bound (`arbitration.md` §6, §5).
struct LanePauses {
    private var heldOffUntil = Instant.zero
    private var sprayedUntil = Instant.zero

    func isHeldOff(at now: Instant) -> Bool { heldOffUntil > now }
    /// The end of the hold-off; `zero` when it is over.
    func heldOffUntil(after now: Instant) -> Instant { isHeldOff(at: now) ? heldOffUntil : .zero }
    mutating func holdOff(until instant: Instant) { heldOffUntil = instant }

    func maySpray(at now: Instant) -> Bool { sprayedUntil <= now }
    mutating func sprayed(gap: Interval, at now: Instant) { sprayedUntil = now + gap }
}
