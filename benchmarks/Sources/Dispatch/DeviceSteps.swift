// Writes to a simulated device, alone.
// Must not reach a router.

import Buttplug
import Devices
import Host

enum DeviceSteps {
    static let all = [Step("device-write", perRound: 16) { writes() }]

    private static func writes() -> (Range<Int>) -> Void {
        let owner = CountingOwner()
        let backend = simulated("dual")
        backend.start(for: owner, as: 0, at: .zero)
        let writes = (0..<16).map { index in
            DeviceWrite(
                to: DeviceTarget(backend: 0, device: 0, deviceIndex: 0, feature: UInt32(index & 1)), type: .vibrate, value: Int32(index),
                duration: 0,
                ticket: UInt32(index), session: 0)
        }
        return { rounds in
            let before = owner.answers
            for _ in rounds { writes.withUnsafeBufferPointer { backend.perform($0, at: .zero) } }
            precondition(owner.answers == before + rounds.count * 16, "every write is answered")
        }
    }

    /// Devices that are there from the start.
    static func simulated(_ list: String) -> EmbeddedBackend {
        var options = SimulatedSetOptions()
        options.presentAtStart = true
        guard let specs = try? SimulatedDeviceSpec.list(list) else { preconditionFailure("not a list of devices: \(list)") }
        return EmbeddedBackend(specs, options: options)
    }
}

private final class CountingOwner: BackendOwner {
    @exclusivity(unchecked) var answers = 0
    func answered(ticket: UInt32, _ outcome: WriteOutcome, at now: Instant) { answers += 1 }
    func happened(_ event: BackendEvent, from backend: BackendNumber, at now: Instant) {}
    func reportIsDue(from backend: BackendNumber) {}
}
