// A listening socket: accepts in portions, and does not spin when descriptors run out.
// Must not know the protocol on the connections.

import CUV
import LibC

/// A listening socket on a loop; `TCPListener` and `PipeListener` make the socket.
///
/// It watches the socket with `uv_poll` and accepts by itself, because libuv's own accept loop takes everything that waits in
/// one go, and repeats a failing `accept` without end when its spare descriptor does not help.
public class Listener: Handle {
    /// Connections accepted before the rest of the loop gets its turn.
    public static let acceptsPerTurn = 64
    /// How long nothing is accepted after descriptors or memory ran out.
    public static let pauseMilliseconds: UInt64 = 100

    /// Connections that were closed at once because no descriptor was left for them.
    public private(set) final var shedConnections = 0
    /// How often `accept` failed for want of descriptors or memory, and accepting paused.
    public private(set) final var pauses = 0

    private let descriptor: Int32
    /// Kept open so that one more connection can be taken, and closed, when there is no other descriptor left.
    private var spare: Int32
    private var retry: Timer?
    private let accepted: (ByteStream, _ peer: String) -> Void

    /// - Parameter descriptor: A socket that is bound and listens and does not block; the listener closes it.
    init(
        on loop: Loop, descriptor: Int32, accepted: @escaping (ByteStream, _ peer: String) -> Void
    ) throws(UVError) {
        self.descriptor = descriptor
        self.accepted = accepted
        spare = Listener.openSpare()
        super.init(UV_POLL, on: loop)
        do {
            try opened(uv_poll_init(loop.raw, poll, descriptor), "uv_poll_init")
            retry = try Timer(on: loop) { [unowned self] in watch() }
        } catch {
            if isOpen { close() } else { closeDescriptors() }
            throw error
        }
        watch()
    }

    private final var poll: UnsafeMutablePointer<uv_poll_t> {
        UnsafeMutableRawPointer(raw).assumingMemoryBound(to: uv_poll_t.self)
    }

    private static func openSpare() -> Int32 { open("/dev/null", O_RDONLY | O_CLOEXEC) }

    override func closing() { retry?.close() }

    override func didClose() {
        retry = nil
        closeDescriptors()
    }

    private func closeDescriptors() {
        LibC.close(descriptor)
        if spare >= 0 { LibC.close(spare) }
    }

    private func watch() {
        guard isOpen else { return }
        uv_poll_start(poll, UV_READABLE.rawValueInt32) { raw, _, _ in
            Handle.with(raw.unsafelyUnwrapped.pointee.data, as: Listener.self) { $0.acceptSome() }
        }
    }

    /// Makes the stream for an accepted socket.
    func stream(over descriptor: Int32) throws(UVError) -> ByteStream { fatalError("a listener without a kind") }

    private func acceptSome() {
        for _ in 0..<Listener.acceptsPerTurn where isOpen {
            var peer = SocketAddress()
            let socket = peer.fill { SocketCalls.accept(descriptor, $0, $1) }
            if socket < 0 {
                switch errno {
                case EAGAIN: return
                // The peer gave up while it waited, or a signal came; accept(2) asks to treat network errors like that.
                case EINTR, ECONNABORTED, EPROTO, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, EHOSTUNREACH, EOPNOTSUPP, ENETUNREACH: continue
                #if os(Linux)
                    case ENONET: continue
                #endif
                case EMFILE, ENFILE:
                    shed()
                    return pause()
                default: return pause()
                }
            }
            do throws(UVError) {
                let stream = try stream(over: socket)
                accepted(stream, peer.host)
            } catch {
                LibC.close(socket)
            }
        }
    }

    /// Takes waiting connections with the spare descriptor and closes them, so that their peers do not wait in vain.
    private func shed() {
        if spare < 0 { spare = Listener.openSpare() }
        guard spare >= 0 else { return }
        for _ in 0..<Listener.acceptsPerTurn {
            LibC.close(spare)
            let socket = SocketCalls.accept(descriptor)
            if socket >= 0 {
                LibC.close(socket)
                shedConnections += 1
            }
            spare = Listener.openSpare()
            if socket < 0 || spare < 0 { return }
        }
    }

    private func pause() {
        pauses += 1
        uv_poll_stop(poll)
        retry?.start(afterMilliseconds: Listener.pauseMilliseconds)
    }

    /// The bound address, as the kernel reports it.
    final func boundAddress() -> SocketAddress {
        var address = SocketAddress()
        _ = address.fill { getsockname(descriptor, $0, $1) }
        return address
    }
}

extension uv_poll_event {
    fileprivate var rawValueInt32: Int32 { Int32(bitPattern: rawValue) }
}
