// A short string of a text, held in registers so that comparing it with a name is a few instructions.
// Must not know which names there are.

/// The bytes of a name: a message's, a field's, a type's. Names of more than 24 bytes equal nothing.
struct JSONKey: Equatable {
    /// The first eight bytes, or all of them; the rest zero.
    private(set) var first: UInt64 = 0
    /// Bytes 8…15, when there are more than 16.
    private(set) var middle: UInt64 = 0
    /// The last eight bytes, when there are more than eight.
    private(set) var last: UInt64 = 0
    private(set) var length: Int

    static var longest: Int { 24 }

    @inline(__always)
    init(first: UInt64, middle: UInt64, last: UInt64, length: Int) {
        self.first = first
        self.middle = middle
        self.last = last
        self.length = length
    }

    /// The name as the compiler knows it; folds to constants.
    @inline(__always)
    init(_ name: StaticString) {
        let n = name.utf8CodeUnitCount
        let start = UnsafeRawPointer(name.utf8Start)
        length = n
        if n >= 8 {
            first = start.loadUnaligned(as: UInt64.self)
            if n > 8 { last = start.loadUnaligned(fromByteOffset: n &- 8, as: UInt64.self) }
            if n > 16 { middle = start.loadUnaligned(fromByteOffset: 8, as: UInt64.self) }
        } else {
            for i in 0..<n { first |= UInt64(start.load(fromByteOffset: i, as: UInt8.self)) &<< UInt64(i &* 8) }
        }
    }

    /// The name made of `count` bytes of `bytes`.
    init(_ bytes: InlineArray<24, UInt8>, count: Int) {
        func word(_ from: Int) -> UInt64 {
            var word: UInt64 = 0
            for i in 0..<8 where from + i < count { word |= UInt64(bytes[from + i]) << UInt64(i * 8) }
            return word
        }
        length = count
        first = word(0)
        if count > 8 { last = word(count - 8) }
        if count > 16 { middle = word(8) }
    }

    /// A name too long to be anybody's.
    static var unknown: JSONKey { JSONKey(first: 0, middle: 0, last: 0, length: longest + 1) }

    @inline(__always)
    func `is`(_ name: StaticString) -> Bool {
        let other = JSONKey(name)
        return length == other.length && first == other.first && last == other.last && middle == other.middle
    }

    /// The name in lower case; only meaningful for comparing with names made of letters.
    var lowercased: JSONKey {
        let blanks: UInt64 = 0x2020_2020_2020_2020
        let used = length >= 8 ? blanks : blanks & ((1 &<< UInt64(length &* 8)) &- 1)
        return JSONKey(
            first: first | used, middle: length > 16 ? middle | blanks : 0, last: length > 8 ? last | blanks : 0, length: length)
    }
}
