// The backend of an application's own devices: turns the router's requests into calls of their drivers.
// Must not know what the devices are. They are there from the start and stay.

import Buttplug
import Host

/// Devices that an application brings.
public final class DriverBackend: Backend {
    private let drivers: [any DeviceDriver]
    private let world: any ClientWorld
    private var owner: (any BackendOwner)?
    private var number: BackendNumber = 0

    /// - Parameters:
    ///   - drivers: The devices, in the order in which they appear.
    ///   - world: The server's world; answers and readings are told on its loop.
    public init(_ drivers: [any DeviceDriver], in world: any ClientWorld) {
        self.drivers = drivers
        self.world = world
    }

    public func start(for owner: any BackendOwner, as number: BackendNumber, at now: Instant) {
        self.owner = owner
        self.number = number
        for (device, driver) in drivers.enumerated() {
            owner.happened(.appeared(BackendDevice(device), driver.device), from: number, at: now)
        }
    }

    public func stop(at now: Instant) { owner = nil }

    public func perform(_ writes: UnsafeBufferPointer<DeviceWrite>, at now: Instant) {
        for write in writes {
            guard let driver = driver(write.device) else {
                owner?.answered(ticket: write.ticket, .unreachable, at: now)
                continue
            }
            let output = OutputWrite(feature: write.feature, output: write.type, value: write.value, duration: write.duration)
            // The answer of one that answers at once still arrives on the loop, in the order of its calls.
            driver.write(output, answer: onLoop { $0.owner?.answered(ticket: write.ticket, $1, at: $2) })
        }
    }

    public func handle(_ request: BackendRequest, at now: Instant) {
        switch request {
        case .read(let device, let feature, let type, let request):
            if let values = driver(device)?.read(type, feature: feature) {
                tell(.readAnswered(request: request, values: values), at: now)
            } else {
                tell(.requestFailed(request: request, "the device cannot be read now"), at: now)
            }
        case .subscribe(let device, let feature, let type, let request):
            let report: @Sendable ([Int32]) -> Void = onLoop {
                $0.tell(.reading(device, feature: feature, type: type, values: $1), at: $2)
            }
            let isOn = driver(device)?.subscribe(type, feature: feature, report: report) ?? false
            tell(
                isOn ? .subscriptionAnswered(request: request) : .requestFailed(request: request, "the sensor cannot be subscribed"),
                at: now)
        case .unsubscribe(let device, let feature, let type, let request):
            _ = driver(device)?.subscribe(type, feature: feature, report: nil)
            tell(.subscriptionAnswered(request: request), at: now)
        // There is never anything to find, so no scan comes to an end either.
        case .startScanning, .stopScanning, .stopOutputs, .cutOff, .foreign: break
        }
    }

    public var deadline: Instant { .never }
    public func report(at now: Instant) {}
    public func turnEnded(at now: Instant) {}

    private func driver(_ device: BackendDevice) -> (any DeviceDriver)? { device < drivers.count ? drivers[Int(device)] : nil }

    private func tell(_ event: BackendEvent, at now: Instant) { owner?.happened(event, from: number, at: now) }

    /// A function that may be called from any thread: what it is given is told on the loop, in a turn of its own.
    private func onLoop<Value: Sendable>(
        _ body: @escaping @Sendable (DriverBackend, Value, Instant) -> Void
    ) -> @Sendable (Value) -> Void {
        nonisolated(unsafe) weak let backend = self
        return { [world] value in
            world.post {
                if let backend { body(backend, value, world.host.now) }
            }
        }
    }
}
