// Masking of payloads (RFC 6455 §5.3), in place, 32 bytes at a time, and reports whether all of it was ASCII.
// Must not know frames. Every byte is loaded before it is overwritten, so the last step may overlap the one before.

/// Masks and unmasks; both are the same operation.
public enum Masking {
    @usableFromInline static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// `key` (bytes in memory order) as it applies to a byte `offset` bytes further on.
    @inlinable @inline(__always)
    public static func rotate(_ key: UInt32, by offset: Int) -> UInt32 {
        let bits = UInt32(truncatingIfNeeded: offset & 3) &* 8
        #if _endian(little)
            return (key &>> bits) | (key &<< ((32 &- bits) & 31))
        #else
            return (key &<< bits) | (key &>> ((32 &- bits) & 31))
        #endif
    }

    @inlinable @inline(__always)
    static func wide(_ key: UInt32) -> UInt64 { UInt64(key) | UInt64(key) &<< 32 }

    /// Applies `key` to `count` bytes at `bytes` and returns whether the result is all ASCII.
    @inlinable @inline(__always)
    public static func apply(_ key: UInt32, to bytes: UnsafeMutableRawPointer, count: Int) -> Bool {
        if count >= 32 { return applyLong(key, to: bytes, count: count) }
        return applyShort(key, to: bytes, count: count)
    }

    @inlinable @inline(__always)
    static func applyLong(_ key: UInt32, to bytes: UnsafeMutableRawPointer, count: Int) -> Bool {
        typealias Block = SIMD4<UInt64>
        let keys = Block(repeating: wide(key))
        let end = count &- 32
        let last = (bytes + end).loadUnaligned(as: Block.self) ^ Block(repeating: wide(rotate(key, by: end)))
        var seen = last
        var at = 0
        while at < end {
            let block = (bytes + at).loadUnaligned(as: Block.self) ^ keys
            seen |= block
            (bytes + at).storeBytes(of: block, as: Block.self)
            at &+= 32
        }
        (bytes + end).storeBytes(of: last, as: Block.self)
        return (seen[0] | seen[1] | seen[2] | seen[3]) & highBits == 0
    }

    @inlinable @inline(__always)
    static func applyShort(_ key: UInt32, to bytes: UnsafeMutableRawPointer, count: Int) -> Bool {
        if count >= 8 {
            let end = count &- 8
            let last = (bytes + end).loadUnaligned(as: UInt64.self) ^ wide(rotate(key, by: end))
            var seen = last
            var at = 0
            while at < end {
                let word = (bytes + at).loadUnaligned(as: UInt64.self) ^ wide(key)
                seen |= word
                (bytes + at).storeBytes(of: word, as: UInt64.self)
                at &+= 8
            }
            (bytes + end).storeBytes(of: last, as: UInt64.self)
            return seen & highBits == 0
        }
        var seen: UInt8 = 0
        var at = 0
        while at < count {
            let byte = (bytes + at).load(as: UInt8.self) ^ UInt8(truncatingIfNeeded: firstByte(rotate(key, by: at)))
            seen |= byte
            (bytes + at).storeBytes(of: byte, as: UInt8.self)
            at &+= 1
        }
        return seen & 0x80 == 0
    }

    @inlinable @inline(__always)
    static func firstByte(_ key: UInt32) -> UInt32 { UInt32(littleEndian: key) & 0xFF }
}
