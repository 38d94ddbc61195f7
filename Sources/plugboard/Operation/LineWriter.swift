// Lines that leave for a file, a pipe or a terminal on a thread of their own: the code that writes one never waits for it.
// Must not know what a line says.

import ButtplugServer
import Platform
import UV

/// A bounded queue of lines and the thread that empties it. Lines that do not fit, or are refused, are dropped and counted.
final class LineWriter: @unchecked Sendable {
    enum Event: Sendable {
        /// It takes no more, and why.
        case refused(UVError)
        /// It takes lines again; this many are missing.
        case resumed(missing: UInt64)
        /// What `reopen` asked for.
        case reopened
        case notReopened(UVError)
    }

    // Guarded by the worker's lock.
    private var queue: LineQueue
    private var pathToReopen: String?
    private var listener: (@Sendable (Event) -> Void)?
    private var notice: (@Sendable (UInt64) -> [UInt8])?

    // The worker's thread's own.
    private var file: Descriptor
    /// The end of a line whose beginning was taken.
    private var rest: [UInt8] = []
    private var missing: UInt64 = 0
    private var isRefused = false

    private lazy var worker = BackgroundWorker { [weak self] in self?.next() ?? .rest(until: .max) }

    /// - Parameter notice: Makes the line that reports how many are missing; nil when the listener reports it elsewhere.
    init(_ file: Descriptor, bytesMax: Int, notice: (@Sendable (UInt64) -> [UInt8])? = nil) {
        self.file = file
        queue = LineQueue(bytesMax: bytesMax)
        self.notice = notice
        _ = worker
    }

    /// Called on the writer's thread.
    func listen(_ listener: @escaping @Sendable (Event) -> Void) { worker.look { self.listener = listener } }

    /// Replaces what `init` was given.
    func setNotice(_ notice: @escaping @Sendable (UInt64) -> [UInt8]) { worker.look { self.notice = notice } }

    /// Adds whole lines. False when they were dropped.
    @discardableResult
    func write(_ lines: UnsafeRawBufferPointer) -> Bool { worker.change { queue.append(lines) } }

    @discardableResult
    func write(_ line: String) -> Bool {
        var line = line
        return line.withUTF8 { write(UnsafeRawBufferPointer($0)) }
    }

    /// Opens the file again, as it has been renamed; the old one is written to until that works.
    func reopen(_ path: String) { worker.change { pathToReopen = path } }

    /// Waits until everything is written, but no longer than this.
    @discardableResult
    func finish(withinMilliseconds patience: UInt64) -> Bool {
        worker.finish(withinNanoseconds: patience * 1_000_000) { queue.isEmpty && pathToReopen == nil }
    }

    // MARK: The worker's thread

    private func next() -> BackgroundWorker.Step {
        if let path = pathToReopen {
            pathToReopen = nil
            return .run { [self] in openAgain(path) }
        }
        guard let batch = queue.take() else { return .rest(until: .max) }
        return .run { [self] in deliver(batch) }
    }

    private func tell(_ event: Event) {
        let listener = worker.look { self.listener }
        listener?(event)
    }

    private func openAgain(_ path: String) {
        do throws(UVError) {
            let fresh = try Descriptor(opening: path, for: .appending)
            file.close()
            file = fresh
            rest = []
            tell(.reopened)
        } catch { tell(.notReopened(error)) }
    }

    private func deliver(_ batch: LineQueue.Batch) {
        let isWritten = batch.bytes.withUnsafeBytes { finishLine() && writeNotice() ? write(whole: $0) : drop($0) }
        // Lines lost before the batch; where there is a notice, `writeNotice` has told of them.
        if isWritten, missing > 0 || isRefused { tellMissing() }
        // Lines that found the queue full: they belong after the batch.
        missing += batch.dropped
        if isWritten, missing > 0 { reportMissing() }
    }

    /// Reports how many are missing: by a line where there is a notice, else to the listener.
    private func reportMissing() {
        if worker.look({ notice }) == nil { tellMissing() } else { _ = writeNotice() }
    }

    /// Writes a batch; what is not taken is dropped. False when that is any of it.
    private func write(whole bytes: UnsafeRawBufferPointer) -> Bool {
        let (count, refusal) = put(bytes)
        guard let refusal else { return true }
        if !isRefused {
            isRefused = true
            tell(.refused(refusal))
        }
        guard count > 0, bytes[count - 1] != UInt8(ascii: "\n") else { return drop(UnsafeRawBufferPointer(rebasing: bytes[count...])) }
        // Up to the end of the line that was cut, so that the file keeps whole lines.
        let end = bytes[count...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? bytes.count
        rest = Array(bytes[count..<end])
        return drop(UnsafeRawBufferPointer(rebasing: bytes[end...]))
    }

    private func drop(_ bytes: UnsafeRawBufferPointer) -> Bool {
        missing += UInt64(LineQueue.lines(in: bytes))
        return false
    }

    /// Writes what is missing of a cut line; false when it is still missing.
    private func finishLine() -> Bool {
        guard !rest.isEmpty else { return true }
        let (count, _) = rest.withUnsafeBytes { put($0) }
        rest.removeFirst(count)
        return rest.isEmpty
    }

    /// Writes the line that reports how many are missing, where there is such a line and any are. False when it was not taken.
    private func writeNotice() -> Bool {
        guard missing > 0, let notice = worker.look({ notice }) else { return true }
        let line = notice(missing)
        let (count, _) = line.withUnsafeBytes { put($0) }
        guard count > 0 else { return false }
        rest = Array(line[count...])
        tellMissing()
        return rest.isEmpty
    }

    /// Tells the listener that lines are taken again, and how many are missing.
    private func tellMissing() {
        tell(.resumed(missing: missing))
        missing = 0
        isRefused = false
    }

    /// How many bytes it took. A descriptor that does not block is waited for: this thread may wait.
    private func put(_ bytes: UnsafeRawBufferPointer) -> (count: Int, refusal: UVError?) {
        var total = 0
        while true {
            let (count, refusal) = file.write(UnsafeRawBufferPointer(rebasing: bytes[total...]))
            total += count
            guard let refusal, refusal.isAgain else { return (total, refusal) }
            file.waitForRoom()
        }
    }
}
