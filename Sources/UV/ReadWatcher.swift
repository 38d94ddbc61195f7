// Watches a descriptor until there is something to read, or its end.
// Must not read, nor close the descriptor.

import CUV

/// Calls back on the loop as long as the descriptor has something to read.
public final class ReadWatcher: Handle {
    private let readable: () -> Void

    /// - Parameter descriptor: A descriptor that does not block; stays open until the watcher is closed.
    public init(on loop: Loop, descriptor: Int32, _ readable: @escaping () -> Void) throws(UVError) {
        self.readable = readable
        super.init(UV_POLL, on: loop)
        let poll = UnsafeMutableRawPointer(raw).assumingMemoryBound(to: uv_poll_t.self)
        try opened(uv_poll_init(loop.raw, poll, descriptor), "uv_poll_init")
        uv_poll_start(poll, Int32(UV_READABLE.rawValue)) { raw, _, _ in
            Handle.with(raw.unsafelyUnwrapped.pointee.data, as: ReadWatcher.self) { $0.readable() }
        }
    }
}
