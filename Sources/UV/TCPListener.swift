// A listening TCP socket.
// Must not know URLs or the protocol on the connections.

import CUV
import LibC

/// Listens on a TCP address.
public final class TCPListener: Listener {
    /// The bound port; the kernel's choice when 0 was asked for.
    public let port: UInt16
    /// The bound address without its port ("127.0.0.1", "::1").
    public let host: String

    /// - Parameters:
    ///   - host: An IPv4 or IPv6 literal (without brackets) or a name; of a name's addresses the first IPv4 one is taken.
    ///   - port: 0 lets the kernel choose.
    ///   - accepted: Gets each connection's stream and its peer's address without the port.
    /// - Throws: What resolving, binding or listening met; `UVError.isAddressInUse` is the common case.
    public init(
        on loop: Loop, host: String, port: UInt16, backlog: Int32 = 4096,
        accepted: @escaping (ByteStream, _ peer: String) -> Void
    ) throws(UVError) {
        let address = try SocketAddress(host: host, port: port)
        let descriptor = try SocketCalls.open(address.family, waits: false)
        let bound: SocketAddress
        do throws(UVError) {
            bound = try TCPListener.listen(descriptor, address, backlog)
        } catch {
            LibC.close(descriptor)
            throw error
        }
        self.port = bound.port
        self.host = bound.host
        try super.init(on: loop, descriptor: descriptor, accepted: accepted)
    }

    private static func listen(_ descriptor: Int32, _ address: SocketAddress, _ backlog: Int32) throws(UVError) -> SocketAddress {
        var on: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        // As libuv does: a restart must not wait for the old connections' TIME_WAIT.
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, size)
        // Accepted sockets inherit this on Linux, which saves a system call per connection.
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, size)
        // "::" is every address, the IPv4 ones too, regardless of the system's default.
        if address.family == AF_INET6 {
            var off: Int32 = 0
            setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &off, size)
        }
        if address.withPointer({ bind(descriptor, $0, $1) }) < 0 { throw UVError(-errno, in: "bind") }
        if LibC.listen(descriptor, backlog) < 0 { throw UVError(-errno, in: "listen") }
        var bound = SocketAddress()
        if bound.fill({ getsockname(descriptor, $0, $1) }) < 0 { throw UVError(-errno, in: "getsockname") }
        return bound
    }

    override func stream(over descriptor: Int32) throws(UVError) -> ByteStream {
        try ByteStream(on: loop, tcp: descriptor)
    }
}
