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
        guard devices[device].range(of: sensor)?.canRead == true else {
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
        // The battery service of Bluetooth LE is the same for every protocol.
        if !isPossible, sensor.type == .battery, devices[device].endpoints.contains(.rxblebattery) {
            return transport.read(.rxblebattery, of: UInt32(device), at: now, into: &effects)
        }
        if !isPossible { devices[device].failReadings("the device's protocol has no such question", only: sensor, into: &reports) }
    }

    mutating func subscribe(_ device: Int, _ sensor: SensorOf, _ request: UInt32) {
        guard device < devices.count, devices[device].phase == .ready else {
            return reports.events.append(.requestFailed(request: request, "the device is not connected"))
        }
        devices[device].subscribe(sensor, request, into: &reports)
    }

    /// Bytes from the device.
    mutating func deviceSaid(_ device: Int, _ endpoint: DeviceEndpoint, _ range: ReceivedRange, at now: Instant) {
        guard devices[device].isOpen else { return }
        let bytes = effects.receivedBytes(range)
        if endpoint == .rxblebattery, devices[device].readings.contains(where: { $0.sensor.type == .battery }) {
            let reading = DeviceReading(type: .battery, value: bytes.count == 1 ? Int32(bytes[0]) : nil)
            devices[device].take(reading, of: UInt32(device), into: &reports)
        }
        advance(device, at: now) { driver, output in
            bytes.withUnsafeBytes { driver.received($0.bytes, from: endpoint, into: &output) }
        }
    }

    /// What the protocol made of what the device said.
    mutating func passOnReadings(_ device: Int) {
        for reading in output.readings { devices[device].take(reading, of: UInt32(device), into: &reports) }
    }
}
