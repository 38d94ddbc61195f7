// How many processors this process may use, what it has used of them and of memory, and sharing them.
// Must not know what for.

import CUV
import LibC

public enum Processors {
    /// Processors that the process may run on; at least 1.
    public static var available: Int { Int(uv_available_parallelism()) }

    /// Microseconds of processor time that this process has used in all its threads.
    public static var usedMicroseconds: UInt64 {
        var usage = uv_rusage_t()
        guard uv_getrusage(&usage) == 0 else { return 0 }
        let seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
        return UInt64(seconds) * 1_000_000 + UInt64(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec)
    }

    /// Bytes of memory that this process has in use; 0 when the system does not say.
    public static var residentBytes: UInt64 {
        var bytes = 0
        return uv_resident_set_memory(&bytes) == 0 ? UInt64(bytes) : 0
    }

    /// Lets another thread have this one's processor, if one waits for it.
    public static func yield() { sched_yield() }
}
