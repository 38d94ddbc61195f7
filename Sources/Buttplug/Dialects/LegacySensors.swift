// Sensor commands of spec versions 2 and 3, turned into those of v4.
// Must not know JSON, nor how a reading is written.

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

    /// SensorReadCmd, SensorSubscribeCmd and SensorUnsubscribeCmd of v3. The index counts in the message's own list; a client that
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

    /// buttplug-py 0.2.0 names a subscription by the sensor's index among those that can be read.
    private static func readCounted(_ fields: MessageFields, _ device: LegacyDevice) -> LegacySensor? {
        guard let sensor = find(fields, in: device.readable) else { return nil }
        return device.subscribable.first { $0 == sensor }
    }
}
