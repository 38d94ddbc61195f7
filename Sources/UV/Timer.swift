// A libuv timer: one call after so many milliseconds of the loop's time.
// Must not know what it is waited for.

import CUV

/// Calls back once, when its time has come. Starting it again moves it.
public class Timer: Handle {
    private let fired: () -> Void

    private var timer: UnsafeMutablePointer<uv_timer_t> {
        UnsafeMutableRawPointer(raw).assumingMemoryBound(to: uv_timer_t.self)
    }

    public init(on loop: Loop, _ fired: @escaping () -> Void) throws(UVError) {
        self.fired = fired
        super.init(UV_TIMER, on: loop)
        try opened(uv_timer_init(loop.raw, timer), "uv_timer_init")
    }

    /// Calls back in the first turn that begins `milliseconds` or more after this turn's `Loop.now`.
    public func start(afterMilliseconds milliseconds: UInt64) {
        guard isOpen else { return }
        uv_timer_start(
            timer, { raw in Handle.with(raw.unsafelyUnwrapped.pointee.data, as: Timer.self) { $0.fired() } }, milliseconds, 0)
    }

    /// Withdraws the request.
    public func stop() {
        guard isOpen else { return }
        uv_timer_stop(timer)
    }
}
