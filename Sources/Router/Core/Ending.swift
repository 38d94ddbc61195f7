// How far a router has got on its way out.
// Must not know what has to be done on that way.

import Host

enum Ending: Hashable {
    /// Can turn into: `zeroing`.
    case no
    /// Waits for the last zeros, until then at most. Can turn into: `over`.
    case zeroing(until: Instant)
    case over
}
