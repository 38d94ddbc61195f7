// How many processors this process may use, and sharing them.
// Must not know what for.

import CUV
import Glibc

public enum Processors {
    /// Processors that the process may run on; at least 1.
    public static var available: Int { Int(uv_available_parallelism()) }

    /// Lets another thread have this one's processor, if one waits for it.
    public static func yield() { sched_yield() }
}
