// Fluffer: enciphered packets. Devices that say so in their manufacturer data want a greeting, too, and that needs SHA-256: these are refused.
// Must not know models.

import Buttplug
import Host

struct Fluffer: DeviceProtocol {
    private let wantsGreeting: Bool
    private var outputs: [ModelOutput] = []

    private static let cipher = AES(key: Array("jdk#Flu%y6fer32f".utf8))
    private static let company: UInt16 = 0x684A

    init(_ setup: DeviceSetup) { wantsGreeting = setup.makers.contains { $0.company == Self.company } }

    mutating func adopt(_ model: Model, into out: inout DeviceOutput) -> Opening {
        guard !wantsGreeting else { return .refused("its greeting is not written yet") }
        outputs = model.outputs
        out.subscribe(.rx)
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
