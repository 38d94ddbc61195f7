// Writes protocol buffers, as far as the Handy needs them. A field that is zero is left out, as their standard demands.
// Must not know any message.

struct Protobuf {
    private(set) var bytes: [UInt8] = []

    init() {}

    mutating func varint(_ field: UInt32, _ value: UInt64) {
        guard value != 0 else { return }
        number(UInt64(field) << 3)
        number(value)
    }

    mutating func double(_ field: UInt32, _ value: Double) {
        guard value != 0 else { return }
        number(UInt64(field) << 3 | 1)
        let bits = value.bitPattern
        for byte in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: bits >> UInt64(8 * byte))) }
    }

    mutating func float(_ field: UInt32, _ value: Float) {
        guard value != 0 else { return }
        number(UInt64(field) << 3 | 5)
        let bits = value.bitPattern
        for byte in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(8 * byte))) }
    }

    /// A message within, also when it is empty.
    mutating func message(_ field: UInt32, _ content: Protobuf) {
        number(UInt64(field) << 3 | 2)
        number(UInt64(content.bytes.count))
        bytes += content.bytes
    }

    private mutating func number(_ value: UInt64) {
        var rest = value
        while rest > 0x7F {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
