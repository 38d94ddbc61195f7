// What the router asks of simulated devices apart from writes: reads, subscriptions, stops.
// Must not know who reads; a request's number goes back with its answer.

import Buttplug
import Host

extension SimulatedDeviceSetCore {
    mutating func handle(_ request: BackendRequest, at now: Instant, into effects: inout ContiguousArray<SimulatedEffect>) {
        switch request {
        case .startScanning: startScanning(at: now)
        case .stopScanning: stopScanning()
        case .read(let device, let feature, let type, let request):
            guard let sensor = sensor(device, feature, type, for: .read, request, &effects) else { return }
            let values = devices[Int(device)].values(ofSensor: sensor, at: now)
            effects.append(.event(.readAnswered(request: request, values: values)))
        case .subscribe(let device, let feature, let type, let request):
            guard let sensor = sensor(device, feature, type, for: .subscribe, request, &effects) else { return }
            effects.append(.event(.subscriptionAnswered(request: request)))
            if devices[Int(device)].sensors[sensor].subscribe(at: now) { scheduleReading(Int(device), sensor: sensor, at: now) }
        case .unsubscribe(let device, let feature, let type, let request):
            guard let sensor = sensor(device, feature, type, for: .unsubscribe, request, &effects) else { return }
            devices[Int(device)].sensors[sensor].unsubscribe()
            effects.append(.event(.subscriptionAnswered(request: request)))
        case .stopOutputs:
            for device in devices.indices { rest(device, at: now) }
        case .cutOff(let device): cutOff(device, at: now, into: &effects)
        case .foreign: break
        }
    }

    /// The sensor that a request means; nil, and the request is answered, when there is none that can do it.
    private func sensor(
        _ device: BackendDevice, _ feature: UInt32, _ type: InputType, for command: InputCommand, _ request: UInt32,
        _ effects: inout ContiguousArray<SimulatedEffect>
    ) -> Int? {
        guard Int(device) < devices.count, devices[Int(device)].presence == .present else {
            effects.append(.event(.requestFailed(request: request, "the device is not connected")))
            return nil
        }
        guard let sensor = devices[Int(device)].sensor(feature: feature, type: type),
            devices[Int(device)].sensors[sensor].allows(command)
        else {
            let verb = command == .read ? "read" : "subscribed to"
            effects.append(.event(.requestFailed(request: request, "feature \(feature) has no \(type.name) that can be \(verb)")))
            return nil
        }
        return sensor
    }

    /// The interval counts from `now`: after a late call the next readings do not come faster.
    private mutating func scheduleReading(_ device: Int, sensor: Int, at now: Instant) {
        let subscription = devices[device].sensors[sensor].subscription
        let interval = max(devices[device].spec.readingInterval, .milliseconds(1))
        schedule(.reading(device: device, sensor: sensor, subscription: subscription), at: now + interval)
    }

    /// One reading to the subscribers, if there is anything new, and the next one planned.
    mutating func sendReading(
        _ device: Int, sensor: Int, subscription: UInt32, at now: Instant, into effects: inout ContiguousArray<SimulatedEffect>
    ) {
        guard devices[device].sensors[sensor].isWanted(subscription) else { return }
        if let values = devices[device].reading(ofSensor: sensor, at: now) {
            let (feature, type) = (devices[device].sensors[sensor].feature, devices[device].sensors[sensor].range.type)
            effects.append(.event(.reading(UInt32(device), feature: feature, type: type, values: values)))
        }
        scheduleReading(device, sensor: sensor, at: now)
    }
}
