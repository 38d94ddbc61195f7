// Reads JSON in one pass, forward, without a tree and without recursion: the caller asks for what it expects next.
// Must not know messages. The text is UTF-8 (its carrier saw to that); every load stays inside it.

/// A cursor over a JSON text. After a throw the cursor is where reading failed.
struct JSONReader: ~Escapable {
    let bytes: RawSpan
    let count: Int
    var at = 0

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan) {
        self.bytes = bytes
        count = bytes.byteCount
    }

    @inline(__always)
    func byte(_ offset: Int) -> UInt8 { bytes.byte(offset) }

    /// Eight bytes from `offset`; after the end of the text there are zeros.
    @inline(__always)
    func word(_ offset: Int) -> UInt64 {
        if offset &+ 8 <= count { return bytes.word(offset) }
        return lastWord(offset)
    }

    @inline(never)
    private func lastWord(_ offset: Int) -> UInt64 {
        var word: UInt64 = 0
        var i = offset
        while i < count {
            word |= UInt64(byte(i)) &<< UInt64((i &- offset) &* 8)
            i &+= 1
        }
        return word
    }

    /// The next byte that is not white space, without taking it.
    @_lifetime(self: copy self) @inline(__always)
    mutating func peek() throws(JSONProblem) -> UInt8 {
        if at < count, byte(at) > 0x20 { return byte(at) }
        skipSpace()
        guard at < count else { throw .endOfText }
        return byte(at)
    }

    /// Goes over white space; whether nothing follows.
    @_lifetime(self: copy self)
    mutating func isAtEnd() -> Bool {
        skipSpace()
        return at >= count
    }

    @_lifetime(self: copy self) @inline(__always)
    private mutating func skipSpace() {
        while at < count, Self.isSpace(byte(at)) { at &+= 1 }
    }

    @inline(__always)
    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }

    /// Takes `expected`, which must come next.
    @_lifetime(self: copy self) @inline(__always)
    mutating func expect(_ expected: UInt8) throws(JSONProblem) {
        guard try peek() == expected else { throw .unexpectedByte }
        at &+= 1
    }

    /// Takes `expected` if it comes next.
    @_lifetime(self: copy self) @inline(__always)
    mutating func take(_ expected: UInt8) throws(JSONProblem) -> Bool {
        guard try peek() == expected else { return false }
        at &+= 1
        return true
    }

    /// Takes the literal if it comes next, without white space before or inside it.
    @_lifetime(self: copy self) @inline(__always)
    mutating func take(literal: StaticString) -> Bool {
        guard bytes.holds(literal, at: at) else { return false }
        at &+= literal.utf8CodeUnitCount
        return true
    }

    /// After an element or a member: whether another follows; if not, `end` has been taken.
    @_lifetime(self: copy self) @inline(__always)
    mutating func more(until end: UInt8) throws(JSONProblem) -> Bool {
        let next = try peek()
        guard next == 0x2C || next == end else { throw .unexpectedByte }
        at &+= 1
        return next == 0x2C
    }

    /// A member's key and the colon after it.
    @_lifetime(self: copy self) @inline(__always)
    mutating func key() throws(JSONProblem) -> JSONKey {
        let key = try name()
        try expect(.colon)
        return key
    }

    /// A string that is some name.
    @_lifetime(self: copy self) @inline(__always)
    mutating func name() throws(JSONProblem) -> JSONKey {
        try expect(.quote)
        let start = at
        let first = word(start)
        let stops = Self.stops(first)
        if stops != 0 {
            let n = stops.trailingZeroBitCount &>> 3
            guard (first &>> UInt64(n &* 8)) & 0xFF == 0x22 else { return try escapedName() }
            at = start &+ n &+ 1
            return JSONKey(first: first & ((1 &<< UInt64(n &* 8)) &- 1), middle: 0, last: 0, length: n)
        }
        return try longName(start, first)
    }

    @_lifetime(self: copy self) @inline(__always)
    private mutating func longName(_ start: Int, _ first: UInt64) throws(JSONProblem) -> JSONKey {
        var end = start &+ 8
        // It ends: a word past the end is zeros, and these are control characters.
        while true {
            let stops = Self.stops(word(end))
            if stops != 0 {
                end &+= stops.trailingZeroBitCount &>> 3
                break
            }
            end &+= 8
        }
        guard end < count, byte(end) == 0x22 else { return try escapedName() }
        at = end &+ 1
        let length = end &- start
        return JSONKey(
            first: first, middle: length > 16 ? word(start &+ 8) : 0, last: length > 8 ? word(end &- 8) : 0, length: length)
    }

    /// A name with escapes in it: unusual, but the same name.
    @_lifetime(self: copy self) @inline(never)
    private mutating func escapedName() throws(JSONProblem) -> JSONKey {
        at &-= 1
        let text = try string()
        var short = InlineArray<24, UInt8>(repeating: 0)
        var n = 0
        forEachByte(of: text) { byte in
            if n < JSONKey.longest { short[n] = byte }
            n += 1
        }
        return n <= JSONKey.longest ? JSONKey(short, count: n) : .unknown
    }

    /// The top bit of each byte that ends a plain run of string characters: a quote, a backslash, a control character. The
    /// lowest bit is right; those above it may be false.
    @inline(__always)
    static func stops(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quote = word ^ (ones &* 0x22)
        let slash = word ^ (ones &* 0x5C)
        let isQuote = (quote &- ones) & ~quote
        let isSlash = (slash &- ones) & ~slash
        let isControl = (word &- (ones &* 0x20)) & ~word
        return (isQuote | isSlash | isControl) & (ones &* 0x80)
    }

    /// `true` or `false`.
    @_lifetime(self: copy self)
    mutating func bool() throws(JSONProblem) -> Bool {
        let first = try peek()
        if first == 0x74, word(at) & 0xFFFF_FFFF == 0x6575_7274 {
            at &+= 4
            return true
        }
        if first == 0x66, word(at) & 0xFF_FFFF_FFFF == 0x65_736C_6166 {
            at &+= 5
            return false
        }
        throw .unexpectedByte
    }
}

/// JSON's structural characters (RFC 8259 §2).
extension UInt8 {
    @inline(__always) static var arrayStart: UInt8 { 0x5B }
    @inline(__always) static var arrayEnd: UInt8 { 0x5D }
    @inline(__always) static var objectStart: UInt8 { 0x7B }
    @inline(__always) static var objectEnd: UInt8 { 0x7D }
    @inline(__always) static var comma: UInt8 { 0x2C }
    @inline(__always) static var colon: UInt8 { 0x3A }
    @inline(__always) static var quote: UInt8 { 0x22 }
}
