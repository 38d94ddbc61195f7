// Kiiroo's strokers, and what shares their protocol. They take a position and a speed, so the last position is kept.
// Must not know models.

import Buttplug
import Host

struct Kiiroo: DeviceProtocol {
    /// The protocols that differ in their opening and their packets.
    enum Version { case v2, v21, v21Initialized, v3 }

    private let version: Version
    private var outputs: [ModelOutput] = []
    private var position: Int32 = 0
    private let canReadBattery: Bool
    private var asksBattery = false

    init(_ version: Version, _ setup: DeviceSetup) {
        self.version = version
        canReadBattery = version != .v2 && setup.endpoints.contains(.whitelist)
    }

    mutating func adopt(_ model: Model, into out: inout DeviceOutput) -> Opening {
        outputs = model.outputs
        switch version {
        case .v2: out.write([0x00], .firmware, .confirmed)
        case .v21Initialized:
            out.write([0x03, 0x00, 0x64, 0x19], .tx, .confirmed)
            out.write([0x03, 0x00, 0x64, 0x00], .tx, .confirmed)
        case .v21, .v3: break
        }
        return .ready
    }

    var memory: DeviceMemory {
        get { DeviceMemory(first: position) }
        set { position = newValue.first }
    }

    mutating func encode(_ state: borrowing OutputState, into out: inout DeviceOutput) {
        for slot in outputs.indices where state.isDirty(slot) {
            let value = state.values[slot]
            guard outputs[slot].type.isMove else {
                out.bytes(0x01)
                out.byte(value)
                out.end()
                continue
            }
            let speed = StrokeSpeed.kiiroo(distance: value - position, milliseconds: state.durations[slot])
            position = value
            if version == .v2 {
                out.byte(value)
                out.byte(speed)
            } else {
                out.bytes(0x03, 0x00)
                out.byte(speed)
                out.byte(value)
            }
            out.end()
        }
    }

    mutating func ask(_ input: InputType, into out: inout DeviceOutput) -> Bool {
        guard input == .battery, canReadBattery else { return false }
        asksBattery = true
        out.read(.whitelist)
        return true
    }

    mutating func received(_ bytes: RawSpan, from endpoint: DeviceEndpoint, into out: inout DeviceOutput) -> Opening? {
        guard asksBattery, endpoint == .whitelist else { return nil }
        asksBattery = false
        out.reading(.battery, bytes.byteCount == 20 ? Int32(ASCII.bytes(bytes)[5]) : nil)
        return nil
    }
}
