// libuv's poll: a descriptor that does not wait, and the loop's word when it can be read or written.
// Must not know what the bytes say or where the descriptor leads.

import CUV
import LibC

/// A descriptor of a serial line, a socket or a device, watched by the loop. It is closed with the handle.
public final class PolledDescriptor: Handle {
    /// What the loop has to say.
    public enum Report {
        case readable, writable
        /// It has hung up. Nothing more is said.
        case ended
    }

    public let descriptor: Int32
    /// Whether what is sent keeps its bounds, and a peer that is gone is an error of the send.
    public let isSocket: Bool
    private var report: ((Report) -> Void)?
    private var watched: Int32 = 0

    private var poll: UnsafeMutablePointer<uv_poll_t> {
        UnsafeMutableRawPointer(raw).assumingMemoryBound(to: uv_poll_t.self)
    }

    /// Begins to watch. The descriptor is the handle's from here on, also when this throws.
    public init(on loop: Loop, _ descriptor: Int32, _ report: @escaping (Report) -> Void) throws(UVError) {
        self.descriptor = descriptor
        var facts = stat()
        isSocket = fstat(descriptor, &facts) == 0 && facts.st_mode & S_IFMT == S_IFSOCK
        super.init(UV_POLL, on: loop)
        self.report = report
        do throws(UVError) {
            try opened(uv_poll_init(loop.raw, poll, descriptor), "uv_poll_init")
        } catch {
            LibC.close(descriptor)
            throw error
        }
        watch(writing: false)
    }

    /// Reading is always watched; writing only while somebody waits for room.
    public func watch(writing: Bool) {
        let wanted = Int32(UV_READABLE.rawValue) | (writing ? Int32(UV_WRITABLE.rawValue) : 0)
        guard isOpen, wanted != watched else { return }
        watched = wanted
        uv_poll_start(poll, wanted) { raw, status, events in
            Handle.with(raw.unsafelyUnwrapped.pointee.data, as: PolledDescriptor.self) { $0.arrived(status, events) }
        }
    }

    private func arrived(_ status: Int32, _ events: Int32) {
        // A terminal that hung up comes with an error and without events, and libuv has stopped watching it.
        if status != 0 { return report?(.ended) ?? () }
        if events & Int32(UV_READABLE.rawValue) != 0 { report?(.readable) }
        if isOpen, events & Int32(UV_WRITABLE.rawValue) != 0 { report?(.writable) }
    }

    /// Reads once into the loop's buffer, and lends it. nil: nothing was there. Of a packet socket one packet.
    /// - Throws: What ended it.
    public func read(_ body: (UnsafeRawBufferPointer) -> Void) throws(UVError) {
        let room = loop.readRoom
        let count = isSocket ? recv(descriptor, room.baseAddress, room.count, 0) : LibC.read(descriptor, room.baseAddress, room.count)
        if count > 0 { return body(UnsafeRawBufferPointer(rebasing: room[..<count])) }
        if count == 0 { throw UVError(UV_EOF.rawValue, in: "read") }
        if errno != EAGAIN, errno != EINTR { throw UVError(-errno, in: "read") }
    }

    /// Reads once, as `read`, from a socket whose other end may pass descriptors along.
    /// - Parameter passed: Gets each descriptor before the bytes. True: it is the caller's; otherwise it is closed.
    public func receive(passed: (Int32) -> Bool, bytes body: (UnsafeRawBufferPointer) -> Void) throws(UVError) {
        let room = loop.readRoom
        var found = plugboard_descriptors()
        let count = plugboard_receive(descriptor, room.baseAddress, room.count, &found, 0)
        let (error, numbers) = (
            errno, withUnsafeBytes(of: &found.numbers) { Array($0.bindMemory(to: Int32.self).prefix(Int(found.count))) }
        )
        for number in numbers where !passed(number) { LibC.close(number) }
        if count > 0 { return body(UnsafeRawBufferPointer(rebasing: room[..<count])) }
        if count == 0 { throw UVError(UV_EOF.rawValue, in: "read") }
        if error != EAGAIN, error != EINTR { throw UVError(-error, in: "read") }
    }

    /// Writes what the kernel takes at once.
    /// - Returns: How many bytes; 0 when it takes none for now.
    /// - Throws: What ended it.
    public func write(_ bytes: UnsafeRawBufferPointer) throws(UVError) -> Int {
        let count =
            isSocket
            ? send(descriptor, bytes.baseAddress, bytes.count, SocketCalls.sendFlags)
            : LibC.write(descriptor, bytes.baseAddress, bytes.count)
        if count >= 0 { return count }
        if errno == EAGAIN || errno == EINTR || errno == ENOBUFS { return 0 }
        throw UVError(-errno, in: "write")
    }

    override func closing() { report = nil }

    /// libuv has let go of the number: another file may have it.
    override func didClose() {
        if isSocket { _ = LibC.close(descriptor) } else { SerialLine.close(descriptor) }
    }
}
