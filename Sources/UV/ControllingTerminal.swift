// The terminal that a process belongs to, and whether it is still there.
// Must not read from it or write to it.

import CUV
import LibC

/// Watches the controlling terminal.
public final class ControllingTerminal: Handle {
    private let descriptor: Int32
    private let gone: () -> Void

    /// nil when the process has no controlling terminal, as a service has none.
    /// - Parameter gone: Called once on the loop, when it was closed.
    public static func watch(on loop: Loop, gone: @escaping () -> Void) -> ControllingTerminal? {
        let descriptor = open("/dev/tty", O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        return try? ControllingTerminal(on: loop, descriptor, gone: gone)
    }

    private init(on loop: Loop, _ descriptor: Int32, gone: @escaping () -> Void) throws(UVError) {
        self.descriptor = descriptor
        self.gone = gone
        super.init(UV_POLL, on: loop)
        let poll = UnsafeMutableRawPointer(raw).assumingMemoryBound(to: uv_poll_t.self)
        let status = uv_poll_init(loop.raw, poll, descriptor)
        if status < 0 { LibC.close(descriptor) }
        try opened(status, "uv_poll_init")
        uv_poll_start(poll, Int32(UV_DISCONNECT.rawValue)) { raw, _, _ in
            Handle.with(raw.unsafelyUnwrapped.pointee.data, as: ControllingTerminal.self) { terminal in
                guard terminal.isOpen else { return }
                terminal.close()
                terminal.gone()
            }
        }
    }

    /// Whether it was closed, also when `gone` has not been called yet.
    public var isGone: Bool {
        guard isOpen else { return true }
        var poller = pollfd(fd: descriptor, events: 0, revents: 0)
        return poll(&poller, 1, 0) == 1 && poller.revents & Int16(POLLHUP | POLLERR) != 0
    }

    override func didClose() { LibC.close(descriptor) }
}
