// A listening socket that the parent process has opened and passed on (sd_listen_fds(3)).
// Must not know what it is for.

import CUV
import LibC

/// A socket that was passed to this process, checked: it listens for streams.
public struct PassedSocket: Sendable {
    let number: Int32
    let address: SocketAddress

    /// Takes a descriptor over: no program that this one starts gets it, and it does not block.
    /// - Throws: "not a socket", "bad file descriptor", or `EINVAL` for a socket that does not listen for streams.
    public init(descriptor: Int32) throws(UVError) {
        number = descriptor
        if fcntl(descriptor, F_SETFD, FD_CLOEXEC) < 0 { throw UVError(-errno, in: "fcntl") }
        for (option, wanted) in [(SO_TYPE, Int32(SOCK_STREAM.rawValue)), (SO_ACCEPTCONN, 1)] {
            var value: Int32 = 0
            var size = socklen_t(MemoryLayout<Int32>.size)
            if getsockopt(descriptor, SOL_SOCKET, option, &value, &size) < 0 { throw UVError(-errno, in: "getsockopt") }
            guard value == wanted else { throw UVError(UV_EINVAL.rawValue, in: "getsockopt") }
        }
        var address = SocketAddress()
        if address.fill({ getsockname(descriptor, $0, $1) }) < 0 { throw UVError(-errno, in: "getsockname") }
        guard [AF_INET, AF_INET6, AF_UNIX].contains(address.family) else { throw UVError(UV_EAFNOSUPPORT.rawValue, in: "getsockname") }
        self.address = address
        if fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK) < 0 { throw UVError(-errno, in: "fcntl") }
        guard address.family != AF_UNIX else { return }
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    /// The bound address without its port; nil for a Unix socket.
    public var host: String? { address.family == AF_UNIX ? nil : address.host }
    /// The bound port; 0 for a Unix socket.
    public var port: UInt16 { address.port }

    /// The path of a Unix socket, "@" before an abstract name.
    public var path: String {
        let start = MemoryLayout<sockaddr_un>.offset(of: \sockaddr_un.sun_path) ?? 2
        let bytes = withUnsafeBytes(of: address.storage) { Array($0[start..<max(start, min(Int(address.length), $0.count))]) }
        if bytes.first == 0 { return "@" + String(decoding: bytes.dropFirst(), as: UTF8.self) }
        return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}

/// Listens on a socket that was passed. Its file, if it has one, belongs to the process that made it.
public final class PassedListener: Listener {
    private let isUnix: Bool

    /// - Throws: What watching it met; the descriptor is closed then.
    public init(on loop: Loop, _ socket: PassedSocket, accepted: @escaping (ByteStream, _ peer: String) -> Void) throws(UVError) {
        isUnix = socket.host == nil
        try super.init(on: loop, descriptor: socket.number, accepted: accepted)
    }

    override func stream(over descriptor: Int32) throws(UVError) -> ByteStream {
        if isUnix { try ByteStream(on: loop, pipe: descriptor) } else { try ByteStream(on: loop, tcp: descriptor) }
    }
}
