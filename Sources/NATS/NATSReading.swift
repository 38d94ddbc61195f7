// Reads one protocol message from the beginning of some bytes. What it says of them depends on these bytes alone, so a message that
// comes in pieces is read as a whole one.
// Must not keep anything.

enum NATSReading {
    /// A message and the bytes that it took.
    case whole(NATSInput, Int)
    /// It is not whole. The value is how many bytes it has, or 0: not known before its line's end.
    case partial(Int)
    case wrong(NATSViolation)

    private struct Word {
        var start = 0
        var end = 0
    }

    /// `count` is at least 1.
    @inline(__always)
    static func read(_ bytes: UnsafeRawPointer, _ count: Int, _ limits: NATSLimits) -> NATSReading {
        if count >= 5 {
            // Letters without their case.
            let letters = UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self)) & 0xDFDF_DFDF
            if letters & 0xFF_FFFF == 0x47_534D, isBlank(bytes.load(fromByteOffset: 3, as: UInt8.self)) {
                return message(bytes, count, limits, headers: 0)
            }
            if letters == 0x4753_4D48, isBlank(bytes.load(fromByteOffset: 4, as: UInt8.self)) {
                return message(bytes, count, limits, headers: 1)
            }
        }
        return line(bytes, count, limits)
    }

    @inline(__always)
    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    /// The bytes up to the first line end and with it, or all.
    static func upToLineEnd(_ bytes: UnsafeRawPointer, _ count: Int) -> Int {
        var place = 0
        while place < count {
            if bytes.load(fromByteOffset: place, as: UInt8.self) == 0x0A { return place + 1 }
            place += 1
        }
        return count
    }

    // MARK: MSG and HMSG

    /// `MSG subject number [reply] bytes`, `HMSG subject number [reply] bytes-of-headers bytes`; `headers` is 1 for the latter.
    private static func message(_ bytes: UnsafeRawPointer, _ count: Int, _ limits: NATSLimits, headers: Int) -> NATSReading {
        let end = min(count, limits.lineBytes)
        var words = InlineArray<5, Word>(repeating: Word())
        var found = 0
        var at = 3 &+ headers
        while true {
            let start = at
            while at < end, isPartOfWord(bytes.load(fromByteOffset: at, as: UInt8.self)) { at &+= 1 }
            if at == end { return count >= limits.lineBytes ? .wrong(.lineTooLong) : .partial(0) }
            if at > start {
                guard found < 5 else { return .wrong(.malformed) }
                words[found] = Word(start: start, end: at)
                found &+= 1
            }
            let stop = bytes.load(fromByteOffset: at, as: UInt8.self)
            at &+= 1
            if isBlank(stop) { continue }
            guard stop == 0x0D else { return .wrong(.malformed) }
            if at == end { return count >= limits.lineBytes ? .wrong(.lineTooLong) : .partial(0) }
            guard bytes.load(fromByteOffset: at, as: UInt8.self) == 0x0A else { return .wrong(.malformed) }
            break
        }
        let body = at &+ 1
        let least = 3 &+ headers
        guard found == least || found == least &+ 1, let subscription = number(bytes, words[1]),
            let total = number(bytes, words[found &- 1])
        else { return .wrong(.malformed) }
        guard total <= limits.payloadBytes else { return .wrong(.payloadTooLong) }
        let whole = body &+ total &+ 2
        guard count >= whole else { return .partial(whole) }
        guard bytes.loadUnaligned(fromByteOffset: whole &- 2, as: UInt16.self) == UInt16(littleEndian: 0x0A0D) else {
            return .wrong(.malformed)
        }
        var message = NATSMessage(
            subject: slice(bytes, words[0]), subscription: UInt32(truncatingIfNeeded: subscription),
            reply: found > least ? slice(bytes, words[2]) : UnsafeRawBufferPointer(start: nil, count: 0),
            payload: UnsafeRawBufferPointer(start: bytes + body, count: total), status: 0)
        if headers == 1 {
            guard let size = number(bytes, words[found &- 2]), size <= total, let status = status(bytes + body, size) else {
                return .wrong(.badHeaders)
            }
            message.status = status
            message.payload = UnsafeRawBufferPointer(start: bytes + body + size, count: total - size)
        }
        return .whole(.message(message), whole)
    }

    @inline(__always)
    private static func isPartOfWord(_ byte: UInt8) -> Bool { byte > 0x20 && byte != 0x7F }

    @inline(__always)
    private static func slice(_ bytes: UnsafeRawPointer, _ word: Word) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: bytes + word.start, count: word.end &- word.start)
    }

    /// One to nine digits.
    @inline(__always)
    private static func number(_ bytes: UnsafeRawPointer, _ word: Word) -> Int? {
        let count = word.end &- word.start
        guard count > 0, count < 10 else { return nil }
        var value = 0
        for place in word.start..<word.end {
            let digit = bytes.load(fromByteOffset: place, as: UInt8.self) &- 0x30
            guard digit < 10 else { return nil }
            value = value &* 10 &+ Int(digit)
        }
        return value
    }

    /// The status of headers, 0 without one: `NATS/1.0 503`, then lines, then an empty one. nil: these are no headers.
    private static func status(_ bytes: UnsafeRawPointer, _ count: Int) -> UInt16? {
        let text = UnsafeRawBufferPointer(start: bytes, count: count)
        let version: StaticString = "NATS/1."
        guard count >= 12, text.suffix(4).elementsEqual([0x0D, 0x0A, 0x0D, 0x0A]) else { return nil }
        guard text.prefix(7).elementsEqual(UnsafeRawBufferPointer(start: version.utf8Start, count: 7)) else { return nil }
        guard text[7] &- 0x30 < 10 else { return nil }
        if text[8] == 0x0D { return text[9] == 0x0A ? 0 : nil }
        // The end of the line is found before that of the headers, which is there.
        guard text[8] == 0x20, let end = text[9...].firstIndex(of: 0x0D), text[end + 1] == 0x0A else { return nil }
        guard end >= 12, let status = number(bytes, Word(start: 9, end: 12)), end == 12 || text[12] == 0x20 else { return nil }
        return UInt16(truncatingIfNeeded: status)
    }

    // MARK: Lines

    /// Everything that is one line.
    @inline(never)
    private static func line(_ bytes: UnsafeRawPointer, _ count: Int, _ limits: NATSLimits) -> NATSReading {
        let isInfo = bytes.load(as: UInt8.self) & 0xDF == UInt8(ascii: "I")
        let limit = isInfo ? limits.infoBytes : limits.lineBytes
        let size = upToLineEnd(bytes, min(count, limit))
        let text = UnsafeRawBufferPointer(start: bytes, count: size)
        guard text[size - 1] == 0x0A else { return count >= limit ? .wrong(.lineTooLong) : .partial(0) }
        guard size >= 2, text[size - 2] == 0x0D, !text[..<(size - 2)].contains(0x0D) else { return .wrong(.malformed) }
        let words = text[..<(size - 2)]
        if begins(words, "PING") { return words.count == 4 ? .whole(.ping, size) : .wrong(.malformed) }
        if begins(words, "PONG") { return words.count == 4 ? .whole(.pong, size) : .wrong(.malformed) }
        if begins(words, "+OK") { return words.count == 3 ? .whole(.ok, size) : .wrong(.malformed) }
        if begins(words, "INFO") { return rest(words, 4).map { .whole(.info($0), size) } ?? .wrong(.malformed) }
        if begins(words, "-ERR") {
            guard var what = rest(words, 4) else { return .wrong(.malformed) }
            if what.count >= 2, what[0] == 0x27, what[what.count - 1] == 0x27 {
                what = UnsafeRawBufferPointer(rebasing: what[1..<(what.count - 1)])
            }
            return .whole(.error(what), size)
        }
        return .wrong(begins(words, "MSG") || begins(words, "HMSG") ? .malformed : .unknownOperation)
    }

    private static func begins(_ text: Slice<UnsafeRawBufferPointer>, _ word: StaticString) -> Bool {
        guard text.count >= word.utf8CodeUnitCount else { return false }
        for place in 0..<word.utf8CodeUnitCount {
            let byte = text[place]
            let upper = byte >= 0x61 && byte <= 0x7A ? byte - 0x20 : byte
            if upper != word.utf8Start[place] { return false }
        }
        return true
    }

    /// What comes after the first word and the blanks after it.
    private static func rest(_ text: Slice<UnsafeRawBufferPointer>, _ word: Int) -> UnsafeRawBufferPointer? {
        guard text.count > word, isBlank(text[word]) else { return nil }
        var start = word
        var end = text.endIndex
        while start < end, isBlank(text[start]) { start += 1 }
        while end > start, isBlank(text[end - 1]) { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: text.base[start..<end])
    }
}
