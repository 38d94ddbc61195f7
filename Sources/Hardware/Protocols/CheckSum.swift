// Check sums that more than one protocol has.
// Must not know a protocol.

enum CheckSum {
    /// CRC-16 of Modbus: the polynomial A001 from FFFF, the low bits first.
    static func modbus(_ bytes: some Sequence<UInt8>) -> UInt16 {
        var rest: UInt16 = 0xFFFF
        for byte in bytes {
            rest ^= UInt16(byte)
            for _ in 0..<8 { rest = rest & 1 != 0 ? rest >> 1 ^ 0xA001 : rest >> 1 }
        }
        return rest
    }
}
