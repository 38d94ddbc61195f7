// Threads that nobody waits for: for a loop of their own, or for a call that blocks.
// Must not know what they run.

import CUV
import Glibc

/// Starts threads that are not waited for, also not when the process ends.
public enum BackgroundThread {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Runs `body` on a new thread, which lives as long as that takes.
    public static func start(_ body: @escaping @Sendable () -> Void) throws(UVError) {
        var thread = uv_thread_t()
        let box = Unmanaged.passRetained(Body(body))
        let status = uv_thread_create(
            &thread,
            { argument in
                guard let argument else { return }
                Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
            }, box.toOpaque())
        guard status < 0 else {
            // Without this its stack would stay when it has ended.
            pthread_detach(thread)
            return
        }
        box.release()
        throw UVError(status, in: "uv_thread_create")
    }
}
