// Sensors: who asked, what came, and what did not come in time.
// A value outside the advertised range is no reading.

import Buttplug
import Host

extension HardwareCore where Transport: ~Copyable {
    /// The router wants a reading.
    mutating func ask(_ device: Int, _ sensor: SensorOf, _ request: UInt32, at now: Instant) {
        guard device < devices.count, devices[device].phase == .ready else {
            return reports.events.append(.requestFailed(request: request, "the device is not connected"))
        }
        guard range(of: sensor, device)?.canRead == true else {
            return reports.events.append(
                .requestFailed(request: request, "feature \(sensor.feature) has no \(sensor.type.name) that can be read"))
        }
        let isAsked = devices[device].readings.contains { $0.sensor == sensor }
        devices[device].readings.append(AskedReading(request: request, sensor: sensor, ends: now + times.reading))
        if isAsked { return }
        var isPossible = false
        advance(device, at: now) { driver, output in
            isPossible = driver.ask(sensor.type, into: &output)
            return nil
        }
        if !isPossible { failReadings(of: device, "the device's protocol has no such question", only: sensor) }
    }

    mutating func subscribe(_ device: Int, _ sensor: SensorOf, _ request: UInt32) {
        guard device < devices.count, devices[device].phase == .ready else {
            return reports.events.append(.requestFailed(request: request, "the device is not connected"))
        }
        guard range(of: sensor, device)?.canSubscribe == true else {
            return reports.events.append(
                .requestFailed(request: request, "feature \(sensor.feature) has no \(sensor.type.name) that can be subscribed to"))
        }
        if !devices[device].subscribed.contains(sensor) { devices[device].subscribed.append(sensor) }
        reports.events.append(.subscriptionAnswered(request: request))
    }

    private func range(of sensor: SensorOf, _ device: Int) -> InputRange? {
        devices[device].model?.inputs.first { $0.feature == sensor.feature && $0.range.type == sensor.type }?.range
    }

    /// Bytes from the device.
    mutating func heard(_ device: Int, _ endpoint: DeviceEndpoint, _ range: HeardRange, at now: Instant) {
        guard devices[device].isOpen else { return }
        let bytes = effects.heardBytes(range)
        advance(device, at: now) { driver, output in
            bytes.withUnsafeBytes { driver.received($0.bytes, from: endpoint, into: &output) }
        }
    }

    /// What the protocol made of what the device said.
    mutating func passOnReadings(_ device: Int) {
        guard !output.readings.isEmpty else { return }
        let readings = output.readings
        for reading in readings { passOn(reading, device) }
    }

    private mutating func passOn(_ reading: DeviceReading, _ device: Int) {
        guard let input = devices[device].model?.inputs.first(where: { $0.range.type == reading.type }) else { return }
        let sensor = SensorOf(feature: input.feature, type: reading.type)
        guard let value = reading.value, input.range.ranges.first?.contains(value) == true else {
            return failReadings(of: device, "the device said something that is no value of this sensor", only: sensor)
        }
        for asked in devices[device].readings where asked.sensor == sensor {
            reports.events.append(.readAnswered(request: asked.request, values: [value]))
        }
        devices[device].readings.removeAll { $0.sensor == sensor }
        if devices[device].subscribed.contains(sensor) {
            reports.events.append(.reading(UInt32(device), feature: sensor.feature, type: sensor.type, values: [value]))
        }
    }

    mutating func failReadings(of device: Int, _ text: String, only sensor: SensorOf? = nil) {
        for asked in devices[device].readings where sensor == nil || asked.sensor == sensor {
            reports.events.append(.requestFailed(request: asked.request, text))
        }
        devices[device].readings.removeAll { sensor == nil || $0.sensor == sensor }
    }

    mutating func expireReadings(of device: Int, at now: Instant) {
        for asked in devices[device].readings where asked.ends <= now {
            reports.events.append(.requestFailed(request: asked.request, "the device did not answer"))
        }
        devices[device].readings.removeAll { $0.ends <= now }
    }
}
