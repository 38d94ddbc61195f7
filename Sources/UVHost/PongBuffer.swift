// The pongs of one read, back to back, so that they leave with one write.
// Must not know connections.

import WebSocket

/// Room for the pongs that one read of one connection is answered with.
struct PongBuffer: ~Copyable {
    /// Pings of one read that are each answered; of those beyond only the newest is (RFC 6455 §5.5.3 allows it from the second on).
    static let capacity = 64

    private let base = UnsafeMutableRawPointer.allocate(byteCount: (PongBuffer.capacity + 1) * FrameWriter.controlMax, alignment: 16)
    private var bytes = 0
    private(set) var count = 0

    init() {}

    deinit { base.deallocate() }

    /// Adds a pong, masked with `key` on a client's end; there is room for `capacity` and one more.
    mutating func add(_ payload: [UInt8], _ key: UInt32?) {
        payload.withUnsafeBytes { bytes += FrameWriter.control(.pong, payload: $0, key: key, to: base + bytes) }
        count += 1
    }

    /// Everything added since the last `take`; lives until the next `add`.
    mutating func take() -> UnsafeRawBufferPointer {
        defer {
            bytes = 0
            count = 0
        }
        return UnsafeRawBufferPointer(start: base, count: bytes)
    }
}
