// A lock with a condition to wait for, for threads that carry out what blocks.
// Must not be waited for by a loop.

import CUV

/// A mutex and its condition. A loop's thread only takes the lock, which is never held during a system call.
public final class Condition: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<uv_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<uv_cond_t>.allocate(capacity: 1)

    public init() {
        precondition(uv_mutex_init(mutex) == 0 && uv_cond_init(condition) == 0, "no mutex left")
    }

    deinit {
        uv_cond_destroy(condition)
        uv_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    public func locked<Value>(_ body: () -> Value) -> Value {
        uv_mutex_lock(mutex)
        defer { uv_mutex_unlock(mutex) }
        return body()
    }

    /// Waits, inside `locked`, for `signal`, or for this time; it may also return without a reason.
    /// - Returns: False when the time was over.
    @discardableResult
    public func wait(nanoseconds: UInt64) -> Bool { uv_cond_timedwait(condition, mutex, nanoseconds) == 0 }

    /// Wakes everyone who waits.
    public func signal() { uv_cond_broadcast(condition) }
}
