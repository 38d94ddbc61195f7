// Unpredictable bytes from the kernel, fetched in portions.
// Must not know what they are for.

import CUV

/// The kernel's random numbers (`uv_random`).
public struct Entropy: ~Copyable {
    private static let portion = 256

    private let bytes = UnsafeMutableRawPointer.allocate(byteCount: Entropy.portion, alignment: 16)
    private var used = Entropy.portion

    public init() {}

    deinit { bytes.deallocate() }

    /// The next 32 bits.
    public mutating func next() -> UInt32 {
        if used == Entropy.portion { refill() }
        defer { used += 4 }
        return bytes.load(fromByteOffset: used, as: UInt32.self)
    }

    /// The next `count` bytes.
    public mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }

    private mutating func refill() {
        precondition(uv_random(nil, nil, bytes, Entropy.portion, 0, nil) == 0, "the kernel gives no random numbers")
        used = 0
    }
}
