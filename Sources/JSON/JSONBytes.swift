// The bytes of keys, texts and numbers in JSON, written where the caller has made room.
// Must not know what stands before or after them.

/// Each function returns how many bytes it has written: at most 21 for a number, 6 for an escaped byte, and a text with its quotes.
@usableFromInline
enum JSONBytes {
    @inlinable
    @inline(__always)
    static func put(_ key: StaticString, comma: Bool, at place: UnsafeMutablePointer<UInt8>) -> Int {
        place[0] = 0x2C
        let at = comma ? 1 : 0
        let end = at + put(quoted: key, at: place + at)
        place[end] = 0x3A
        return end + 1
    }

    @inlinable
    @inline(__always)
    static func put(quoted text: StaticString, at place: UnsafeMutablePointer<UInt8>) -> Int {
        let count = text.utf8CodeUnitCount
        place[0] = 0x22
        (place + 1).update(from: text.utf8Start, count: count)
        place[count + 1] = 0x22
        return count + 2
    }

    @inlinable
    @inline(__always)
    static func put(_ number: Int64, at place: UnsafeMutablePointer<UInt8>) -> Int {
        place[0] = 0x2D
        let at = number < 0 ? 1 : 0
        return at + put(number.magnitude, at: place + at)
    }

    @inlinable
    @inline(__always)
    static func put(_ number: UInt64, at place: UnsafeMutablePointer<UInt8>) -> Int {
        // Most numbers have few digits.
        if number < 10 {
            place[0] = 0x30 + UInt8(truncatingIfNeeded: number)
            return 1
        }
        if number < 100 {
            let tens = UInt8(truncatingIfNeeded: number) / 10
            place[0] = 0x30 &+ tens
            place[1] = 0x30 &+ UInt8(truncatingIfNeeded: number) &- tens &* 10
            return 2
        }
        var count = 3
        var rest = number / 1_000
        while rest > 0 {
            count += 1
            rest /= 10
        }
        rest = number
        var at = count
        while at > 0 {
            at -= 1
            place[at] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        return count
    }

    static func put(escaped byte: UInt8, at place: UnsafeMutablePointer<UInt8>) -> Int {
        func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }
        switch byte {
        case 0x22, 0x5C, 0x0A:
            place[0] = 0x5C
            place[1] = byte == 0x0A ? 0x6E : byte
            return 2
        case 0..<0x20, 0x7F:
            place.update(from: [0x5C, 0x75, 0x30, 0x30, digit(byte >> 4), digit(byte & 15)], count: 6)
            return 6
        default:
            place[0] = byte
            return 1
        }
    }
}
