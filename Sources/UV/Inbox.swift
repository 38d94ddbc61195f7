// The one place where other threads leave work for a loop: an array behind a mutex, taken whole.
// Must not know what the work does.

import CUV

/// Work waiting for the loop's thread. Safe from any thread.
final class Inbox: @unchecked Sendable {
    enum Item {
        case job(UnownedJob)
        case call(@Sendable () -> Void)
    }

    private let mutex: UnsafeMutablePointer<uv_mutex_t>
    private var items: [Item] = []
    private var isShut = false

    init() throws(UVError) {
        mutex = .allocate(capacity: 1)
        let status = uv_mutex_init(mutex)
        if status < 0 {
            mutex.deallocate()
            throw UVError(status, in: "uv_mutex_init")
        }
    }

    deinit {
        uv_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Adds an item, and calls `wake` under the lock when it is the first since the last `take`. After `shut` it does nothing.
    func put(_ item: Item, wake: () -> Void) {
        uv_mutex_lock(mutex)
        if !isShut {
            items.append(item)
            if items.count == 1 { wake() }
        }
        uv_mutex_unlock(mutex)
    }

    /// Takes nothing more: whoever is to be woken is about to go.
    func shut() {
        uv_mutex_lock(mutex)
        isShut = true
        uv_mutex_unlock(mutex)
    }

    /// Swaps what has come for `empty`; both arrays keep their memory.
    func take(into empty: inout [Item]) {
        uv_mutex_lock(mutex)
        swap(&items, &empty)
        uv_mutex_unlock(mutex)
    }
}
