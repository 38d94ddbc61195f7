// Requests as finished, masked WebSocket frames in one piece of memory, where only the Id's eight digits are still to be written.
// Must not know what they ask, or which server.

import WebSocket

/// A request as text, with `00000000` where its Id goes, and the kind of answer it gets.
public struct Wording: Hashable, Sendable {
    public var text: String
    public var answer: ReplyKind

    public init(_ text: String, answer: ReplyKind = .ok) {
        self.text = text
        self.answer = answer
    }

    static let idMark = "\"Id\":00000000"
}

/// Frames that are built once and sent many times. Never changes, so every thread may send from it.
public final class FrameDeck: @unchecked Sendable {
    struct Frame {
        var start: UInt32
        var count: UInt32
        /// Where the Id's digits lie in the frame.
        var idAt: UInt32
        var answer: ReplyKind
        /// The mask as it lies over those digits.
        var idMask: UInt64
    }

    private let frames: UnsafeMutablePointer<Frame>
    private let bytes: UnsafeMutableRawPointer
    public let count: Int
    /// Bytes of the longest frame.
    public let frameBytesMax: Int

    /// - Parameters:
    ///   - wordings: At least one; each with its Id's offset.
    ///   - key: The mask of all frames (RFC 6455 §5.3 wants it unpredictable, which protects proxies from a browser's scripts; there are
    ///     none here).
    public init(_ wordings: [Wording], key: UInt32) {
        precondition(!wordings.isEmpty, "a deck has frames")
        let texts = wordings.map { Array($0.text.utf8) }
        count = texts.count
        let frames = UnsafeMutablePointer<Frame>.allocate(capacity: texts.count)
        let bytes = UnsafeMutableRawPointer.allocate(byteCount: texts.reduce(0) { $0 + $1.count + FrameWriter.headerMax }, alignment: 16)
        var at = 0
        var longest = 0
        for (index, text) in texts.enumerated() {
            let size = FrameWriter.header(.text, payload: text.count, key: key, to: bytes + at)
            text.withUnsafeBytes { (bytes + at + size).copyMemory(from: $0.baseAddress.unsafelyUnwrapped, byteCount: text.count) }
            _ = Masking.apply(key, to: bytes + at + size, count: text.count)
            guard let mark = Self.idStart(text) else { preconditionFailure("a wording has room for its Id") }
            let rotated = UInt64(Masking.rotate(key, by: mark))
            (frames + index).initialize(
                to: Frame(
                    start: UInt32(at), count: UInt32(size + text.count), idAt: UInt32(size + mark), answer: wordings[index].answer,
                    idMask: rotated | rotated << 32))
            at += size + text.count
            longest = max(longest, size + text.count)
        }
        frameBytesMax = longest
        self.frames = frames
        self.bytes = bytes
    }

    /// Where a client begins: not all at the same frame, or they would all say the same at once, but where a burst does.
    func start(ofClient number: Int, burst: Int) -> Int { number * 7 % max(1, count / burst) * burst }

    deinit {
        frames.deallocate()
        bytes.deallocate()
    }

    /// The kind of answer that the frame's request gets.
    @inline(__always)
    public func answer(_ index: Int) -> ReplyKind { frames[index].answer }

    /// Writes a frame with its Id's digits (in memory order) to `room`, which has `frameBytesMax` bytes; returns its length.
    @inline(__always)
    public func write(_ index: Int, id: UInt64, to room: UnsafeMutableRawPointer) -> Int {
        let frame = frames[index]
        room.copyMemory(from: bytes + Int(frame.start), byteCount: Int(frame.count))
        room.storeBytes(of: id ^ frame.idMask, toByteOffset: Int(frame.idAt), as: UInt64.self)
        return Int(frame.count)
    }

    /// Where the digits of the first Id are.
    private static func idStart(_ text: [UInt8]) -> Int? {
        let mark = Array(Wording.idMark.utf8)
        guard text.count >= mark.count else { return nil }
        for start in 0...(text.count - mark.count) where text[start..<(start + mark.count)].elementsEqual(mark) { return start + 5 }
        return nil
    }
}
