// The file behind `--journal`: whole lines are appended; what a full disk does not take is dropped and counted.
// Must not know what a line says.

import Devices
import Logging
import UV

/// A file that lines are appended to. Never blocks for long, never stops the router.
final class JournalFile: JournalSink {
    struct Unusable: Error {
        var reason: String
        var isForbidden: Bool
    }

    private let path: String
    private let logger: Logger
    private var file: Descriptor?
    /// The end of a line whose beginning is in the file already.
    private var rest: [UInt8] = []
    /// Why the file took no more the last time.
    private var trouble: UVError?
    /// Bytes that were not written since it last worked.
    private(set) var dropped: UInt64 = 0

    init(path: String, logger: Logger) throws(Unusable) {
        self.path = path
        self.logger = logger
        do throws(UVError) { file = try Descriptor(opening: path, for: .appending) } catch {
            throw Unusable(reason: error.sentence, isForbidden: error.isPermissionDenied)
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer) {
        guard let file, finishLine() else { return drop(bytes.count) }
        let count = put(bytes, in: file)
        if count == bytes.count {
            if dropped > 0 {
                logger.warning("the journal goes on", metadata: ["file": .string(path), "dropped_bytes": "\(dropped)"])
                dropped = 0
            }
        } else if count > 0 {
            // Up to the end of the line that was cut, so that the file keeps whole lines.
            let end = bytes[count...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? bytes.count
            rest = bytes[count - 1] == UInt8(ascii: "\n") ? [] : Array(bytes[count..<end])
            drop(bytes.count - count - rest.count)
        } else {
            drop(bytes.count)
        }
    }

    func close() {
        _ = finishLine()
        file?.close()
        file = nil
    }

    /// Writes what is missing of a cut line; false when it is still missing.
    private func finishLine() -> Bool {
        guard !rest.isEmpty, let file else { return true }
        let count = rest.withUnsafeBytes { put($0, in: file) }
        rest.removeFirst(count)
        return rest.isEmpty
    }

    /// How many bytes the file took.
    private func put(_ bytes: UnsafeRawBufferPointer, in file: Descriptor) -> Int {
        let (count, refusal) = file.write(bytes)
        trouble = refusal
        return count
    }

    private func drop(_ count: Int) {
        if dropped == 0, count > 0 {
            logger.error(
                "the journal is full or gone, lines are dropped",
                metadata: ["file": .string(path), "reason": .string(trouble?.sentence ?? "it is closed")])
        }
        dropped += UInt64(count)
    }
}
