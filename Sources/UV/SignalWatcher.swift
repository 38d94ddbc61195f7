// A libuv signal handle: a signal of the process, delivered on the loop.
// Must not know what the signal asks for.

import CUV

/// Calls back on the loop each time the process gets the signal; the signal's usual effect does not happen.
public final class SignalWatcher: Handle {
    private let arrived: () -> Void

    /// - Parameter number: The signal's number (`SignalNumber.terminate`).
    public init(on loop: Loop, number: Int32, _ arrived: @escaping () -> Void) throws(UVError) {
        self.arrived = arrived
        super.init(UV_SIGNAL, on: loop)
        let signal = UnsafeMutableRawPointer(raw).assumingMemoryBound(to: uv_signal_t.self)
        try opened(uv_signal_init(loop.raw, signal), "uv_signal_init")
        let status = uv_signal_start(
            signal,
            { raw, _ in Handle.with(raw.unsafelyUnwrapped.pointee.data, as: SignalWatcher.self) { $0.arrived() } }, number)
        if status < 0 {
            close()
            throw UVError(status, in: "uv_signal_start")
        }
    }
}
