// The monotonic clock to the nanosecond, read now rather than once per turn.
// Must not know loops; what a turn calls its time is `Loop.now`.

import CUV

/// CLOCK_MONOTONIC, the clock that `PreciseTimer` waits by.
public enum MonotonicClock {
    /// Nanoseconds since an origin that is the same for all processes of a machine.
    @inline(__always)
    public static var nanoseconds: UInt64 { uv_hrtime() }
}
