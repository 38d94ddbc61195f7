// Writes the tokens on a thread of its own, so that a slow disk makes nobody wait.
// Must not know what is written.

import Platform
import UV

/// The token file and the thread that writes it.
final class TokenWriter: @unchecked Sendable {
    private let file: TokenFile
    private let done: @Sendable (String?) -> Void
    // Guarded by the worker's lock.
    private var bytes: [UInt8]?
    private lazy var worker = BackgroundWorker { [weak self] in self?.next() ?? .rest(until: .max) }

    /// - Parameter done: Is told after each writing why it failed, or nil; on the writer's thread.
    init(_ file: TokenFile, done: @escaping @Sendable (String?) -> Void) {
        self.file = file
        self.done = done
        _ = worker
    }

    /// Replaces the file's contents. Only one writing may be under way.
    func write(_ bytes: [UInt8]) { worker.change { self.bytes = bytes } }

    /// Waits until everything is written, but no longer than this.
    /// - Parameter last: What is to be in the file at the end; nil: what is written already.
    func finish(_ last: [UInt8]?, withinMilliseconds patience: UInt64) {
        if let last { write(last) }
        worker.finish(withinNanoseconds: patience * 1_000_000) { bytes == nil }
    }

    private func next() -> BackgroundWorker.Step {
        guard let bytes else { return .rest(until: .max) }
        self.bytes = nil
        return .run { [self] in done(file.write(bytes)) }
    }
}
