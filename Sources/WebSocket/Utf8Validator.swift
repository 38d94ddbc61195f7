// UTF-8 validation while the bytes arrive (RFC 3629 §4, RFC 6455 §8.1): a wrong byte is reported as soon as it is seen.
// Must not know frames or messages.

/// The state of a text that is being validated. Begins, and ends a valid text, with `isComplete`.
public struct Utf8Validator: Hashable, Sendable {
    /// Continuation bytes the present character still needs.
    private var needed: UInt8 = 0
    /// What the next continuation byte may be.
    private var lowest: UInt8 = 0x80
    private var highest: UInt8 = 0xBF

    public init() {}

    /// Whether the text may end here: no character is half done.
    public var isComplete: Bool { needed == 0 }

    /// Reads on, and returns whether the text is still valid. After `false` the validator must not be used again.
    public mutating func read(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress else { return true }
        let count = bytes.count
        var at = 0
        while at < count {
            if needed == 0 {
                at = Self.skipASCII(base, at, count)
                guard at < count else { return true }
                guard begin(base.load(fromByteOffset: at, as: UInt8.self)) else { return false }
            } else {
                let byte = base.load(fromByteOffset: at, as: UInt8.self)
                guard byte >= lowest, byte <= highest else { return false }
                lowest = 0x80
                highest = 0xBF
                needed &-= 1
            }
            at &+= 1
        }
        return true
    }

    /// Whether `bytes` are a whole valid text.
    public static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var validator = Utf8Validator()
        return validator.read(bytes) && validator.isComplete
    }

    /// Takes the first byte of a character that is not ASCII. The bounds refuse overlong forms, surrogates and what is over U+10FFFF.
    private mutating func begin(_ byte: UInt8) -> Bool {
        switch byte {
        case 0xC2...0xDF: needed = 1
        case 0xE0...0xEF:
            needed = 2
            if byte == 0xE0 { lowest = 0xA0 }
            if byte == 0xED { highest = 0x9F }
        case 0xF0...0xF4:
            needed = 3
            if byte == 0xF0 { lowest = 0x90 }
            if byte == 0xF4 { highest = 0x8F }
        default: return false
        }
        return true
    }

    private static func skipASCII(_ base: UnsafeRawPointer, _ start: Int, _ count: Int) -> Int {
        var at = start
        while at &+ 8 <= count, base.loadUnaligned(fromByteOffset: at, as: UInt64.self) & Masking.highBits == 0 { at &+= 8 }
        while at < count, base.load(fromByteOffset: at, as: UInt8.self) < 0x80 { at &+= 1 }
        return at
    }
}
