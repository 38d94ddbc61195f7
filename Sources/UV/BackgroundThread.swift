// Threads that nobody waits for: for a loop of their own, or for a call that blocks.
// Must not know what they run.

import CUV
import LibC

/// Starts threads that are not waited for, also not when the process ends.
public enum BackgroundThread {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Runs `body` on a new thread, which ends with it.
    public static func start(_ body: @escaping @Sendable () -> Void) throws(UVError) {
        #if canImport(Glibc)
            var thread = uv_thread_t()
        #else
            var thread: uv_thread_t?
        #endif
        let box = Unmanaged.passRetained(Body(body))
        let status = uv_thread_create(
            &thread,
            { argument in
                guard let argument else { return }
                Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
            }, box.toOpaque())
        guard status < 0 else {
            // Without this its stack would stay when it has ended.
            #if canImport(Glibc)
                pthread_detach(thread)
            #else
                if let thread { pthread_detach(thread) }
            #endif
            return
        }
        box.release()
        throw UVError(status, in: "uv_thread_create")
    }

    /// Lets the calling thread give way to the others of this process, and of other programs, that want the processor. Linux keeps the niceness of
    /// each thread by itself; elsewhere nothing is done.
    static func giveWay() {
        #if os(Linux)
            _ = setpriority(.init(PRIO_PROCESS.rawValue), 0, 5)
        #endif
    }
}
