// A UUID as Bluetooth uses it: sixteen bytes, or sixteen bits that stand for one of the assigned ones.
// Must not know what it names.

/// A UUID of a service or a characteristic.
struct UUID128: Hashable, Sendable, CustomStringConvertible {
    var high: UInt64
    var low: UInt64

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// An assigned number of 16 or 32 bits, with the base that Bluetooth gives to these.
    init(assigned number: UInt32) {
        high = UInt64(number) << 32 | 0x1000
        low = 0x8000_0080_5F9B_34FB
    }

    /// From "6e400001-b5a3-f393-e0a9-e50e24dcca9e", in either case, or from the four or eight digits of an assigned number.
    init?(_ text: some StringProtocol) {
        let bytes = text.utf8
        if bytes.count == 4 || bytes.count == 8 {
            guard bytes.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }), let number = UInt32(text, radix: 16) else {
                return nil
            }
            self.init(assigned: number)
            return
        }
        guard bytes.count == 36 else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for (index, byte) in bytes.enumerated() {
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
            high = high << 4 | low >> 60
            low = low << 4 | UInt64(digit)
        }
        self.init(high: high, low: low)
    }

    /// In lower case, with its four dashes.
    var description: String {
        func digits(_ value: UInt64, _ count: Int) -> String {
            let text = String(value & (count == 16 ? .max : 1 << UInt64(4 * count) - 1), radix: 16)
            return String(repeating: "0", count: count - text.utf8.count) + text
        }
        return "\(digits(high >> 32, 8))-\(digits(high >> 16, 4))-\(digits(high, 4))-\(digits(low >> 48, 4))-\(digits(low, 12))"
    }
}
