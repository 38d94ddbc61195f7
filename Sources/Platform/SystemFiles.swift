// Small files read whole, and long ones from an offset on: what the kernel reports under /proc, and logs that grow.
// Must not know what the bytes say.

import LibC

/// Reads files with plain system calls.
public enum SystemFiles {
    /// All bytes of a file of at most 16 MiB; nil when it cannot be read or is longer.
    public static func read(_ path: String) -> [UInt8]? {
        guard let bytes = try? Descriptor.contents(of: path, limit: 16 << 20), bytes.count <= 16 << 20 else { return nil }
        return bytes
    }

    /// Bytes per page of the sizes in /proc/PID/statm.
    public static var pageBytes: Int { max(1, sysconf(Int32(_SC_PAGESIZE))) }
}

/// A file that is read as it grows.
public final class FileTail {
    private let descriptor: Int32
    private let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 * 1024, alignment: 16)

    /// nil when the file cannot be opened.
    public init?(path: String) {
        // Everything is in place by now, so an object that is refused here is freed by `deinit` like any other.
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        if descriptor < 0 { return nil }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        room.deallocate()
    }

    /// Goes to the present end, so that only what comes after is read.
    public func skipToEnd() { lseek(descriptor, 0, SEEK_END) }

    /// Gives `body` what has come since, in pieces; nothing when nothing has come.
    public func read(_ body: (UnsafeRawBufferPointer) -> Void) {
        while true {
            let count = LibC.read(descriptor, room.baseAddress, room.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            body(UnsafeRawBufferPointer(start: room.baseAddress, count: count))
            if count < room.count { return }
        }
    }
}
