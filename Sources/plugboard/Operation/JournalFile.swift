// The file of `--journal`: whole lines are appended on a thread of their own; what a slow or full disk does not take is dropped and
// counted. Must not know what a line says.

import Logging
import Platform
import Router
import UV

/// A file that lines are appended to. Never makes the router wait.
final class JournalFile: JournalSink {
    struct Unusable: Error {
        var reason: String
        var isForbidden: Bool
    }

    let path: String
    private let logger: Logger
    private let writer: LineWriter
    /// The log says already that lines are dropped because they come faster than they are written.
    private var hasToldSlow = false

    /// Some seconds of the fastest driving there is.
    private static let bytesMax = 8 << 20

    init(path: String, logger: Logger, bytesMax: Int = JournalFile.bytesMax) throws(Unusable) {
        self.path = path
        self.logger = logger
        do throws(UVError) { writer = LineWriter(try Descriptor(opening: path, for: .appending), bytesMax: bytesMax) } catch {
            throw Unusable(reason: error.sentence, isForbidden: error.isPermissionDenied)
        }
    }

    /// Lets what happens on the writer's thread be told to the log on the loop.
    func listen(on loop: Loop) {
        nonisolated(unsafe) let journal = self
        writer.listen { event in loop.post { journal.happened(event) } }
    }

    func write(_ bytes: UnsafeRawBufferPointer) {
        if writer.write(bytes) || hasToldSlow { return }
        hasToldSlow = true
        logger.error("the journal is too slow, lines are dropped", metadata: ["file": .string(path)])
    }

    /// Opens the file again, as a program that rotates logs has renamed it.
    func reopen() { writer.reopen(path) }

    /// Waits for what is under way, but no longer than this. Whether everything was written.
    func close(withinMilliseconds patience: UInt64) -> Bool { writer.finish(withinMilliseconds: patience) }

    private func happened(_ event: LineWriter.Event) {
        let file = ("file", Logger.MetadataValue.string(path))
        func facts(_ name: String, _ value: String) -> Logger.Metadata { [file.0: file.1, name: .string(value)] }
        switch event {
        case .refused(let error):
            logger.error("the journal is full or gone, lines are dropped", metadata: facts("reason", error.sentence))
        case .resumed(let missing):
            hasToldSlow = false
            logger.warning("the journal goes on", metadata: facts("dropped_lines", "\(missing)"))
        case .reopened: logger.notice("journal opened again", metadata: [file.0: file.1])
        case .notReopened(let error):
            logger.error("the journal cannot be opened again, the old file is written on", metadata: facts("reason", error.sentence))
        }
    }
}
