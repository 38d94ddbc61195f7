// libuv's async: the one thing another thread may touch, to wake the loop.
// Must not know what lies in the inbox.

import CUV

/// Wakes its loop from any thread; requests that come before the loop has woken are one request.
final class Async: Handle {
    private var async: UnsafeMutablePointer<uv_async_t> {
        UnsafeMutableRawPointer(raw).assumingMemoryBound(to: uv_async_t.self)
    }

    init(on loop: Loop) throws(UVError) {
        super.init(UV_ASYNC, on: loop)
        let status = uv_async_init(loop.raw, async) { raw in
            Handle.with(raw.unsafelyUnwrapped.pointee.data, as: Async.self) { $0.loop.runInbox() }
        }
        try opened(status, "uv_async_init")
    }

    /// Safe from any thread while the handle is open.
    func send() { uv_async_send(async) }
}
