// Spec version 3: scalars of every kind, sensors.
// Must not know other versions.

import Host

enum V3Dialect: LegacyDialect {
    static var number: UInt32 { 3 }

    static func has(_ kind: MessageKind) -> Bool {
        switch kind {
        case .ping, .requestServerInfo, .requestDeviceList, .startScanning, .stopScanning, .stopDeviceCmd, .stopAllDevices, .scalarCmd,
            .vibrateCmd, .rotateCmd, .linearCmd, .sensorReadCmd, .sensorSubscribeCmd, .sensorUnsubscribeCmd, .rawWriteCmd, .rawReadCmd,
            .rawSubscribeCmd, .rawUnsubscribeCmd:
            true
        default: false
        }
    }

    static func body(
        _ kind: MessageKind, _ fields: MessageFields, _ devices: DeviceTable, _ batch: inout RequestBatch
    ) -> Request.Body {
        switch kind {
        case .scalarCmd: LegacyCommands.scalar(fields, devices, &batch)
        case .vibrateCmd: LegacyCommands.vibrate(fields, devices, &batch)
        case .rotateCmd: LegacyCommands.rotate(fields, devices, &batch)
        case .linearCmd: LegacyCommands.linear(fields, devices, &batch)
        case .stopDeviceCmd, .stopAllDevices: LegacyCommands.stop(kind, fields)
        case .sensorReadCmd, .sensorSubscribeCmd, .sensorUnsubscribeCmd: LegacySensors.sensor(kind, fields, devices)
        default: commonBody(kind)
        }
    }

    static func appendDevice(_ device: DeviceInfo, _ legacy: LegacyDevice, into buffer: inout MessageBuffer) {
        let description = device.description
        LegacyLists.appendNames(device, into: &buffer)
        if let name = description.displayName {
            buffer.append(",\"DeviceDisplayName\":")
            buffer.append(string: name)
        }
        buffer.append(",\"DeviceMessageTimingGap\":")
        buffer.append(description.messageGapMilliseconds)
        buffer.append(",\"DeviceMessages\":{")
        append("ScalarCmd", legacy.scalars, of: description, into: &buffer)
        append("RotateCmd", legacy.rotators, of: description, into: &buffer)
        append("LinearCmd", legacy.linears, of: description, into: &buffer)
        append("SensorReadCmd", legacy.readable, of: description, into: &buffer)
        append("SensorSubscribeCmd", legacy.subscribable, of: description, into: &buffer)
        buffer.append("\"StopDeviceCmd\":{}}")
    }

    private static func append(
        _ name: StaticString, _ outputs: ContiguousArray<LegacyOutput>, of device: DeviceDescription, into buffer: inout MessageBuffer
    ) {
        if outputs.isEmpty { return }
        buffer.append("\"")
        buffer.append(name)
        buffer.append("\":[")
        for (i, output) in outputs.enumerated() {
            buffer.append(i == 0 ? "{\"FeatureDescriptor\":" : ",{\"FeatureDescriptor\":")
            buffer.append(string: device.features[output.index].description)
            buffer.append(",\"StepCount\":")
            buffer.append(output.steps)
            buffer.append(",\"ActuatorType\":\"")
            buffer.append(output.type == .hwPositionWithDuration ? OutputType.position.name : output.type.name)
            buffer.append("\"}")
        }
        buffer.append("],")
    }

    private static func append(
        _ name: StaticString, _ sensors: ContiguousArray<LegacySensor>, of device: DeviceDescription, into buffer: inout MessageBuffer
    ) {
        if sensors.isEmpty { return }
        buffer.append("\"")
        buffer.append(name)
        buffer.append("\":[")
        for (i, sensor) in sensors.enumerated() {
            let feature = device.features[sensor.index]
            buffer.append(i == 0 ? "{\"FeatureDescriptor\":" : ",{\"FeatureDescriptor\":")
            buffer.append(string: feature.description)
            buffer.append(",\"SensorType\":\"")
            buffer.append(sensor.type == .rssi ? "RSSI" : sensor.type.name)
            buffer.append("\",\"SensorRange\":")
            buffer.append(ranges: feature.inputs[sensor.input].ranges)
            buffer.append("}")
        }
        buffer.append("],")
    }
}
