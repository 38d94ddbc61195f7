// A timer to the nanosecond on a loop, by Linux's timerfd. Elsewhere libuv's own timers serve, which know whole milliseconds.
// Must not know what it is waited for.

import CUV
import LibC

#if os(Linux)
    /// Calls back once, at a point of `MonotonicClock`. Starting it again moves it.
    public final class PreciseTimer: Handle {
        private let fired: () -> Void
        private let descriptor: Int32
        @exclusivity(unchecked) private var isArmed = false

        public init(on loop: Loop, _ fired: @escaping () -> Void) throws(UVError) {
            self.fired = fired
            descriptor = timerfd_create(CLOCK_MONOTONIC, Int32(TFD_NONBLOCK | TFD_CLOEXEC))
            super.init(UV_POLL, on: loop)
            guard descriptor >= 0 else { throw UVError(-errno, in: "timerfd_create") }
            let poll = UnsafeMutableRawPointer(raw).assumingMemoryBound(to: uv_poll_t.self)
            let status = uv_poll_init(loop.raw, poll, descriptor)
            if status < 0 { LibC.close(descriptor) }
            try opened(status, "uv_poll_init")
            uv_poll_start(poll, Int32(UV_READABLE.rawValue)) { raw, _, _ in
                Handle.with(raw.unsafelyUnwrapped.pointee.data, as: PreciseTimer.self) { $0.expired() }
            }
        }

        /// Calls back at `nanoseconds` of `MonotonicClock`, or in the next turn when that has passed.
        @inline(__always)
        public func start(at nanoseconds: UInt64) {
            guard isOpen else { return }
            isArmed = true
            // Zero would mean never.
            set(max(1, nanoseconds))
        }

        /// Withdraws the request.
        public func stop() {
            guard isOpen, isArmed else { return }
            isArmed = false
            set(0)
        }

        private func expired() {
            isArmed = false
            fired()
            // Setting it again also ends that it is readable; a timer that nobody started again would stay readable.
            if isOpen, !isArmed { set(0) }
        }

        private func set(_ nanoseconds: UInt64) {
            var time = itimerspec()
            time.it_value = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
            timerfd_settime(descriptor, Int32(TFD_TIMER_ABSTIME), &time, nil)
        }

        override func didClose() { LibC.close(descriptor) }
    }
#else
    /// Calls back once, at a point of `MonotonicClock` or up to a millisecond later. Starting it again moves it.
    public final class PreciseTimer: Timer {
        /// Calls back at `nanoseconds` of `MonotonicClock`, or in the next turn when that has passed.
        public func start(at nanoseconds: UInt64) {
            // The loop's time is the start of its turn, in whole milliseconds of the same clock.
            let due = nanoseconds / 1_000_000 + 1
            start(afterMilliseconds: due > loop.now ? due - loop.now : 0)
        }
    }
#endif
