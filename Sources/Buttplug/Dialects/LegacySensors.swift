// Sensor commands of spec versions 2 and 3, turned into those of v4, and the readings on their way back.
// Must not know JSON, apart from the readings' own forms.

import Host

enum LegacySensors {
    /// BatteryLevelCmd and RSSILevelCmd of v2: the first sensor of the kind.
    static func level(_ type: InputType, _ fields: MessageFields, _ devices: DeviceTable) -> Request.Body {
        guard let device = devices.legacy(fields.device) else { return .failed(.deviceNotAvailable(fields.device)) }
        guard let sensor = device.readable.first(where: { $0.type == type }) else {
            return .failed(
                .configuration(
                    type == .battery
                        ? "Device configuration does not have Battery sensor available."
                        : "Device configuration does not have RSSI sensor available."))
        }
        return .input(
            device: fields.device, feature: sensor.feature, type: type, command: .read,
            form: type == .battery ? .batteryLevel : .rssiLevel)
    }

    /// SensorReadCmd, SensorSubscribeCmd and SensorUnsubscribeCmd of v3. The index is a place in the message's own list; a client that
    /// counts differently still gets the sensor whose type it named.
    static func sensor(_ kind: MessageKind, _ fields: MessageFields, _ devices: DeviceTable) -> Request.Body {
        guard let device = devices.legacy(fields.device) else { return .failed(.deviceNotAvailable(fields.device)) }
        let isRead = kind == .sensorReadCmd
        let list = isRead ? device.readable : device.subscribable
        guard
            let sensor = find(fields, in: list) ?? (isRead ? nil : readCounted(fields, device))
                ?? list.first(where: { $0.type == fields.input })
        else {
            switch kind {
            case .sensorReadCmd: return .failed(.messageNotSupported("SensorReadCmdV3"))
            case .sensorSubscribeCmd: return .failed(.messageNotSupported("SensorSubscribeCmdV3"))
            default: return .failed(.messageNotSupported("SensorUnsubscribeCmdV3"))
            }
        }
        return .input(
            device: fields.device, feature: sensor.feature, type: sensor.type,
            command: isRead ? .read : kind == .sensorSubscribeCmd ? .subscribe : .unsubscribe,
            form: .sensor(index: fields.sensor, upperRSSI: fields.isUpperRSSI))
    }

    private static func find(_ fields: MessageFields, in list: ContiguousArray<LegacySensor>) -> LegacySensor? {
        guard fields.sensor < list.count, list[Int(fields.sensor)].type == fields.input else { return nil }
        return list[Int(fields.sensor)]
    }

    /// buttplug-py 0.2.0 names a subscription by the sensor's place among those that can be read.
    private static func readCounted(_ fields: MessageFields, _ device: LegacyDevice) -> LegacySensor? {
        guard let sensor = find(fields, in: device.readable) else { return nil }
        return device.subscribable.first { $0 == sensor }
    }
}

/// What a sensor of a device said.
public struct SensorReading: Hashable, Sendable {
    public var device: UInt32
    public var feature: UInt32
    public var type: InputType
    /// One per axis.
    public var values: [Int32]

    public init(device: UInt32, feature: UInt32, type: InputType, values: [Int32]) {
        self.device = device
        self.feature = feature
        self.type = type
        self.values = values
    }
}

extension ServerSession {
    /// A reading, in the form that was asked for. Id 0 for a subscription's.
    public static func reading(_ id: UInt32, _ reading: SensorReading, form: ReadingForm, into buffer: inout MessageBuffer) {
        let (device, feature, type, values) = (reading.device, reading.feature, reading.type, reading.values)
        let start = buffer.begin()
        switch form {
        case .input(let upperRSSI):
            buffer.appendHead("[{\"InputReading\":{\"Id\":", id, device)
            buffer.append(",\"FeatureIndex\":")
            buffer.append(feature)
            buffer.append(",\"Reading\":{\"")
            buffer.append(type == .rssi && upperRSSI ? "RSSI" : type.name)
            buffer.append("\":{\"Value\":")
            buffer.append(values.first ?? 0)
            buffer.append("}}}}]")
        case .sensor(let index, let upperRSSI):
            buffer.appendHead("[{\"SensorReading\":{\"Id\":", id, device)
            buffer.append(",\"SensorIndex\":")
            buffer.append(index)
            buffer.append(",\"SensorType\":\"")
            buffer.append(type == .rssi && upperRSSI ? "RSSI" : type.name)
            buffer.append("\",\"Data\":[")
            for (i, value) in values.enumerated() {
                if i > 0 { buffer.append(",") }
                buffer.append(value)
            }
            buffer.append("]}}]")
        case .batteryLevel:
            buffer.appendHead("[{\"BatteryLevelReading\":{\"Id\":", id, device)
            buffer.append(",\"BatteryLevel\":")
            buffer.append(hundredths: UInt32(min(max(values.first ?? 0, 0), 100)))
            buffer.append("}}]")
        case .rssiLevel:
            buffer.appendHead("[{\"RSSILevelReading\":{\"Id\":", id, device)
            buffer.append(",\"RSSILevel\":")
            buffer.append(values.first ?? 0)
            buffer.append("}}]")
        }
        buffer.end(start)
    }
}

extension MessageBuffer {
    fileprivate mutating func appendHead(_ head: StaticString, _ id: UInt32, _ device: UInt32) {
        append(head)
        append(id)
        append(",\"DeviceIndex\":")
        append(device)
    }
}
