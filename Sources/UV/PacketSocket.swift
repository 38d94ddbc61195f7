// One end of a socket pair for packets, each of which can bring a descriptor along: what a program and its child use to talk.
// Must not know what the packets say. Works without a loop, and without allocating anything.

import CUV
import LibC

/// An end of the pair. Nothing waits, and nobody closes it but `close`.
public struct PacketSocket: Hashable, Sendable {
    /// The descriptor's number.
    public let number: Int32

    /// What became of a packet.
    public enum Sent: Hashable, Sendable {
        case taken
        /// There is no room now.
        case full
        /// The descriptor that was to go along is not open.
        case notOpen
        /// The other end is closed.
        case gone
    }

    /// What was received.
    public enum Received: Hashable, Sendable {
        /// A packet of so many bytes, and a descriptor if one came along; it is the caller's from here on.
        case packet(bytes: Int, descriptor: Int32?)
        /// There is none now.
        case nothing
        /// The other end is closed.
        case end
    }

    /// The descriptor of this number, which is an end of a pair.
    public init(number: Int32) { self.number = number }

    /// Two connected ends that no program inherits and that do not wait.
    public static func pair() throws(UVError) -> (PacketSocket, PacketSocket) {
        var ends: (Int32, Int32) = (-1, -1)
        let flags = Int32(SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let status = withUnsafeMutableBytes(of: &ends) {
            socketpair(AF_UNIX, flags, 0, $0.baseAddress!.assumingMemoryBound(to: Int32.self))
        }
        if status < 0 { throw UVError(-errno, in: "socketpair") }
        return (PacketSocket(number: ends.0), PacketSocket(number: ends.1))
    }

    /// Whether the number is that of a socket for packets at all.
    public var isPacketSocket: Bool {
        var kind: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(number, SOL_SOCKET, SO_TYPE, &kind, &size) == 0 && kind == Int32(SOCK_SEQPACKET.rawValue)
    }

    /// The same end under another number.
    public func duplicate() throws(UVError) -> PacketSocket {
        let number = fcntl(number, F_DUPFD_CLOEXEC, 0)
        if number < 0 { throw UVError(-errno, in: "fcntl") }
        return PacketSocket(number: number)
    }

    public func close() { _ = LibC.close(number) }

    /// Sends a packet, and a duplicate of a descriptor with it.
    public func send(_ bytes: UnsafeRawBufferPointer, descriptor: Int32? = nil) -> Sent {
        let count = plugboard_send_with_descriptor(
            number, bytes.baseAddress, bytes.count, descriptor ?? -1, SocketCalls.sendFlags | Int32(MSG_DONTWAIT))
        if count >= 0 { return .taken }
        switch errno {
        case EAGAIN, ENOBUFS, ENOMEM, ETOOMANYREFS: return .full
        case EBADF where descriptor != nil: return .notOpen
        default: return .gone
        }
    }

    /// Receives the next packet into `room`; what does not fit is lost.
    public func receive(into room: UnsafeMutableRawBufferPointer) -> Received {
        var found = plugboard_descriptors()
        let count = plugboard_receive(number, room.baseAddress, room.count, &found, Int32(MSG_DONTWAIT))
        if count < 0 { return errno == EAGAIN ? .nothing : .end }
        return withUnsafeBytes(of: &found.numbers) {
            let descriptors = $0.bindMemory(to: Int32.self).prefix(Int(found.count))
            // One is enough for everything that is sent here; the end of the socket brings none.
            for descriptor in descriptors.dropFirst(count > 0 ? 1 : 0) { _ = LibC.close(descriptor) }
            return count == 0 ? .end : .packet(bytes: count, descriptor: descriptors.first)
        }
    }
}
