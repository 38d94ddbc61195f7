// What ThreadSanitizer cannot see of a `Mutex`.
// Must not cost anything in other builds.

import Synchronization

/// The order that a `Mutex` gives its critical sections, told to ThreadSanitizer: a lock that has to wait does so in the Swift library, into
/// which the sanitizer does not look. To be touched first and last under the lock.
struct LockOrder: ~Copyable, Sendable {
    #if THREAD_SANITIZER
        private let sections = Atomic(0)
    #endif

    @inline(__always)
    func touch() {
        #if THREAD_SANITIZER
            sections.wrappingAdd(1, ordering: .acquiringAndReleasing)
        #endif
    }
}
