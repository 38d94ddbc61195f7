// Foreo: three bytes, the second of which depends on the advertised name.
// Must not know models.

import Buttplug
import Host

struct Foreo: DeviceProtocol {
    private let mode: UInt8
    private var motors = 0

    init(_ setup: DeviceSetup) {
        let name = setup.name.lowercased()
        if name.contains("smart"), name.contains("2") {
            mode = 3
        } else {
            mode = name.contains("fofo") || name.contains("ufo") ? 1 : 0
        }
    }

    mutating func adopt(_ model: Model, into out: inout DeviceOutput) -> Opening {
        motors = model.outputs.count
        return .ready
    }

    mutating func encode(_ state: borrowing OutputState, into out: inout DeviceOutput) {
        for slot in 0..<motors where state.isDirty(slot) {
            out.write([0x01, mode, UInt8(truncatingIfNeeded: state.values[slot])], .tx, .confirmed)
        }
    }
}
