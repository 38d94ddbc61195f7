// How many files and connections the process may have open at once.
// Must not know how many it needs.

import CUV
import Glibc

/// RLIMIT_NOFILE.
public enum DescriptorLimit {
    /// Takes as many as the system allows without being asked by root.
    public static func raise() {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(resource, &limit)
    }
}
