// What a text of a server says, as far as a load generator must know: which message, with which Id.
// Must not know requests, sessions or clocks. Reads every layout; the one that nearly every server writes at once.

/// The kinds of message a server sends.
public enum ReplyKind: UInt8, Hashable, Sendable {
    case ok, deviceList, reading, serverInfo
    /// An `Error`, with any Id.
    case error
    /// Every other message: `ScanningFinished`, `DeviceAdded`, …
    case other
}

/// One message of a server.
public struct Reply: Hashable, Sendable {
    public var kind: ReplyKind
    /// 0 for what nobody asked for, and for a message without a readable Id.
    public var id: UInt32
    /// Where the message's value lies in the text.
    public var body: Range<Int>
}

/// Takes texts apart.
public enum ReplyReader {
    /// The Id when the text is an `Ok` in the usual layout with an Id of eight digits, as this program's requests carry; else nil.
    @inline(__always)
    public static func okID(_ text: UnsafeRawBufferPointer) -> UInt32? {
        guard text.count == 24, let base = text.baseAddress else { return nil }
        let head = UInt64(littleEndian: base.loadUnaligned(as: UInt64.self))
        let key = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: 5, as: UInt64.self))
        let tail = UInt32(littleEndian: base.loadUnaligned(fromByteOffset: 20, as: UInt32.self))
        // [{"Ok":{ · ":{"Id": · }}] with the last digit before it
        guard head == 0x7B3A_226B_4F22_7B5B, key == 0x3A22_6449_227B_3A22, tail >> 8 == 0x5D7D7D else { return nil }
        return eightDigits(UInt64(littleEndian: base.loadUnaligned(fromByteOffset: 13, as: UInt64.self)))
    }

    /// Eight ASCII digits, the first in the lowest byte, as a number.
    @inline(__always)
    static func eightDigits(_ word: UInt64) -> UInt32? {
        let digits = word ^ 0x3030_3030_3030_3030
        guard (digits | (digits &+ 0x0606_0606_0606_0606)) & 0xF0F0_F0F0_F0F0_F0F0 == 0 else { return nil }
        let pairs = (digits &* 10 &+ (digits &>> 8)) & 0x00FF_00FF_00FF_00FF
        let fours = (pairs &* 100 &+ (pairs &>> 16)) & 0x0000_FFFF_0000_FFFF
        return UInt32(truncatingIfNeeded: fours &* 10_000 &+ (fours &>> 32))
    }

    /// Calls `body` with each message of a text: arrays back to back, each element an object of messages. False when the text is
    /// not that; what was read before the fault has been told.
    public static func forEach(_ text: UnsafeRawBufferPointer, _ body: (Reply) -> Void) -> Bool {
        var scanner = Scanner(bytes: text)
        repeat {
            guard scanner.take("[") else { return false }
            if scanner.take("]") { continue }
            repeat {
                guard scanner.take("{") else { return false }
                repeat {
                    guard let name = scanner.string(), scanner.take(":") else { return false }
                    let kind = Self.kind(name, text)
                    scanner.skipSpace()
                    let start = scanner.at
                    guard let id = scanner.idOfValue() else { return false }
                    body(Reply(kind: kind, id: id, body: start..<scanner.at))
                } while scanner.take(",")
                guard scanner.take("}") else { return false }
            } while scanner.take(",")
            guard scanner.take("]") else { return false }
            scanner.skipSpace()
        } while scanner.at < text.count
        return true
    }

    /// Which sensor a reading is of: its device and its feature, or index in a list; 0 when it does not say.
    public static func source(ofReading body: Range<Int>, in text: UnsafeRawBufferPointer) -> UInt64 {
        var scanner = Scanner(bytes: UnsafeRawBufferPointer(rebasing: text[body]))
        return scanner.source()
    }

    private static func kind(_ name: Range<Int>, _ text: UnsafeRawBufferPointer) -> ReplyKind {
        func isNamed(_ literal: StaticString) -> Bool {
            guard name.count == literal.utf8CodeUnitCount else { return false }
            return literal.withUTF8Buffer { $0.elementsEqual(text[name]) }
        }
        if isNamed("Ok") { return .ok }
        if isNamed("Error") { return .error }
        if isNamed("InputReading") || isNamed("SensorReading") || isNamed("BatteryLevelReading") { return .reading }
        if isNamed("DeviceList") { return .deviceList }
        return isNamed("ServerInfo") ? .serverInfo : .other
    }
}

