// A thread for a loop that nobody else runs.
// Must not know what the loop carries.

import CUV

/// Starts threads.
public enum LoopThread {
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
        guard status < 0 else { return }
        box.release()
        throw UVError(status, in: "uv_thread_create")
    }
}
