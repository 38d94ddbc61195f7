// How many files and connections the process may have open at once.
// Must not know how many it needs.

import LibC

/// RLIMIT_NOFILE.
public enum DescriptorLimit {
    /// Takes as many as the system allows without being asked by root.
    public static func raise() {
        #if canImport(Glibc)
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
            let resource = RLIMIT_NOFILE
        #endif
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(resource, &limit)
    }
}
