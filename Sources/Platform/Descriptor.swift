// A file descriptor of this process: files that are opened for one purpose, and the standard streams.
// Must not know what the bytes say.

import LibC
import UV

/// An open file. Nobody closes it but `close`.
public struct Descriptor: Hashable, Sendable {
    /// What a file is opened for. Nothing waits, also when the file is a pipe, but for `publishing`.
    public enum Purpose: Hashable, Sendable {
        case reading
        /// Its contents are gone, and new ones come. Made with mode 0600 where there is none.
        case replacing
        /// As `replacing`, with the mode that the user's mask leaves; waits for its reader.
        case publishing
        /// What is written is appended. Made with mode 0600 where there is none.
        case appending
        /// It is there to be locked. Made with mode 0600 where there is none.
        case locking
    }

    public static let output = Descriptor(number: 1)
    public static let error = Descriptor(number: 2)

    public let number: Int32

    /// The descriptor of this number, which is open already.
    public init(number: Int32) { self.number = number }

    /// Opens a file.
    public init(opening path: String, for purpose: Purpose) throws(UVError) {
        let flags: Int32 =
            switch purpose {
            case .reading: O_RDONLY | O_NONBLOCK
            case .replacing: O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK
            case .publishing: O_WRONLY | O_CREAT | O_TRUNC
            case .appending: O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK
            case .locking: O_RDWR | O_CREAT | O_NONBLOCK
            }
        number = open(path, flags | O_CLOEXEC, purpose == .publishing ? 0o666 : 0o600)
        if number < 0 { throw UVError(-errno, in: "open") }
    }

    public func close() { _ = LibC.close(number) }

    /// Whether a person may be looking at it.
    public var isTerminal: Bool { isatty(number) == 1 }

    /// The file's bytes; nil when it is not a regular file, as a folder or a pipe is none.
    public var fileBytes: Int? {
        var facts = stat()
        return fstat(number, &facts) == 0 && facts.st_mode & S_IFMT == S_IFREG ? Int(facts.st_size) : nil
    }

    /// The bytes of a file; more than `limit` of them when it is longer.
    public static func contents(of path: String, limit: Int) throws(UVError) -> [UInt8] {
        let file = try Descriptor(opening: path, for: .reading)
        defer { file.close() }
        return try file.read(limit: limit)
    }

    /// What is there from here to the end; ends early, with more than `limit` bytes, when there is more than that.
    public func read(limit: Int) throws(UVError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while bytes.count <= limit {
            let count = LibC.read(number, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw UVError(-errno, in: "read") }
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        return bytes
    }

    /// How many bytes it took, and why not more.
    public func write(_ bytes: UnsafeRawBufferPointer) -> (count: Int, refusal: UVError?) {
        var total = 0
        while total < bytes.count {
            let count = LibC.write(number, bytes.baseAddress! + total, bytes.count - total)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return (total, UVError(count == 0 ? -ENOSPC : -errno, in: "write")) }
            total += count
        }
        return (total, nil)
    }

    /// Waits until it takes bytes or never will again; for a descriptor that does not block by itself. Not for a loop's thread.
    public func waitForRoom() {
        var poller = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
        while poll(&poller, 1, -1) < 0, errno == EINTR {}
    }

    /// Waits until the disk has what was written.
    public func synchronize() throws(UVError) {
        if fsync(number) != 0 { throw UVError(-errno, in: "fsync") }
    }

    /// Keeps other processes from locking this file until it is closed or this process ends. False when another has locked it.
    public func lock() -> Bool { flock(number, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK }
}
