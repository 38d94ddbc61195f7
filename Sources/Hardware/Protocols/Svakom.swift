// Svakom's devices whose packet has two motors and says which of them it is for; and two more that are no row.
// Must not know models.

import Buttplug
import Host

/// `svakom-v4`, `-v5`, `-v6` and `-barney`.
struct SvakomPair: DeviceProtocol {
    enum Version { case v4, v5, v6, barney }

    private let version: Version
    private var outputs: [ModelOutput] = []

    init(_ version: Version, _ setup: DeviceSetup) { self.version = version }

    mutating func adopt(_ model: Model, into out: inout DeviceOutput) -> Opening {
        outputs = model.outputs
        return .ready
    }

    mutating func encode(_ state: borrowing OutputState, into out: inout DeviceOutput) {
        var combined = false
        for slot in outputs.indices where state.isDirty(slot) {
            let value = UInt8(truncatingIfNeeded: state.values[slot])
            if outputs[slot].type == .oscillate {
                out.write([0x55, 0x09, 0x00, 0x00, value, 0x00])
            } else if slot >= 2 {
                out.write([0x55, 0x07, 0x00, 0x00, value == 0 ? 0 : 1, value, 0x00])
            } else {
                if !combined { pair(state, into: &out) }
                combined = true
            }
        }
    }

    private func pair(_ state: borrowing OutputState, into out: inout DeviceOutput) {
        let first = UInt8(truncatingIfNeeded: state.values[0])
        let hasSecond = outputs.count > 1 && outputs[1].type == .vibrate
        let second = hasSecond ? UInt8(truncatingIfNeeded: state.values[1]) : 0
        let motors = outputs.count { $0.type == .vibrate }
        let isBoth = (motors == 1 && version != .v5) || (first > 0 && second > 0) || first == second
        let mode: UInt8 = first == 0 && second == 0 ? 0 : version == .barney ? 3 : 1
        out.bytes(0x55, 0x03, isBoth ? 0 : first > 0 ? 1 : 2, 0x00, mode, max(first, second))
        if version != .v5 { out.bytes(0x00) }
        out.end()
    }
}

/// `svakom-iker`: its second motor runs beside the first, and one packet stops both.
struct SvakomIker: DeviceProtocol {
    init(_ setup: DeviceSetup) {}

    mutating func encode(_ state: borrowing OutputState, into out: inout DeviceOutput) {
        let first = UInt8(truncatingIfNeeded: state.values[0])
        let second = UInt8(truncatingIfNeeded: state.values[1])
        guard first != 0 || second != 0 else { return out.write([0x55, 0x07, 0x00, 0x00, 0x00, 0x00]) }
        // A second motor that stops is told first: the same packet may stop the other, which then starts again.
        if second == 0, state.isDirty(1) { out.write([0x55, 0x07, 0x00, 0x00, 0x00, 0x00]) }
        out.write([0x55, 0x03, 0x03, 0x00, 0x01, first])
        if second != 0 { out.write([0x55, 0x07, 0x00, 0x00, second, 0x00]) }
    }
}

/// `svakom-sam`, of which there are two generations.
struct SvakomSam: DeviceProtocol {
    private let isSecond: Bool
    private var outputs: [ModelOutput] = []

    init(_ setup: DeviceSetup) { isSecond = setup.endpoints.contains(.txmode) || setup.endpoints.contains(.firmware) }

    mutating func adopt(_ model: Model, into out: inout DeviceOutput) -> Opening {
        outputs = model.outputs
        out.subscribe(.rx)
        return .ready
    }

    mutating func encode(_ state: borrowing OutputState, into out: inout DeviceOutput) {
        for slot in outputs.indices where state.isDirty(slot) {
            let value = UInt8(truncatingIfNeeded: state.values[slot])
            if outputs[slot].type == .constrict {
                out.write([0x12, 0x06, 0x01, value])
            } else {
                out.write([0x12, 0x01, 0x03, 0x00, isSecond ? (value == 0 ? 0 : 4) : 5, value])
            }
        }
    }
}
