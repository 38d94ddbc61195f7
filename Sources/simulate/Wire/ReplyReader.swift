// Reads just enough of the router's messages to check them: what it is, which request it answers, what it names.
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
    private let text: WireText

    private static let names: [(Name, StaticString)] = [
        (.ok, "Ok"), (.error, "Error"), (.deviceList, "DeviceList"), (.inputReading, "InputReading"), (.serverInfo, "ServerInfo"),
        (.deviceAdded, "DeviceAdded"), (.deviceRemoved, "DeviceRemoved"), (.scanningFinished, "ScanningFinished"),
        (.sensorReading, "SensorReading"), (.batteryLevelReading, "BatteryLevelReading"), (.test, "Test"),
    ]

    /// nil when it is not one message in an array.
    init?(_ bytes: UnsafeRawBufferPointer) {
        text = WireText(bytes: bytes)
        guard bytes.count > 8, text.matches("[{\"", at: 0), bytes[bytes.count - 1] == UInt8(ascii: "]") else { return nil }
        for (candidate, word) in Self.names where text.matches(word, at: 3) && bytes[3 + word.utf8CodeUnitCount] == UInt8(ascii: "\"") {
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
    func number(_ key: StaticString) -> UInt32? { text.number(key).flatMap { UInt32(exactly: $0) } }

    /// The numbers of this name, in order.
    func numbers(_ key: StaticString) -> [UInt32] {
        var at = 3
        var found: [UInt32] = []
        while let number = text.nextNumber(key, from: &at) { found.append(UInt32(truncatingIfNeeded: number)) }
        return found
    }
}
