// A Unix socket that datagrams are sent to.
// Must not wait, nor know what a datagram says.

import CUV
import LibC

/// Sends datagrams to one Unix socket.
public final class DatagramSocket {
    private let descriptor: Int32

    /// - Parameter path: Full, or beginning with "@" for Linux's abstract namespace.
    /// - Throws: What making or connecting the socket met; "address family not supported" for what is neither.
    public init(to path: String) throws(UVError) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var name = Array(path.utf8)
        let isAbstract = name.first == UInt8(ascii: "@")
        guard isAbstract || name.first == UInt8(ascii: "/") else { throw UVError(UV_EAFNOSUPPORT.rawValue, in: "connect") }
        guard name.count < MemoryLayout.size(ofValue: address.sun_path) else { throw UVError(UV_ENAMETOOLONG.rawValue, in: "connect") }
        if isAbstract { name[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        // An abstract name is as long as it says; a path ends in a zero.
        let length = MemoryLayout<sockaddr_un>.size - MemoryLayout.size(ofValue: address.sun_path) + name.count + (isAbstract ? 0 : 1)
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        if descriptor < 0 { throw UVError(-errno, in: "socket") }
        let status = withUnsafePointer(to: address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(length)) }
        }
        if status < 0 {
            let failure = UVError(-errno, in: "connect")
            close(descriptor)
            throw failure
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Sends one datagram; false when the other end is full or gone, and it was dropped.
    @discardableResult
    public func send(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) } >= 0
    }
}
