// Compares a stretch of a text with a literal, eight bytes at a time.
// Must not know what is compared.

extension RawSpan {
    /// Whether the literal, of at most 32 bytes, is at `at`, which is not past the end. One guard; the loads after it are unchecked.
    /// The literal must be one in the source: then its bytes become constants of the program.
    @inline(__always)
    func holds(_ literal: StaticString, at: Int) -> Bool {
        let n = literal.utf8CodeUnitCount
        guard byteCount &- at >= n else { return false }
        let expected = UnsafeRawPointer(literal.utf8Start)
        if n >= 8 {
            var difference = word(at) ^ expected.loadUnaligned(as: UInt64.self)
            if n > 16 { difference |= word(at &+ 8) ^ expected.loadUnaligned(fromByteOffset: 8, as: UInt64.self) }
            if n > 24 { difference |= word(at &+ 16) ^ expected.loadUnaligned(fromByteOffset: 16, as: UInt64.self) }
            if n > 8 { difference |= word(at &+ n &- 8) ^ expected.loadUnaligned(fromByteOffset: n &- 8, as: UInt64.self) }
            return difference == 0 && n <= 32
        }
        if n >= 4 {
            let head = unsafeLoadUnaligned(fromUncheckedByteOffset: at, as: UInt32.self)
            let tail = unsafeLoadUnaligned(fromUncheckedByteOffset: at &+ n &- 4, as: UInt32.self)
            let difference = head ^ expected.loadUnaligned(as: UInt32.self)
            return difference | (tail ^ expected.loadUnaligned(fromByteOffset: n &- 4, as: UInt32.self)) == 0
        }
        for i in 0..<n where byte(at &+ i) != expected.load(fromByteOffset: i, as: UInt8.self) { return false }
        return true
    }

    /// The byte at an offset that was checked before.
    @inline(__always)
    func byte(_ offset: Int) -> UInt8 { unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self) }

    /// Eight bytes at an offset that was checked before.
    @inline(__always)
    func word(_ offset: Int) -> UInt64 { unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self) }
}
