// Where other threads leave work for a loop: an array under a lock, taken whole.
// Must not know what the work does.

import Synchronization

/// Work waiting for the loop's thread. Safe from any thread.
final class Inbox: Sendable {
    enum Item: Sendable {
        case job(UnownedJob)
        case call(@Sendable () -> Void)
    }

    private struct State {
        var items: [Item] = []
        var isShut = false
    }

    private let state = Mutex(State())
    private let order = LockOrder()

    /// Adds an item, and calls `wake` under the lock when it is the first since the last `take`. After `shut` it does nothing.
    func put(_ item: Item, wake: () -> Void) {
        state.withLock { state in
            order.touch()
            defer { order.touch() }
            guard !state.isShut else { return }
            state.items.append(item)
            if state.items.count == 1 { wake() }
        }
    }

    /// Takes nothing more: the loop is about to end.
    func shut() {
        state.withLock { state in
            order.touch()
            state.isShut = true
            order.touch()
        }
    }

    /// Swaps what has come for `empty`; both arrays keep their memory.
    func take(into empty: inout [Item]) {
        state.withLock { state in
            order.touch()
            swap(&state.items, &empty)
            order.touch()
        }
    }
}
