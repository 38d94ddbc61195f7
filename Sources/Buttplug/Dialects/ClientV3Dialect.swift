// How a client names devices and their features in spec version 3: fractions in place of steps, one list per kind of command.
// Must not know sessions or version 4.

import Host

/// One command for one output, as version 3 writes it.
enum ClientV3Output: Hashable, Sendable {
    case scalar(index: UInt32, ClientFraction, OutputType)
    case rotate(index: UInt32, ClientFraction, isClockwise: Bool)
    case linear(index: UInt32, ClientFraction, duration: UInt32)

    /// nil when the feature has no such output, or the value is out of its range.
    init?(_ feature: ClientLegacyFeature, type: OutputType, value: Int32, duration: UInt32) {
        if type == .hwPositionWithDuration {
            guard let index = feature.linear, value >= 0, value <= feature.linearSteps else { return nil }
            self = .linear(index: index, ClientFraction(cutOffTo: value, of: feature.linearSteps), duration: duration)
            return
        }
        guard feature.output == type, value.magnitude <= feature.steps.magnitude else { return nil }
        if let index = feature.rotator {
            let magnitude = Int32(clamping: value.magnitude)
            self = .rotate(index: index, ClientFraction(roundedUpTo: magnitude, of: feature.steps), isClockwise: value >= 0)
        } else if let index = feature.scalar, value >= 0 {
            self = .scalar(index: index, ClientFraction(roundedUpTo: value, of: feature.steps), type)
        } else {
            return nil
        }
    }

    /// What stops the feature; nil when it has nothing that could be set to zero.
    init?(zeroOf feature: ClientLegacyFeature) {
        guard let type = feature.output, !type.isMove else { return nil }
        self.init(feature, type: type, value: 0, duration: 0)
    }
}

enum ClientV3Dialect {
    /// `ScalarCmd`, `RotateCmd` or `LinearCmd` with one entry. Allocates nothing.
    static func append(_ output: ClientV3Output, _ id: UInt32, device: UInt32, into buffer: inout MessageBuffer) {
        let start: Int
        switch output {
        case .scalar(let index, let amount, let type):
            start = begin("[{\"ScalarCmd\":{\"Id\":", id, device, into: &buffer)
            buffer.append(",\"Scalars\":[{\"Index\":")
            buffer.append(index)
            buffer.append(",\"Scalar\":")
            buffer.append(amount)
            buffer.append(",\"ActuatorType\":\"")
            buffer.append(type.name)
            buffer.append("\"}]}}]")
        case .rotate(let index, let amount, let isClockwise):
            start = begin("[{\"RotateCmd\":{\"Id\":", id, device, into: &buffer)
            buffer.append(",\"Rotations\":[{\"Index\":")
            buffer.append(index)
            buffer.append(",\"Speed\":")
            buffer.append(amount)
            buffer.append(isClockwise ? ",\"Clockwise\":true}]}}]" : ",\"Clockwise\":false}]}}]")
        case .linear(let index, let amount, let duration):
            start = begin("[{\"LinearCmd\":{\"Id\":", id, device, into: &buffer)
            buffer.append(",\"Vectors\":[{\"Index\":")
            buffer.append(index)
            buffer.append(",\"Duration\":")
            buffer.append(duration)
            buffer.append(",\"Position\":")
            buffer.append(amount)
            buffer.append("}]}}]")
        }
        buffer.end(start)
    }

    /// `SensorReadCmd`, `SensorSubscribeCmd` or `SensorUnsubscribeCmd`; `sensor` is an index in the list of the first or the second.
    static func appendSensor(
        _ id: UInt32, _ command: InputCommand, device: UInt32, sensor: UInt32, name: StaticString, into buffer: inout MessageBuffer
    ) {
        let head: StaticString =
            switch command {
            case .read: "[{\"SensorReadCmd\":{\"Id\":"
            case .subscribe: "[{\"SensorSubscribeCmd\":{\"Id\":"
            case .unsubscribe: "[{\"SensorUnsubscribeCmd\":{\"Id\":"
            }
        let start = begin(head, id, device, into: &buffer)
        buffer.append(",\"SensorIndex\":")
        buffer.append(sensor)
        buffer.append(",\"SensorType\":\"")
        buffer.append(name)
        buffer.append("\"}}]")
        buffer.end(start)
    }

    /// `StopDeviceCmd`.
    static func appendStop(_ id: UInt32, device: UInt32, into buffer: inout MessageBuffer) {
        let start = begin("[{\"StopDeviceCmd\":{\"Id\":", id, device, into: &buffer)
        buffer.append("}}]")
        buffer.end(start)
    }

    /// `StopAllDevices`.
    static func appendStopAll(_ id: UInt32, into buffer: inout MessageBuffer) {
        let start = buffer.begin()
        buffer.append("[{\"StopAllDevices\":{\"Id\":")
        buffer.append(id)
        buffer.append("}}]")
        buffer.end(start)
    }

    private static func begin(_ head: StaticString, _ id: UInt32, _ device: UInt32, into buffer: inout MessageBuffer) -> Int {
        let start = buffer.begin()
        buffer.append(head)
        buffer.append(id)
        buffer.append(",\"DeviceIndex\":")
        buffer.append(device)
        return start
    }
}
