// Spec version 2: step counts, battery and signal strength.
// Must not know other versions.

import Host

enum V2Dialect: LegacyDialect {
    static var number: UInt32 { 2 }

    static func has(_ kind: MessageKind) -> Bool {
        switch kind {
        case .ping, .requestServerInfo, .requestDeviceList, .startScanning, .stopScanning, .stopDeviceCmd, .stopAllDevices, .vibrateCmd,
            .rotateCmd, .linearCmd, .batteryLevelCmd, .rssiLevelCmd, .rawWriteCmd, .rawReadCmd, .rawSubscribeCmd, .rawUnsubscribeCmd:
            true
        default: false
        }
    }

    static func body(
        _ kind: MessageKind, _ fields: MessageFields, _ devices: DeviceTable, _ batch: inout RequestBatch
    ) -> Request.Body {
        switch kind {
        case .vibrateCmd: LegacyCommands.vibrate(fields, devices, &batch)
        case .rotateCmd: LegacyCommands.rotate(fields, devices, &batch)
        case .linearCmd: LegacyCommands.linear(fields, devices, &batch)
        case .stopDeviceCmd, .stopAllDevices: LegacyCommands.stop(kind, fields)
        case .batteryLevelCmd: LegacySensors.level(.battery, fields, devices)
        case .rssiLevelCmd: LegacySensors.level(.rssi, fields, devices)
        default: commonBody(kind)
        }
    }

    static func appendDevice(_ device: DeviceInfo, _ legacy: LegacyDevice, into buffer: inout MessageBuffer) {
        LegacyLists.appendNames(device, into: &buffer)
        buffer.append(",\"DeviceMessages\":{")
        LegacyLists.appendCounts("VibrateCmd", legacy.vibrators, withSteps: true, into: &buffer)
        LegacyLists.appendCounts("RotateCmd", legacy.rotators, withSteps: true, into: &buffer)
        LegacyLists.appendCounts("LinearCmd", legacy.linears, withSteps: true, into: &buffer)
        if legacy.readable.contains(where: { $0.type == .battery }) { buffer.append("\"BatteryLevelCmd\":{},") }
        if legacy.readable.contains(where: { $0.type == .rssi }) { buffer.append("\"RSSILevelCmd\":{},") }
        buffer.append("\"StopDeviceCmd\":{}}")
    }
}
