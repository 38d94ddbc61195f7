// A connection to a Unix socket that does not wait: the kernel makes it at once or refuses it.
// Must not know what is said on it.

import CUV
import LibC

/// Unix sockets by their path.
public enum LocalPath {
    /// A connected stream socket that does not wait.
    public static func connect(_ path: String) throws(UVError) -> Int32 {
        let address = try SocketAddress(path: path)
        let descriptor = try SocketCalls.open(address.family, waits: false)
        if address.withPointer({ LibC.connect(descriptor, $0, $1) }) == 0 { return descriptor }
        let error = errno
        close(descriptor)
        throw UVError(-error, in: "connect")
    }
}
