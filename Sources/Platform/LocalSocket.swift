// A connection of a command to a program on this computer: it waits, as a command may.
// Must not be used on a loop's thread, nor know the protocol on it.

import LibC
import UV

/// A connected stream socket with calls that wait.
public final class LocalSocket {
    let descriptor: Int32

    /// Connects to a Unix socket.
    public convenience init(path: String, seconds: Int = 10) throws(UVError) { try self.init(to: SocketAddress(path: path), seconds) }

    /// Connects to a TCP port.
    public convenience init(host: String, port: UInt16, seconds: Int = 10) throws(UVError) {
        try self.init(to: SocketAddress(host: host, port: port), seconds)
    }

    private init(to address: SocketAddress, _ seconds: Int) throws(UVError) {
        descriptor = try SocketCalls.open(address.family, waits: true)
        setTimeout(seconds)
        if address.withPointer({ connect(descriptor, $0, $1) }) < 0 { throw UVError(-errno, in: "connect") }
    }

    deinit { close(descriptor) }

    /// How long a call may wait; 0: without limit.
    public func setTimeout(_ seconds: Int) {
        var time = timeval(tv_sec: seconds, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    /// Writes all of it.
    public func write(_ bytes: [UInt8]) throws(UVError) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { send(descriptor, $0.baseAddress! + sent, bytes.count - sent, SocketCalls.sendFlags) }
            if count < 0, errno == EINTR { continue }
            if count < 0 { throw UVError(-errno, in: "write") }
            sent += count
        }
    }

    /// Reads what is there, or waits for it; empty at the end.
    public func read() throws(UVError) -> [UInt8] {
        while true {
            var count = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: 64 * 1_024) { buffer, used in
                count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
                used = max(0, count)
            }
            if count < 0, errno == EINTR { continue }
            if count < 0 { throw UVError(-errno, in: "read") }
            return bytes
        }
    }
}
