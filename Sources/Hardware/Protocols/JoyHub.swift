// JoyHub: four outputs in one packet, by the index of their feature; pumps, heaters and lights in packets of their own.
// Must not know models.

import Buttplug
import Host

struct JoyHub: DeviceProtocol {
    private var outputs: [ModelOutput] = []
    /// A spray that is on is turned off after a second.
    private var isSpraying = false

    init(_ setup: DeviceSetup) {}

    var keepAlive: KeepAlive { isSpraying ? .ask(.seconds(1)) : .none }

    var memory: DeviceMemory {
        get { DeviceMemory(first: isSpraying ? 1 : 0) }
        set { isSpraying = newValue.first != 0 }
    }

    mutating func adopt(_ model: Model, into out: inout DeviceOutput) -> Opening {
        outputs = model.outputs
        return .ready
    }

    mutating func waited(into out: inout DeviceOutput) -> Opening {
        if isSpraying { toggle(0x24, false, into: &out) }
        isSpraying = false
        return .ready
    }

    mutating func encode(_ state: borrowing OutputState, into out: inout DeviceOutput) {
        var combined = false
        for slot in outputs.indices where state.isDirty(slot) {
            let value = state.values[slot]
            switch outputs[slot].type {
            case .constrict:
                if outputs[slot].feature == 4 {
                    out.bytes(0xA0, 0x07, value == 0 ? 0 : 1, 0x00)
                } else {
                    out.bytes(0xA0, 0x0D, 0x00, 0x00)
                }
                out.byte(value)
                out.bytes(0xFF)
                out.end()
            case .temperature: toggle(0x04, value != 0, into: &out)
            case .led: toggle(0x14, value != 0, into: &out)
            case .spray:
                isSpraying = value != 0
                toggle(0x24, isSpraying, into: &out)
            default:
                if !combined { combine(state, into: &out) }
                combined = true
            }
        }
    }

    private func combine(_ state: borrowing OutputState, into out: inout DeviceOutput) {
        out.bytes(0xA0, 0x03)
        for feature in UInt32(0)..<4 {
            let slot = outputs.firstIndex { $0.feature == feature && $0.type.rawValue <= OutputType.oscillate.rawValue }
            if let slot { out.byte(state.values[slot].magnitude) } else { out.byte(0) }
        }
        out.bytes(0xAA)
        out.end()
    }

    private func toggle(_ what: UInt8, _ isOn: Bool, into out: inout DeviceOutput) {
        out.write(isOn ? [0xA0, what, 0x01, 0x00, 0x01, 0xFF] : [0xA0, what, 0x00, 0x00, 0x00, 0x00])
    }
}
