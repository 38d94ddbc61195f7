// Hismith's machines: four bytes, the last of them a sum. The device says its model; most models use the second form of the protocol.
// Must not know what the models are.

import Buttplug
import Host

struct Hismith: DeviceProtocol {
    private static let name = "hismith-mini"
    /// Those that use the first form.
    private static let largeOnes: Set<String> = ["1001", "1002", "1003", "2001", "3001", "1006"]

    private let isMini: Bool
    private let canRead: Bool
    private var outputs: [ModelOutput] = []
    private var isReady = false

    init(isMini: Bool, _ setup: DeviceSetup) {
        self.isMini = isMini
        canRead = setup.endpoints.contains(.rxblemodel)
    }

    mutating func begin(into out: inout DeviceOutput) -> Opening {
        guard canRead else { return .model(nil) }
        out.read(.rxblemodel)
        return .wait(.seconds(2))
    }

    mutating func received(_ bytes: RawSpan, from endpoint: DeviceEndpoint, into out: inout DeviceOutput) -> Opening? {
        guard endpoint == .rxblemodel, !isReady else { return nil }
        let model = ASCII.hexadecimal(bytes)
        return isMini || Self.largeOnes.contains(model) ? .model(model) : .another(Self.name, model: model)
    }

    mutating func waited(into out: inout DeviceOutput) -> Opening { .model(nil) }

    mutating func adopt(_ model: Model, into out: inout DeviceOutput) -> Opening {
        outputs = model.outputs
        isReady = true
        return .ready
    }

    mutating func encode(_ state: borrowing OutputState, into out: inout DeviceOutput) {
        for slot in outputs.indices where state.isDirty(slot) {
            let value = state.values[slot]
            if isMini { mini(slot, value, into: &out) } else { large(slot, value, into: &out) }
        }
    }

    private func large(_ slot: Int, _ value: Int32, into out: inout DeviceOutput) {
        let isSecond = outputs[slot].type == .vibrate && outputs[slot].feature > 0
        let kind: UInt8 = isSecond ? 0x06 : 0x04
        write(0xAA, kind, isSecond && value == 0 ? 0xF0 : UInt8(truncatingIfNeeded: value), into: &out)
    }

    private func mini(_ slot: Int, _ value: Int32, into out: inout DeviceOutput) {
        let low = UInt8(truncatingIfNeeded: value.magnitude)
        switch outputs[slot].type {
        case .vibrate:
            let isFirstOfTwo = outputs[slot].feature == 0 && outputs.count { $0.type == .vibrate } > 1
            write(0xCC, isFirstOfTwo ? 0x03 : 0x05, low, into: &out)
        case .constrict: write(0xCC, slot == 1 ? 0x05 : 0x03, low, into: &out)
        case .rotate:
            write(0xCC, 0x03, low, into: &out)
            write(0xCC, 0x01, value >= 0 ? 0xC0 : 0xC1, into: &out)
        case .spray: if value != 0 { write(0xCC, 0x0B, 0x01, into: &out) }
        default: write(0xCC, 0x03, low, into: &out)
        }
    }

    private func write(_ head: UInt8, _ kind: UInt8, _ value: UInt8, into out: inout DeviceOutput) {
        out.write([head, kind, value, kind &+ value])
    }
}
