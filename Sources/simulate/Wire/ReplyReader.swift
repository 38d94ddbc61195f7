// Reads just enough of the router's messages to check them: what it is, whom it answers, what it names.
// Must not know the router's own JSON reader.

/// One message from the router.
struct ReplyReader {
    enum Name: UInt8 {
        case ok, error, serverInfo, deviceList, deviceAdded, deviceRemoved, scanningFinished, inputReading, sensorReading,
            batteryLevelReading, test, unknown
    }

    private(set) var name = Name.unknown
    private(set) var id: UInt32 = 0
    /// Only of an `Error`.
    private(set) var code: UInt32 = 0
    private let bytes: UnsafeRawBufferPointer
    private var isWellFormed = true

    private static let names: [(Name, StaticString)] = [
        (.ok, "Ok"), (.error, "Error"), (.deviceList, "DeviceList"), (.inputReading, "InputReading"), (.serverInfo, "ServerInfo"),
        (.deviceAdded, "DeviceAdded"), (.deviceRemoved, "DeviceRemoved"), (.scanningFinished, "ScanningFinished"),
        (.sensorReading, "SensorReading"), (.batteryLevelReading, "BatteryLevelReading"), (.test, "Test"),
    ]

    /// nil when it is not one message in an array.
    init?(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        guard bytes.count > 8, matches("[{\"", at: 0), bytes[bytes.count - 1] == UInt8(ascii: "]") else { return nil }
        for (candidate, text) in Self.names where matches(text, at: 3) && bytes[3 + text.utf8CodeUnitCount] == UInt8(ascii: "\"") {
            name = candidate
            break
        }
        guard name != .unknown, let id = number("Id") else { return nil }
        self.id = id
        if name == .error {
            guard let code = number("ErrorCode") else { return nil }
            self.code = code
        }
    }

    /// The first number of this name.
    func number(_ key: StaticString) -> UInt32? {
        var at = 3
        return nextNumber(key, from: &at)
    }

    /// The numbers of this name, in order.
    func numbers(_ key: StaticString) -> [UInt32] {
        var at = 3
        var found: [UInt32] = []
        while let number = nextNumber(key, from: &at) { found.append(number) }
        return found
    }

    private func nextNumber(_ key: StaticString, from at: inout Int) -> UInt32? {
        let length = key.utf8CodeUnitCount
        let last = bytes.count - length - 4
        while at <= last {
            if bytes[at] == UInt8(ascii: "\""), bytes[at + length + 1] == UInt8(ascii: "\""), bytes[at + length + 2] == UInt8(ascii: ":"),
                matches(key, at: at + 1)
            {
                at += length + 3
                var value: UInt64 = 0
                var digits = 0
                while at < bytes.count, bytes[at] >= 48, bytes[at] <= 57, digits < 11 {
                    value = value * 10 + UInt64(bytes[at] - 48)
                    at += 1
                    digits += 1
                }
                return digits > 0 ? UInt32(exactly: value) : nil
            }
            at += 1
        }
        return nil
    }

    private func matches(_ text: StaticString, at start: Int) -> Bool {
        let length = text.utf8CodeUnitCount
        guard start + length < bytes.count else { return false }
        for i in 0..<length where bytes[start + i] != text.utf8Start[i] { return false }
        return true
    }
}
