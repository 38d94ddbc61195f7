// How many processors this process may use.
// Must not know what for.

import CUV

public enum Processors {
    /// Processors that the process may run on; at least 1.
    public static var available: Int { Int(uv_available_parallelism()) }
}
