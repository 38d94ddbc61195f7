// A device's sensors: what was asked of them, what came, and what did not come in time.
// Must not know how a device is asked. A value outside the advertised range is no reading.

import Buttplug
import Host

extension HardwareDevice {
    /// What a sensor can do; nil when the device has none such.
    func range(of sensor: SensorOf) -> InputRange? {
        model?.inputs.first { $0.feature == sensor.feature && $0.range.type == sensor.type }?.range
    }

    func subscribe(_ sensor: SensorOf, _ request: UInt32, into reports: inout HardwareReports) {
        guard range(of: sensor)?.canSubscribe == true else {
            return reports.events.append(
                .requestFailed(request: request, "feature \(sensor.feature) has no \(sensor.type.name) that can be subscribed to"))
        }
        if !subscribed.contains(sensor) { subscribed.append(sensor) }
        reports.events.append(.subscriptionAnswered(request: request))
    }

    func unsubscribe(_ sensor: SensorOf, _ request: UInt32, into reports: inout HardwareReports) {
        subscribed.removeAll { $0 == sensor }
        reports.events.append(.subscriptionAnswered(request: request))
    }

    /// A reading has come, or an answer that is none.
    func take(_ reading: DeviceReading, of device: UInt32, into reports: inout HardwareReports) {
        guard let input = model?.inputs.lazy.filter({ $0.range.type == reading.type }).dropFirst(reading.place).first else { return }
        let sensor = SensorOf(feature: input.feature, type: reading.type)
        guard let value = reading.value, input.range.ranges.first?.contains(value) == true else {
            return failReadings("the device said something that is no value of this sensor", only: sensor, into: &reports)
        }
        for asked in readings where asked.sensor == sensor {
            reports.events.append(.readAnswered(request: asked.request, values: [value]))
        }
        readings.removeAll { $0.sensor == sensor }
        if subscribed.contains(sensor) {
            reports.events.append(.reading(device, feature: sensor.feature, type: sensor.type, values: [value]))
        }
    }

    /// Readings that were asked for do not come; of one sensor, or of all.
    func failReadings(_ text: String, only sensor: SensorOf? = nil, into reports: inout HardwareReports) {
        for asked in readings where sensor == nil || asked.sensor == sensor {
            reports.events.append(.requestFailed(request: asked.request, text))
        }
        readings.removeAll { sensor == nil || $0.sensor == sensor }
    }

    func expireReadings(at now: Instant, into reports: inout HardwareReports) {
        for asked in readings where asked.ends <= now {
            reports.events.append(.requestFailed(request: asked.request, "the device did not answer"))
        }
        readings.removeAll { $0.ends <= now }
    }

    /// When something is due for the device.
    var nextTime: Instant {
        var time = min(phaseEnds, waitEnds)
        switch phase {
        case .forgotten: return .never
        case .ready:
            for reading in readings { time = min(time, reading.ends) }
            guard !isPending, !isBlocked else { break }
            switch driver?.keepAlive ?? .none {
            case .none: break
            case .again(let interval): time = min(time, lastWriteAt + interval)
            case .ask(let interval): time = min(time, pacedAt + interval)
            }
        case .candidate, .connecting, .opening, .preparing: break
        }
        return time
    }
}

/// A sensor of a device.
struct SensorOf: Hashable, Sendable {
    var feature: UInt32
    var type: InputType
}

/// A reading that was asked for and has not come.
struct AskedReading: Hashable, Sendable {
    var request: UInt32
    var sensor: SensorOf
    var ends: Instant
}
