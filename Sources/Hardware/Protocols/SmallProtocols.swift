// Protocols that are nearly a row, but for one thing each.
// Must not know models.

import Buttplug
import Host

/// `lovehoney-desire`: one packet when all motors have the same value, else one for each.
struct LovehoneyDesire: DeviceProtocol {
    private var motors = 1

    init(_ setup: DeviceSetup) {}

    mutating func adopt(_ model: Model, into out: inout DeviceOutput) -> Opening {
        motors = model.outputs.count
        return .ready
    }

    mutating func encode(_ state: borrowing OutputState, into out: inout DeviceOutput) {
        let first = UInt8(truncatingIfNeeded: state.values[0])
        let second = UInt8(truncatingIfNeeded: state.values[1])
        guard motors > 1, first != second else { return out.write([0xF3, 0x00, first], .tx, .confirmed) }
        out.write([0xF3, 0x01, first], .tx, .confirmed)
        out.write([0xF3, 0x02, second], .tx, .confirmed)
    }
}

/// `sexverse-v1`: number, kind and value of every output, and their exclusive or.
struct SexverseV1: DeviceProtocol {
    private var outputs: [ModelOutput] = []

    init(_ setup: DeviceSetup) {}

    mutating func adopt(_ model: Model, into out: inout DeviceOutput) -> Opening {
        outputs = model.outputs
        return .ready
    }

    mutating func encode(_ state: borrowing OutputState, into out: inout DeviceOutput) {
        out.bytes(0x23, 0x07)
        out.byte(3 * outputs.count)
        for slot in outputs.indices {
            out.byte(0x80 | (slot + 1))
            switch outputs[slot].type {
            case .rotate: out.byte(6)
            case .constrict, .oscillate: out.byte(4)
            default: out.byte(3)
            }
            out.byte(state.values[slot].magnitude)
        }
        out.byte(out.packet.reduce(0, ^))
        out.end()
    }
}

/// `sensee-v2`: the values by kind of output, after a number for the device, which it says itself.
struct SenseeV2: DeviceProtocol {
    private var outputs: [ModelOutput] = []
    private var number: UInt8 = 0x65
    private var isReady = false

    init(_ setup: DeviceSetup) {}

    mutating func adopt(_ model: Model, into out: inout DeviceOutput) -> Opening {
        outputs = model.outputs
        out.read(.tx)
        return .wait(.seconds(2))
    }

    mutating func received(_ bytes: RawSpan, from endpoint: DeviceEndpoint, into out: inout DeviceOutput) -> Opening? {
        guard endpoint == .tx, !isReady else { return nil }
        let said = ASCII.bytes(bytes, upTo: 16)
        if said.count > 6, said[6] != 0 { number = said[6] }
        isReady = true
        return .ready
    }

    mutating func waited(into out: inout DeviceOutput) -> Opening {
        isReady = true
        return .ready
    }

    mutating func encode(_ state: borrowing OutputState, into out: inout DeviceOutput) {
        let kinds: [(UInt8, OutputType)] = [(0, .vibrate), (1, .oscillate), (2, .constrict)]
        out.bytes(0x55, 0xAA, 0xF0, 0x02, 0x00, 0x00, number, 0xF1, 0x00)
        for (kind, type) in kinds where outputs.contains(where: { $0.type == type }) {
            out.patch(8, out.packet[out.packet.startIndex + 8] + 1)
            out.byte(kind)
            out.byte(outputs.count { $0.type == type })
            var place = 1
            for slot in outputs.indices where outputs[slot].type == type {
                out.byte(place)
                out.byte(state.values[slot])
                place += 1
            }
        }
        out.patch(5, UInt8(truncatingIfNeeded: out.packet.count - 4))
        out.bytes(0x00, 0x00)
        out.end()
    }
}

/// `serveu`: a position and a speed in steps that grow with it.
struct ServeU: DeviceProtocol {
    private var position: Int32 = 0

    init(_ setup: DeviceSetup) {}

    var memory: DeviceMemory {
        get { DeviceMemory(first: position) }
        set { position = newValue.first }
    }

    mutating func encode(_ state: borrowing OutputState, into out: inout DeviceOutput) {
        guard state.isDirty(0) else { return }
        let goal = state.values[0]
        let speed = Self.speed(distance: goal - position, milliseconds: state.durations[0])
        position = goal
        out.write([0x01, UInt8(truncatingIfNeeded: goal), speed])
    }

    /// From hundredths of the way in a second.
    private static func speed(distance: Int32, milliseconds: UInt32) -> UInt8 {
        guard distance != 0 else { return 0 }
        guard milliseconds > 0 else { return 0xFA }
        let rate = (Double(distance.magnitude) * 1000 / Double(milliseconds)).rounded(.up)
        if rate <= 50 { return UInt8((rate / 2).rounded(.up)) }
        if rate <= 750 { return UInt8(((rate - 50) / 4).rounded(.up)) + 25 }
        if rate <= 2000 { return UInt8(((rate - 750) / 25).rounded(.up)) + 200 }
        return 0xFA
    }
}
