// A listening Unix socket, and the file that names it.
// Must not know what is spoken on the connections.

import CUV
import Glibc

/// Listens on a Unix socket. A socket file that nobody listens on any more is replaced; the file is removed on close.
public final class PipeListener: Listener {
    public let path: String
    /// Which file was made, so that only this one is removed.
    private let file: (device: dev_t, inode: ino_t)

    /// - Throws: What binding or listening met; `UVError.isAddressInUse` when somebody listens there, or when the path is a file
    ///   of another kind.
    public init(
        on loop: Loop, path: String, backlog: Int32 = 4096, accepted: @escaping (ByteStream, _ peer: String) -> Void
    ) throws(UVError) {
        self.path = path
        let address = try SocketAddress(path: path)
        let descriptor = try PipeListener.socket()
        do throws(UVError) {
            if address.withPointer({ bind(descriptor, $0, $1) }) < 0 {
                let failure = UVError(-errno, in: "bind")
                guard failure.isAddressInUse, try PipeListener.isStale(path, address) else { throw failure }
                unlink(path)
                if address.withPointer({ bind(descriptor, $0, $1) }) < 0 { throw UVError(-errno, in: "bind") }
            }
            if Glibc.listen(descriptor, backlog) < 0 {
                let failure = UVError(-errno, in: "listen")
                unlink(path)
                throw failure
            }
            var status = stat()
            if lstat(path, &status) < 0 { throw UVError(-errno, in: "lstat") }
            file = (status.st_dev, status.st_ino)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
        try super.init(on: loop, descriptor: descriptor, accepted: accepted)
    }

    private static func socket() throws(UVError) -> Int32 {
        let flags = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = Glibc.socket(AF_UNIX, flags, 0)
        if descriptor < 0 { throw UVError(-errno, in: "socket") }
        return descriptor
    }

    /// True when the path is a socket that nobody listens on.
    private static func isStale(_ path: String, _ address: SocketAddress) throws(UVError) -> Bool {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return false }
        let probe = try socket()
        defer { Glibc.close(probe) }
        return address.withPointer({ connect(probe, $0, $1) }) < 0 && errno == ECONNREFUSED
    }

    override func closing() {
        super.closing()
        var status = stat()
        if lstat(path, &status) == 0, status.st_dev == file.device, status.st_ino == file.inode { unlink(path) }
    }

    override func stream(over descriptor: Int32) throws(UVError) -> ByteStream {
        try ByteStream(on: loop, pipe: descriptor)
    }
}
