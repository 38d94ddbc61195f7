// Vorze's devices over Bluetooth: a number for the device, a number for the kind of command, a value. The variant of the model decides.
// Must not know models but by their outputs and, where two of a kind have different numbers, by their names.

import Buttplug
import Host

struct VorzeSA: DeviceProtocol {
    private enum Variant { case rotator, rotators, vibrator, vibrators, piston }

    private let number: UInt8
    private var variant = Variant.vibrator
    private var position: Int32 = 0

    init(_ setup: DeviceSetup) {
        let name = setup.name.lowercased()
        if name.contains("cycsa") {
            number = 1
        } else if name.contains("ufo") {
            number = 2
        } else {
            number = name.contains("rocket") ? 7 : 6
        }
    }

    mutating func adopt(_ model: Model, into out: inout DeviceOutput) -> Opening {
        switch model.variant {
        case "vorze-sa-single-rotator": variant = .rotator
        case "vorze-sa-dual-rotator": variant = .rotators
        case "vorze-sa-single-vibrator": variant = .vibrator
        case "vorze-sa-dual-vibrator": variant = .vibrators
        case "vorze-sa-piston": variant = .piston
        default: return .refused("its model is not known")
        }
        return .ready
    }

    var memory: DeviceMemory {
        get { DeviceMemory(first: position) }
        set { position = newValue.first }
    }

    mutating func encode(_ state: borrowing OutputState, into out: inout DeviceOutput) {
        let first = state.values[0]
        let second = state.values[1]
        switch variant {
        case .rotator: out.bytes(number, 0x01, Self.turn(first))
        case .rotators: out.bytes(0x05, Self.turn(first), Self.turn(second))
        case .vibrator: out.bytes(number, 0x03, UInt8(truncatingIfNeeded: first))
        case .vibrators: out.bytes(0x09, UInt8(truncatingIfNeeded: first), UInt8(truncatingIfNeeded: second))
        case .piston:
            guard state.isDirty(0) else { return }
            let speed = StrokeSpeed.piston(distance: 2 * (first - position), milliseconds: state.durations[0])
            position = first
            out.bytes(0x03, UInt8(truncatingIfNeeded: first), UInt8(truncatingIfNeeded: speed))
        }
        out.end(.tx, .confirmed)
    }

    /// The direction in the highest bit: set for a value that is not negative.
    private static func turn(_ value: Int32) -> UInt8 { UInt8(truncatingIfNeeded: value.magnitude & 0x7F) | (value >= 0 ? 0x80 : 0) }
}
