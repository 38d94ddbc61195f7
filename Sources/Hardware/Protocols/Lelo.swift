// Lelo's devices that want their button pressed before they obey: they send a key, and want it back.
// Must not know models.

import Buttplug
import Host

struct Lelo: DeviceProtocol {
    private let usesHarmony: Bool
    private let gate: DeviceEndpoint
    private var outputs: [ModelOutput] = []
    private var isReady = false
    private var keys = 0

    /// How long somebody has to press the button.
    private static let patience = Interval.seconds(60)
    /// Keys that are answered; a device that goes on is broken.
    private static let keysMax = 8

    init(isHarmony: Bool, _ setup: DeviceSetup) {
        let hasGate = setup.endpoints.contains(.whitelist)
        usesHarmony = isHarmony || !hasGate
        gate = hasGate || isHarmony ? .whitelist : .generic(0)
    }

    mutating func adopt(_ model: Model, into out: inout DeviceOutput) -> Opening {
        outputs = model.outputs
        out.subscribe(gate)
        return .wait(Self.patience)
    }

    mutating func received(_ bytes: RawSpan, from endpoint: DeviceEndpoint, into out: inout DeviceOutput) -> Opening? {
        guard endpoint == gate, !isReady else { return nil }
        let key = ASCII.bytes(bytes, upTo: 64)
        guard let first = key.first else { return nil }
        if key.dropFirst().allSatisfy({ $0 == 0 }) {
            // Zero: it waits for the button. One: it has taken the key.
            if first == 1 { isReady = true }
            if first <= 1 { return isReady ? .ready : nil }
        }
        keys += 1
        guard keys <= Self.keysMax else { return .refused("the device does not take its own key back") }
        out.unsubscribe(gate)
        out.write(key, gate, .confirmed)
        out.subscribe(gate)
        return .wait(Self.patience)
    }

    mutating func waited(into out: inout DeviceOutput) -> Opening {
        .refused("nobody pressed the power button of the device; press it once while it connects")
    }

    mutating func encode(_ state: borrowing OutputState, into out: inout DeviceOutput) {
        guard usesHarmony else {
            return out.write(
                [0x01, UInt8(truncatingIfNeeded: state.values[0]), UInt8(truncatingIfNeeded: state.values[1])], .tx, .confirmed)
        }
        for slot in outputs.indices where state.isDirty(slot) {
            let value = UInt8(truncatingIfNeeded: state.values[slot].magnitude)
            out.write([0x0A, 0x12, UInt8(truncatingIfNeeded: slot + 1), 0x08, 0, 0, 0, 0, value, 0])
        }
    }
}
