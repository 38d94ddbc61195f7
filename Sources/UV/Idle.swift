// libuv's idle: while it runs, the loop polls without waiting.
// Must not know why somebody wants another turn.

import CUV

/// While started, the loop does not sleep in its poll.
final class Idle: Handle {
    private var idle: UnsafeMutablePointer<uv_idle_t> {
        UnsafeMutableRawPointer(raw).assumingMemoryBound(to: uv_idle_t.self)
    }

    init(on loop: Loop) throws(UVError) {
        super.init(UV_IDLE, on: loop)
        try opened(uv_idle_init(loop.raw, idle), "uv_idle_init")
    }

    func start() { uv_idle_start(idle) { _ in } }
    func stop() { uv_idle_stop(idle) }
}
