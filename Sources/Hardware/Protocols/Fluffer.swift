// Fluffer: enciphered packets, after a greeting that is made from the advertised data.
// Must not know models.

import Buttplug
import Host

struct Fluffer: DeviceProtocol {
    private let advertised: [UInt8]
    private var outputs: [ModelOutput] = []
    private var isReady = false

    private static let cipher = AES(key: Array("jdk#Flu%y6fer32f".utf8))
    private static let company: UInt16 = 0x684A
    /// Any four bytes will do: the device is the one that checks.
    private static let ours: [UInt8] = [0x50, 0x4C, 0x55, 0x47]

    init(_ setup: DeviceSetup) {
        let company: [UInt8] = [UInt8(Self.company & 0xFF), UInt8(Self.company >> 8)]
        let maker = setup.makers.first { $0.company == Self.company }
        advertised = maker.map { company + $0.data } ?? []
    }

    mutating func adopt(_ model: Model, into out: inout DeviceOutput) -> Opening {
        outputs = model.outputs
        out.subscribe(.rx)
        guard advertised.count > 2 else {
            isReady = true
            return .ready
        }
        let proof = SHA256.digest(Self.ours + Self.hidden(in: advertised)).prefix(4)
        var greeting: [UInt8] = [0xA5, 0x01, 0x08]
        greeting += Self.ours
        greeting += proof
        out.write(Self.cipher.encrypted(greeting))
        return .wait(.seconds(2))
    }

    /// Four bytes of the advertised data, with the key that stands before them taken off.
    private static func hidden(in bytes: [UInt8]) -> [UInt8] {
        let key = bytes[2] ^ bytes[1]
        return bytes.dropFirst(3).prefix(4).map { $0 == 0 || $0 == key ? $0 : $0 ^ key }
    }

    mutating func received(_ bytes: RawSpan, from endpoint: DeviceEndpoint, into out: inout DeviceOutput) -> Opening? {
        guard endpoint == .rx, !isReady else { return nil }
        guard Self.cipher.decrypted(ASCII.bytes(bytes, upTo: 64)) == [0xA5, 0x01, 0x01, 0x00] else {
            return .refused("the device has refused the greeting")
        }
        isReady = true
        out.write(Self.cipher.encrypted([0x82, 0x0E, 0x02, 0x00, 0x01]))
        return .ready
    }

    mutating func encode(_ state: borrowing OutputState, into out: inout DeviceOutput) {
        var values: [UInt8] = [0, 0]
        for slot in outputs.indices.prefix(2) {
            let value = state.values[slot]
            // The way back is counted from 100.
            values[slot] = UInt8(truncatingIfNeeded: value < 0 ? 100 - value : value)
        }
        out.write(Self.cipher.encrypted([0x82, 0x0F, 0x05, 0x00, values[0], values[1], 0x00, 0x00]))
    }
}
