// Strings of JSON, and values that are only to be passed over.
// Must not know what a string is for.

/// Where a string is in its text, without its quotes.
struct JSONText {
    var start: Int
    var end: Int
    var hasEscapes: Bool
}

extension JSONReader {
    /// A string; checked, not copied.
    @_lifetime(self: copy self)
    mutating func string() throws(JSONProblem) -> JSONText {
        try expect(.quote)
        let start = at
        var hasEscapes = false
        while true {
            let stops = Self.stops(word(at))
            guard stops != 0 else {
                at &+= 8
                continue
            }
            at &+= stops.trailingZeroBitCount &>> 3
            guard at < count else {
                at = count
                throw .endOfText
            }
            switch byte(at) {
            case 0x22:
                at &+= 1
                return JSONText(start: start, end: at &- 1, hasEscapes: hasEscapes)
            case 0x5C:
                hasEscapes = true
                try escape()
            default: throw .badString
            }
        }
    }

    /// Goes over one escape sequence. A surrogate without its other half is data like any other.
    @_lifetime(self: copy self)
    private mutating func escape() throws(JSONProblem) {
        guard at &+ 1 < count else { throw .endOfText }
        switch byte(at &+ 1) {
        case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74: at &+= 2
        case 0x75:
            guard at &+ 6 <= count else { throw .endOfText }
            for i in 2..<6 where Self.hex(byte(at &+ i)) == nil { throw .badString }
            at &+= 6
        default: throw .badString
        }
    }

    private static func hex(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 0x30...0x39: UInt32(byte - 0x30)
        case 0x41...0x46: UInt32(byte - 0x37)
        case 0x61...0x66: UInt32(byte - 0x57)
        default: nil
        }
    }

    /// Calls `body` with each byte of the string as it is meant: escapes resolved, lone surrogates replaced by U+FFFD.
    func forEachByte(of text: JSONText, _ body: (UInt8) -> Void) {
        var i = text.start
        while i < text.end {
            let next = byte(i)
            guard next == 0x5C else {
                body(next)
                i &+= 1
                continue
            }
            let kind = byte(i &+ 1)
            i &+= 2
            switch kind {
            case 0x62: body(0x08)
            case 0x66: body(0x0C)
            case 0x6E: body(0x0A)
            case 0x72: body(0x0D)
            case 0x74: body(0x09)
            case 0x75: Unicode.Scalar(scalar(&i, text.end))?.utf8.forEach(body)
            default: body(kind)
            }
        }
    }

    /// The scalar of a `\u` escape whose digits begin at `i`, and of the one after it when the two are a pair.
    private func scalar(_ i: inout Int, _ end: Int) -> UInt32 {
        let unit = fourDigits(i)
        i &+= 4
        guard unit & 0xF800 == 0xD800 else { return unit }
        guard unit < 0xDC00, i &+ 6 <= end, byte(i) == 0x5C, byte(i &+ 1) == 0x75 else { return 0xFFFD }
        let low = fourDigits(i &+ 2)
        guard low & 0xFC00 == 0xDC00 else { return 0xFFFD }
        i &+= 6
        return 0x10000 + (unit & 0x3FF) << 10 + (low & 0x3FF)
    }

    private func fourDigits(_ i: Int) -> UInt32 {
        var value: UInt32 = 0
        for k in 0..<4 { value = value << 4 | (Self.hex(byte(i &+ k)) ?? 0) }
        return value
    }

    /// The string's text.
    func text(_ text: JSONText) -> String {
        var utf8: [UInt8] = []
        utf8.reserveCapacity(text.end - text.start)
        forEachByte(of: text) { utf8.append($0) }
        return String(decoding: utf8, as: UTF8.self)
    }

    /// Goes over one value of any kind, nested at most `depth` deep (64 is the most that can be asked for).
    @_lifetime(self: copy self)
    mutating func skipValue(depth limit: Int) throws(JSONProblem) {
        // One bit per open container, the innermost lowest: 1 for an object.
        var open: UInt64 = 0
        var depth = 0
        while true {
            let first = try peek()
            if first == 0x7B || first == 0x5B {
                depth &+= 1
                guard depth <= min(limit, 64) else { throw .tooDeep }
                at &+= 1
                open = open &<< 1 | (first == 0x7B ? 1 : 0)
                if try !take(first &+ 2) {
                    if first == 0x7B { try skipKey() }
                    continue
                }
                open &>>= 1
                depth &-= 1
            } else {
                try skipScalar(first)
            }
            // A value is complete: so are the containers that end after it.
            while depth > 0 {
                let isObject = open & 1 == 1
                if try more(until: isObject ? 0x7D : 0x5D) {
                    if isObject { try skipKey() }
                    break
                }
                open &>>= 1
                depth &-= 1
            }
            if depth == 0 { return }
        }
    }

    @_lifetime(self: copy self)
    private mutating func skipKey() throws(JSONProblem) {
        _ = try string()
        try expect(.colon)
    }

    @_lifetime(self: copy self)
    private mutating func skipScalar(_ first: UInt8) throws(JSONProblem) {
        switch first {
        case 0x22: _ = try string()
        case 0x74, 0x66: _ = try bool()
        case 0x6E:
            guard word(at) & 0xFFFF_FFFF == 0x6C6C_756E else { throw .unexpectedByte }
            at &+= 4
        default: _ = try double()
        }
    }
}
