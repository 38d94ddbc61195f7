// Making and accepting sockets, where systems differ: Linux gives a new socket its properties in the same call.
// Must not know addresses or what is sent.

import CUV
import LibC

/// System calls on sockets, as every system that libuv runs on has them.
package enum SocketCalls {
    /// The kind of a stream socket.
    package static var stream: Int32 {
        #if canImport(Glibc)
            Int32(SOCK_STREAM.rawValue)
        #else
            SOCK_STREAM
        #endif
    }

    /// Flags of every send: a peer that is gone is an error. Where there is no such flag the ignored SIGPIPE does the same (`Loop`, `Launch`).
    @inline(__always)
    package static var sendFlags: Int32 {
        #if os(Linux)
            Int32(MSG_NOSIGNAL)
        #else
            0
        #endif
    }

    /// A new stream socket that no other program inherits.
    package static func open(_ family: Int32, waits: Bool) throws(UVError) -> Int32 {
        #if canImport(Glibc)
            let flags = Int32(SOCK_CLOEXEC.rawValue) | (waits ? 0 : Int32(SOCK_NONBLOCK.rawValue))
        #elseif os(Linux)
            let flags = SOCK_CLOEXEC | (waits ? 0 : SOCK_NONBLOCK)
        #else
            let flags: Int32 = 0
        #endif
        let descriptor = socket(family, stream | flags, 0)
        if descriptor < 0 { throw UVError(-errno, in: "socket") }
        return prepared(descriptor, waits: waits)
    }

    /// Takes a connection from a listening socket: one that does not wait and that no other program inherits. Negative with `errno`.
    static func accept(
        _ listener: Int32, _ address: UnsafeMutablePointer<sockaddr>? = nil, _ length: UnsafeMutablePointer<socklen_t>? = nil
    ) -> Int32 {
        #if canImport(Glibc)
            accept4(listener, address, length, Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue))
        #elseif os(Linux)
            accept4(listener, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC)
        #else
            prepared(LibC.accept(listener, address, length), waits: false)
        #endif
    }

    /// Gives a new socket, where the call that made it could not, what it is to have.
    private static func prepared(_ descriptor: Int32, waits: Bool) -> Int32 {
        #if !os(Linux)
            if descriptor >= 0 {
                _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
                _ = fcntl(descriptor, F_SETFL, waits ? 0 : O_NONBLOCK)
            }
        #endif
        return descriptor
    }
}
