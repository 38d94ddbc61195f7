// The file behind `--journal`: whole lines are appended; what a full disk does not take is dropped and counted.
// Must not know what a line says.

import Devices
import Foundation
import Logging

/// A file that lines are appended to. Never blocks for long, never stops the router.
final class JournalFile: JournalSink {
    struct Unusable: Error {
        var reason: String
        var isForbidden: Bool
    }

    private let path: String
    private let logger: Logger
    private var descriptor: Int32
    /// The end of a line whose beginning is in the file already.
    private var rest: [UInt8] = []
    /// Bytes that were not written since it last worked.
    private(set) var dropped: UInt64 = 0

    init(path: String, logger: Logger) throws(Unusable) {
        self.path = path
        self.logger = logger
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0o600)
        guard descriptor >= 0 else {
            throw Unusable(reason: String(cString: strerror(errno)), isForbidden: errno == EACCES || errno == EPERM)
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer) {
        guard descriptor >= 0, finishLine() else { return drop(bytes.count, ENOSPC) }
        let count = put(bytes)
        if count == bytes.count {
            if dropped > 0 {
                logger.warning("the journal goes on", metadata: ["file": .string(path), "dropped_bytes": "\(dropped)"])
                dropped = 0
            }
        } else if count > 0 {
            // Up to the end of the line that was cut, so that the file keeps whole lines.
            let end = bytes[count...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? bytes.count
            rest = bytes[count - 1] == UInt8(ascii: "\n") ? [] : Array(bytes[count..<end])
            drop(bytes.count - count - rest.count, errno)
        } else {
            drop(bytes.count, errno)
        }
    }

    func close() {
        guard descriptor >= 0 else { return }
        _ = finishLine()
        Foundation.close(descriptor)
        descriptor = -1
    }

    /// Writes what is missing of a cut line; false when it is still missing.
    private func finishLine() -> Bool {
        guard !rest.isEmpty else { return true }
        let count = rest.withUnsafeBytes { put($0) }
        rest.removeFirst(count)
        return rest.isEmpty
    }

    /// How many bytes the file took.
    private func put(_ bytes: UnsafeRawBufferPointer) -> Int {
        var total = 0
        while total < bytes.count {
            let count = Foundation.write(descriptor, bytes.baseAddress! + total, bytes.count - total)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            total += count
        }
        return total
    }

    private func drop(_ count: Int, _ error: Int32) {
        if dropped == 0, count > 0 {
            logger.error(
                "the journal is full or gone, lines are dropped",
                metadata: ["file": .string(path), "reason": .string(String(cString: strerror(error)))])
        }
        dropped += UInt64(count)
    }
}
