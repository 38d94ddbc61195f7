// Reads what devices say: names of models and small numbers, in bytes that may be anything.
// Must not know a protocol.

enum ASCII {
    /// A device's text without zero bytes, at most 64 bytes of it; nil when that is no UTF-8.
    static func text(_ bytes: RawSpan) -> String? {
        var kept: [UInt8] = []
        for offset in 0..<min(bytes.byteCount, 64) {
            let byte = bytes.unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
            if byte != 0 { kept.append(byte) }
        }
        return String(validating: kept, as: UTF8.self)
    }

    /// Two digits for each byte, at most 64 bytes, in lower case.
    static func hexadecimal(_ bytes: RawSpan) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for offset in 0..<min(bytes.byteCount, 64) {
            let byte = bytes.unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes as an array, at most so many.
    static func bytes(_ span: RawSpan, upTo limit: Int = 512) -> [UInt8] {
        (0..<min(span.byteCount, limit)).map { span.unsafeLoad(fromUncheckedByteOffset: $0, as: UInt8.self) }
    }
}
