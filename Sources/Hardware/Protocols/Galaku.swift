// Galaku: twelve bytes, enciphered with a table that the position and the byte before choose from.
// Must not know models, but for one pump that takes plain bytes and is known by its name.

import Buttplug
import Host

struct Galaku: DeviceProtocol {
    private let isPump: Bool
    private let isPlain: Bool
    private let canAskBattery: Bool
    private var outputs: [ModelOutput] = []
    private var asksBattery = false

    init(isPump: Bool, _ setup: DeviceSetup) {
        self.isPump = isPump
        isPlain = setup.name == "AC695X_1(BLE)"
        canAskBattery = setup.endpoints.contains(.rxblebattery)
    }

    mutating func adopt(_ model: Model, into out: inout DeviceOutput) -> Opening {
        outputs = model.outputs
        return .ready
    }

    mutating func encode(_ state: borrowing OutputState, into out: inout DeviceOutput) {
        let first = UInt8(truncatingIfNeeded: state.values[0].magnitude)
        let second = outputs.count > 1 ? UInt8(truncatingIfNeeded: state.values[1].magnitude) : 0
        if isPump {
            let oscillate = outputs.first?.type == .oscillate ? first : second
            let vibrate = outputs.first?.type == .oscillate ? second : first
            write([0x5A, 0, 0, 1, 0x60, 3, oscillate, vibrate, 0, 0], .confirmed, into: &out)
        } else if outputs.count > 1 {
            write([0x5A, 0, 0, 1, 0x40, 3, first, second, 0, 0], .plain, into: &out)
        } else if isPlain {
            out.write([0xAA, 0x01, 0x0A, 0x03, first, first == 0 ? 0 : 1] + Array(repeating: 0, count: 10))
        } else {
            write([0x5A, 0, 0, 1, 0x31, first, 0, 0, 0, 0], .plain, into: &out)
        }
    }

    mutating func ask(_ input: InputType, into out: inout DeviceOutput) -> Bool {
        guard input == .battery, canAskBattery else { return false }
        asksBattery = true
        out.subscribe(.rxblebattery)
        write([0x5A, 0, 0, 1, 0x13, 0, 0, 0, 0, 0], .confirmed, into: &out)
        return true
    }

    mutating func received(_ bytes: RawSpan, from endpoint: DeviceEndpoint, into out: inout DeviceOutput) -> Opening? {
        guard asksBattery, endpoint == .rxblebattery else { return nil }
        asksBattery = false
        out.reading(.battery, ASCII.bytes(bytes, upTo: 1).first.map { Int32($0) })
        return nil
    }

    // MARK: The cipher

    private static let head: UInt8 = 0x23
    private static let table: [[UInt8]] = [
        [0x00, 0x18, 0x98, 0xF7, 0xA5, 0x3D, 0x0D, 0x29, 0x25, 0x50, 0x44, 0x46],
        [0x00, 0x45, 0x6E, 0x6A, 0x6F, 0x78, 0x20, 0x53, 0x2D, 0x31, 0x2E, 0x37],
        [0x00, 0x65, 0x78, 0x20, 0x54, 0x6F, 0x79, 0x73, 0x0A, 0x8E, 0x9D, 0xA3],
        [0x00, 0xC5, 0xD6, 0xE7, 0xF8, 0x0A, 0x32, 0x20, 0x6F, 0x62, 0x0D, 0x0A],
    ]

    /// Ten bytes, with their head and their sum.
    private func write(_ body: [UInt8], _ delivery: Delivery, into out: inout DeviceOutput) {
        out.byte(Self.head)
        var last = Self.head
        var sum = Self.head
        for (offset, byte) in body.enumerated() {
            sum &+= byte
            last = Self.cipher(byte, after: last, at: offset + 1)
            out.byte(last)
        }
        out.byte(Self.cipher(sum, after: last, at: body.count + 1))
        out.end(.tx, delivery)
    }

    private static func cipher(_ byte: UInt8, after last: UInt8, at position: Int) -> UInt8 {
        let key = table[Int(last & 3)][position]
        return (key ^ head ^ byte) &+ key
    }
}
