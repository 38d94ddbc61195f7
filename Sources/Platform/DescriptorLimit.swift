// How many files and connections the process may have open at once.
// Must not know how many it needs.

import LibC

/// RLIMIT_NOFILE.
public enum DescriptorLimit {
    #if canImport(Glibc)
        private static var resource: __rlimit_resource_t { __rlimit_resource_t(RLIMIT_NOFILE.rawValue) }
    #else
        private static var resource: Int32 { RLIMIT_NOFILE }
    #endif

    /// As many as the system allows without being asked by root.
    public static var ceiling: Int {
        var limit = rlimit()
        return getrlimit(resource, &limit) == 0 ? Int(clamping: limit.rlim_max) : .max
    }

    /// How many may be open; 0 when the system does not say.
    public static var current: Int {
        var limit = rlimit()
        return getrlimit(resource, &limit) == 0 ? Int(clamping: limit.rlim_cur) : 0
    }

    /// How many are open; 0 when the system does not say.
    public static var used: Int {
        // The one that reads the folder is among them.
        max(0, FileTree.names(in: "/dev/fd").count - 1)
    }

    /// Takes as many as the system allows without being asked by root.
    public static func raise() {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(resource, &limit)
    }
}