/// Goes over JSON without keeping any of it.
private struct Scanner {
    let bytes: UnsafeRawBufferPointer
    var at = 0

    static let depthMax = 64

    mutating func skipSpace() {
        while at < bytes.count, bytes[at] <= 0x20 { at += 1 }
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard at < bytes.count, bytes[at] == UInt8(ascii: character) else { return false }
        at += 1
        return true
    }

    /// Where a string's characters lie, escapes and all.
    mutating func string() -> Range<Int>? {
        guard take("\"") else { return nil }
        let start = at
        while at < bytes.count {
            switch bytes[at] {
            case UInt8(ascii: "\""):
                at += 1
                return start..<(at - 1)
            case UInt8(ascii: "\\"): at += 2
            default: at += 1
            }
        }
        return nil
    }

    /// Goes over a message's value and gives its Id, 0 when it has none; nil when it is not an object.
    mutating func idOfValue() -> UInt32? {
        guard take("{") else { return nil }
        if take("}") { return 0 }
        var id: UInt32 = 0
        repeat {
            guard let key = string(), take(":") else { return nil }
            skipSpace()
            let start = at
            guard skipValue(depth: 0) else { return nil }
            if key.count == 2, bytes[key.lowerBound] == UInt8(ascii: "I"), bytes[key.lowerBound + 1] == UInt8(ascii: "d") {
                id = number(start..<at)
            }
        } while take(",")
        return take("}") ? id : nil
    }

    /// The device in the upper half, the feature or sensor in the lower.
    mutating func source() -> UInt64 {
        guard take("{") else { return 0 }
        var source: UInt64 = 0
        repeat {
            guard let key = string(), take(":") else { return source }
            skipSpace()
            let start = at
            guard skipValue(depth: 0) else { return source }
            let name = bytes[key]
            if name.elementsEqual("DeviceIndex".utf8) { source |= UInt64(number(start..<at)) << 32 }
            if name.elementsEqual("FeatureIndex".utf8) || name.elementsEqual("SensorIndex".utf8) { source |= UInt64(number(start..<at)) }
        } while take(",")
        return source
    }

    private func number(_ digits: Range<Int>) -> UInt32 {
        var value: UInt64 = 0
        for index in digits {
            guard bytes[index] >= 0x30, bytes[index] <= 0x39 else { break }
            value = min(value * 10 + UInt64(bytes[index] - 0x30), UInt64(UInt32.max))
        }
        return UInt32(value)
    }

    private mutating func skipValue(depth: Int) -> Bool {
        skipSpace()
        guard at < bytes.count, depth < Self.depthMax else { return false }
        switch bytes[at] {
        case UInt8(ascii: "\""): return string() != nil
        case UInt8(ascii: "{"):
            at += 1
            if take("}") { return true }
            repeat { guard string() != nil, take(":"), skipValue(depth: depth + 1) else { return false } } while take(",")
            return take("}")
        case UInt8(ascii: "["):
            at += 1
            if take("]") { return true }
            repeat { guard skipValue(depth: depth + 1) else { return false } } while take(",")
            return take("]")
        default:
            let start = at
            while at < bytes.count, !Self.endsScalar(bytes[at]) { at += 1 }
            return at > start
        }
    }

    private static func endsScalar(_ byte: UInt8) -> Bool {
        byte <= 0x20 || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]")
    }
}
