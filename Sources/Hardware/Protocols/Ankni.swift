// Ankni: a greeting with a check sum over the device's address, for those that say it.
// Must not know models.

import Buttplug
import Host

struct Ankni: DeviceProtocol {
    private let canRead: Bool
    private var isReady = false

    init(_ setup: DeviceSetup) { canRead = setup.endpoints.contains(.generic(0)) }

    mutating func adopt(_ model: Model, into out: inout DeviceOutput) -> Opening {
        guard canRead else {
            isReady = true
            return .ready
        }
        out.read(.generic(0))
        return .wait(.seconds(2))
    }

    mutating func received(_ bytes: RawSpan, from endpoint: DeviceEndpoint, into out: inout DeviceOutput) -> Opening? {
        guard endpoint == .generic(0), !isReady else { return nil }
        isReady = true
        let address = ASCII.bytes(bytes, upTo: 7)
        // A longer answer is no address, and such a device wants no greeting.
        guard address.count <= 6 else { return .ready }
        let check = UInt8(Self.crc([0x01] + address) >> 8)
        out.write(Array(repeating: 0x01, count: 20), .tx, .confirmed)
        out.write([0x01, 0x02] + Array(repeating: check, count: 16) + [0x00, 0x00], .tx, .confirmed)
        return .ready
    }

    mutating func waited(into out: inout DeviceOutput) -> Opening {
        isReady = true
        return .ready
    }

    mutating func encode(_ state: borrowing OutputState, into out: inout DeviceOutput) {
        out.write([0x03, 0x12, UInt8(truncatingIfNeeded: state.values[0])] + Array(repeating: 0, count: 17), .tx, .confirmed)
    }

    /// CRC-16 with the polynomial 1021, from zero.
    private static func crc(_ bytes: [UInt8]) -> UInt16 {
        var rest: UInt16 = 0
        for byte in bytes {
            rest ^= UInt16(byte) << 8
            for _ in 0..<8 { rest = rest & 0x8000 != 0 ? rest << 1 ^ 0x1021 : rest << 1 }
        }
        return rest
    }
}
