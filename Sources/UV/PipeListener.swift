// A listening Unix socket, and the file that names it.
// Must not know the protocol on the connections.

import CUV
import LibC

/// Listens on a Unix socket. A socket file that nobody listens on any more is replaced; the file is removed on close.
public final class PipeListener: Listener {
    public let path: String
    /// Which file was made, so that only this one is removed.
    private let file: (device: dev_t, inode: ino_t)

    /// - Parameters:
    ///   - mode: Who may connect, as permissions of the file: 0o600 is the same user alone. It never has more, for any mask of the process.
    ///   - group: The file's group; nil leaves the process's own.
    /// - Throws: What binding or listening met; `UVError.isAddressInUse` when somebody listens there, or when the path is a file
    ///   of another kind.
    public init(
        on loop: Loop, path: String, mode: UInt32 = 0o600, group: UInt32? = nil, backlog: Int32 = 4096,
        accepted: @escaping (ByteStream, _ peer: String) -> Void
    ) throws(UVError) {
        self.path = path
        let address = try SocketAddress(path: path)
        let descriptor = try SocketCalls.open(AF_UNIX, waits: false)
        do throws(UVError) {
            if let failure = PipeListener.bind(descriptor, address) {
                guard failure.isAddressInUse, try PipeListener.isStale(path, address) else { throw failure }
                unlink(path)
                if let failure = PipeListener.bind(descriptor, address) { throw failure }
            }
            if let failure = PipeListener.open(descriptor, path, mode, group, backlog) {
                unlink(path)
                throw failure
            }
            var status = stat()
            if lstat(path, &status) < 0 { throw UVError(-errno, in: "lstat") }
            file = (status.st_dev, status.st_ino)
        } catch {
            LibC.close(descriptor)
            throw error
        }
        try super.init(on: loop, descriptor: descriptor, accepted: accepted)
    }

    /// Makes the file, for nobody but this user: the kernel takes the socket's own mode for it. The process's mask, which is all threads',
    /// stays as it is.
    private static func bind(_ descriptor: Int32, _ address: SocketAddress) -> UVError? {
        _ = fchmod(descriptor, 0o600)
        return address.withPointer({ LibC.bind(descriptor, $0, $1) }) < 0 ? UVError(-errno, in: "bind") : nil
    }

    /// Sets who may connect. The group goes before the mode, and both before anybody can connect.
    private static func open(_ descriptor: Int32, _ path: String, _ mode: UInt32, _ group: UInt32?, _ backlog: Int32) -> UVError? {
        if let group, lchown(path, uid_t.max, group) < 0 { return UVError(-errno, in: "chown") }
        if chmod(path, mode_t(mode)) < 0 { return UVError(-errno, in: "chmod") }
        return LibC.listen(descriptor, backlog) < 0 ? UVError(-errno, in: "listen") : nil
    }

    /// True when the path is a socket that nobody listens on.
    private static func isStale(_ path: String, _ address: SocketAddress) throws(UVError) -> Bool {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return false }
        let probe = try SocketCalls.open(AF_UNIX, waits: false)
        defer { LibC.close(probe) }
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
