// The backend of an application's own devices: turns the router's requests into calls of their drivers.
// Must not know what the devices are. They are there from the start and stay.

import Buttplug
import Host

/// Devices that an application brings.
public final class DriverBackend: Backend {
    private let drivers: [any DeviceDriver]
    private let world: any ClientWorld
    private weak var owner: (any BackendOwner)?
    /// Until the devices have appeared.
    public private(set) var deadline = Instant.zero

    /// - Parameters:
    ///   - drivers: The devices, in the order in which they appear.
    ///   - world: The server's world; readings are reported on its loop.
    public init(_ drivers: [any DeviceDriver], in world: any ClientWorld) {
        self.drivers = drivers
        self.world = world
    }

    public func deadlinePassed(for owner: any BackendOwner, at now: Instant) {
        deadline = .never
        self.owner = owner
        for (place, driver) in drivers.enumerated() { owner.happened(.appeared(BackendDevice(place), driver.device), from: self, at: now) }
    }

    public func perform(_ writes: UnsafeBufferPointer<DeviceWrite>, for owner: any BackendOwner, at now: Instant) {
        for write in writes {
            let isDone = drivers[Int(write.device)].write(write.type, write.value, duration: write.duration, feature: write.feature)
            owner.answered(ticket: write.ticket, ok: isDone, at: now)
        }
    }

    public func handle(_ request: BackendRequest, for owner: any BackendOwner, at now: Instant) {
        switch request {
        case .read(let device, let feature, let type, let request):
            if let values = drivers[Int(device)].read(type, feature: feature) {
                owner.happened(.readAnswered(request: request, values: values), from: self, at: now)
            } else {
                owner.happened(.requestFailed(request: request, "the device cannot be read now"), from: self, at: now)
            }
        case .subscribe(let device, let feature, let type, let request):
            let isOn = drivers[Int(device)].subscribe(type, feature: feature, report: reporter(device, feature, type))
            owner.happened(
                isOn ? .subscriptionAnswered(request: request) : .requestFailed(request: request, "the sensor cannot be subscribed"),
                from: self, at: now)
        case .unsubscribe(let device, let feature, let type, let request):
            _ = drivers[Int(device)].subscribe(type, feature: feature, report: nil)
            owner.happened(.subscriptionAnswered(request: request), from: self, at: now)
        // Nothing is ever to be found, so no scan comes to an end either.
        case .startScanning, .stopScanning, .stopOutputs, .cutOff: break
        }
    }

    public func turnEnded(at now: Instant) {}

    /// May be called from any thread; the reading is told on the loop.
    private func reporter(_ device: BackendDevice, _ feature: UInt32, _ type: InputType) -> @Sendable ([Int32]) -> Void {
        nonisolated(unsafe) weak let backend = self
        return { [world] values in
            world.post {
                guard let backend, let owner = backend.owner else { return }
                owner.happened(.reading(device, feature: feature, type: type, values: values), from: backend, at: world.host.now)
            }
        }
    }
}
