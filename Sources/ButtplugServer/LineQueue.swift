// Lines on their way to a file or a terminal that may be slow, or never take them: a bounded queue that drops and counts.
// Must not know who writes them, nor wait for anything.

/// Whole lines in the order in which they came. What does not fit is dropped, and how much that was comes out after what did fit.
public struct LineQueue {
    /// What is to be written next.
    public struct Batch {
        public var bytes: [UInt8]
        /// Lines that were dropped after these.
        public var dropped: UInt64
    }

    /// Bytes that may wait.
    public let bytesMax: Int
    /// Bytes that wait.
    public private(set) var count = 0
    /// Lines that did not fit since the last batch that said so.
    public private(set) var dropped: UInt64 = 0
    private var batches: [[UInt8]] = []

    /// A batch is handed out in one piece and written in one call.
    private static let batchBytes = 64 * 1024

    public init(bytesMax: Int) { self.bytesMax = bytesMax }

    public var isEmpty: Bool { batches.isEmpty && dropped == 0 }

    /// Adds whole lines, all or none of them.
    /// - Returns: Whether they fitted.
    @discardableResult
    public mutating func append(_ lines: UnsafeRawBufferPointer) -> Bool {
        guard count + lines.count <= bytesMax else {
            dropped += UInt64(Self.lines(in: lines))
            return false
        }
        if let last = batches.last, last.count + lines.count <= Self.batchBytes {
            batches[batches.count - 1].append(contentsOf: lines)
        } else {
            batches.append(Array(lines))
        }
        count += lines.count
        return true
    }

    /// The oldest lines; nil when there is nothing to write and nothing to tell.
    public mutating func take() -> Batch? {
        guard !isEmpty else { return nil }
        let bytes = batches.isEmpty ? [] : batches.removeFirst()
        count -= bytes.count
        guard batches.isEmpty else { return Batch(bytes: bytes, dropped: 0) }
        defer { dropped = 0 }
        return Batch(bytes: bytes, dropped: dropped)
    }

    /// How many lines there are in whole lines.
    public static func lines(in bytes: UnsafeRawBufferPointer) -> Int { bytes.count { $0 == UInt8(ascii: "\n") } }
}
