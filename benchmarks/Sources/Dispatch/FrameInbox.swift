// Frames as from a socket: copied into one buffer, then decoded there in place.
// Must not know how the texts are used. The copy stands for the kernel's copy and is counted with the decoding.

import WebSocket

final class FrameInbox {
    private let reads: [[UInt8]]
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
    @exclusivity(unchecked) private var decoder = FrameDecoder(
        .server, limits: .init(messageBytes: 1 << 20, fragments: 1024, ignoresBinary: true))

    /// Each read has all its texts at once.
    init(_ texts: [[String]]) {
        reads = texts.map { $0.flatMap(Texts.frame) }
    }

    deinit { buffer.deallocate() }

    @inline(__always)
    func decode(_ number: Int, _ body: (RawSpan) -> Void) {
        let read = reads[number % reads.count]
        read.withUnsafeBytes { buffer.copyMemory(from: $0) }
        let view = UnsafeMutableRawBufferPointer(rebasing: buffer[0..<read.count])
        var at = 0
        while true {
            switch decoder.next(in: view, at: &at) {
            case .text(let payload): body(payload.bytes)
            case .needMore: return
            default: preconditionFailure("the frames are texts")
            }
        }
    }
}
