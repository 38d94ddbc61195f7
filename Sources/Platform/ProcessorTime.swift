// How much processor time another process has used, to the nanosecond.
// Must not know why somebody asks.

import LibC

public enum ProcessorTime {
    /// Of all threads that the process has or had, in nanoseconds; nil when there is no such process, or only Linux would tell.
    public static func nanoseconds(of pid: Int32) -> UInt64? {
        #if os(Linux)
            var clock = clockid_t()
            var time = timespec()
            guard clock_getcpuclockid(pid, &clock) == 0, clock_gettime(clock, &time) == 0 else { return nil }
            return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
        #else
            return nil
        #endif
    }
}
