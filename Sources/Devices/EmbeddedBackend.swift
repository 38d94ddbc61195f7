// The backend whose devices live in this process: it hands calls to the simulated set and its events to the owner.
// Must not decide anything; `SimulatedDeviceSetCore` does.

import Buttplug
import Host

/// Simulated devices, driven without any text in between.
///
/// A device's number (`BackendDevice`) is its position in the list it was made from, counting each of several equal ones, and stays
/// with it over disconnects. Names count their kind: "Simulated Rabbit", "Simulated Rabbit 2"; identities are
/// "simulated:rabbit:1" and so on.
public final class EmbeddedBackend: Backend {
    @exclusivity(unchecked) private var core: SimulatedDeviceSetCore
    /// Reused; taken out while it is read, so that an owner may call back.
    @exclusivity(unchecked) private var effects: ContiguousArray<SimulatedEffect> = []
    @exclusivity(unchecked) private var owner: (any BackendOwner)?
    @exclusivity(unchecked) private var number: BackendNumber = 0

    /// A set of devices. With `options.presentAtStart` they appear from inside `start`.
    public init(_ specs: [SimulatedDeviceSpec], options: SimulatedSetOptions = .init()) {
        core = SimulatedDeviceSetCore(specs, options: options)
    }

    // MARK: Backend

    public func start(for owner: any BackendOwner, as number: BackendNumber, at now: Instant) {
        self.owner = owner
        self.number = number
        actAndTell(at: now) { core, effects in core.begin(at: now, into: &effects) }
    }

    public func stop(at now: Instant) { owner = nil }

    public func perform(_ writes: UnsafeBufferPointer<DeviceWrite>, at now: Instant) {
        guard let owner else { return }
        for index in writes.indices {
            let write = writes[index]
            switch core.perform(write, at: now) {
            case .accepted: owner.answered(ticket: write.ticket, .done, at: now)
            case .refused: owner.answered(ticket: write.ticket, .refused, at: now)
            case .pending, .lost: break
            }
        }
    }

    public func handle(_ request: BackendRequest, at now: Instant) {
        actAndTell(at: now) { core, effects in core.handle(request, at: now, into: &effects) }
    }

    public var deadline: Instant { core.deadline }

    public func report(at now: Instant) {
        actAndTell(at: now) { core, effects in core.deadlinePassed(at: now, into: &effects) }
    }

    public func turnEnded(at now: Instant) {}

    /// Lets the core act, then tells the owner the result. The core does nothing while the owner is told.
    @inline(__always)
    private func actAndTell(
        at now: Instant,
        after act: (inout SimulatedDeviceSetCore, inout ContiguousArray<SimulatedEffect>) -> Void
    ) {
        var said = ContiguousArray<SimulatedEffect>()
        swap(&said, &effects)
        act(&core, &said)
        for effect in said {
            switch effect {
            case .answered(let ticket, let outcome): owner?.answered(ticket: ticket, outcome, at: now)
            case .event(let event): owner?.happened(event, from: number, at: now)
            }
        }
        said.removeAll(keepingCapacity: true)
        swap(&said, &effects)
    }

    // MARK: Looking at the devices, and making them fail

    /// How many devices there are, present or not.
    public var count: Int { core.devices.count }

    /// A device as clients see it.
    public func description(of device: BackendDevice) -> DeviceDescription { core.devices[Int(device)].description }

    /// Whether a device is connected.
    public func isPresent(_ device: BackendDevice) -> Bool {
        Int(device) < core.devices.count && core.devices[Int(device)].presence == .present
    }

    /// What a device last took for an output, 0 after it was gone; nil when it has no such output.
    public func value(_ device: BackendDevice, feature: UInt32, type: OutputType) -> Int32? {
        core.value(device, feature: feature, type: type)
    }

    /// From here on the device answers writes after `latency`; those under way keep their time.
    public func setLatency(_ latency: WriteLatency, on device: BackendDevice) {
        core.devices[Int(device)].latency = latency
        core.devices[Int(device)].clearLink()
        core.refreshRow(Int(device))
    }

    /// From here on the device refuses this share of writes, 0…1.
    public func setFailureRate(_ rate: Double, on device: BackendDevice) {
        core.devices[Int(device)].failureRate = rate
        core.refreshRow(Int(device))
    }

    /// From here on the device's link carries this many writes a second; nil: any number.
    public func setWritesPerSecond(_ rate: Double?, on device: BackendDevice) {
        core.devices[Int(device)].linkTime = SimulatedDevice.linkTime(rate)
        core.devices[Int(device)].clearLink()
        core.refreshRow(Int(device))
    }

    /// The next `count` writes to the device are refused; 0 forgives what is left of earlier ones.
    public func failNext(_ count: Int, on device: BackendDevice) {
        core.devices[Int(device)].failuresOwed = max(count, 0)
        core.refreshRow(Int(device))
    }

    /// Takes the device away until `reconnect`; neither its schedule nor a scan brings it back. The owner is told at once.
    public func disconnect(_ device: BackendDevice, at now: Instant) {
        actAndTell(at: now) { core, effects in core.disconnect(device, at: now, into: &effects) }
    }

    /// Brings the device back, or in for the first time. The owner is told at once.
    public func reconnect(_ device: BackendDevice, at now: Instant) {
        actAndTell(at: now) { core, effects in core.reconnect(device, at: now, into: &effects) }
    }
}
