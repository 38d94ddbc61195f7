// Spec version 1: several motors, by index.
// Must not know other versions.

import Host

enum V1Dialect: LegacyDialect {
    static var number: UInt32 { 1 }
    static var tellsServerVersion: Bool { true }

    static func has(_ kind: MessageKind) -> Bool {
        switch kind {
        case .ping, .requestServerInfo, .requestDeviceList, .startScanning, .stopScanning, .stopDeviceCmd, .stopAllDevices,
            .singleMotorVibrateCmd, .vibrateCmd, .rotateCmd, .linearCmd, .test, .requestLog, .kiirooCmd, .fleshlightLaunchFW12Cmd,
            .lovenseCmd, .vorzeA10CycloneCmd:
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
        case .singleMotorVibrateCmd: LegacyCommands.singleMotor(fields, devices, &batch)
        case .stopDeviceCmd, .stopAllDevices: LegacyCommands.stop(kind, fields)
        case .requestLog: .requestLog
        default: commonBody(kind)
        }
    }

    static func appendDevice(_ device: DeviceInfo, _ legacy: LegacyDevice, into buffer: inout MessageBuffer) {
        LegacyLists.appendNames(device, into: &buffer)
        buffer.append(",\"DeviceMessages\":{")
        LegacyLists.appendCounts("VibrateCmd", legacy.vibrators, withSteps: false, into: &buffer)
        LegacyLists.appendCounts("RotateCmd", legacy.rotators, withSteps: false, into: &buffer)
        LegacyLists.appendCounts("LinearCmd", legacy.linears, withSteps: false, into: &buffer)
        if !legacy.vibrators.isEmpty { buffer.append("\"SingleMotorVibrateCmd\":{},") }
        buffer.append("\"StopDeviceCmd\":{}}")
    }
}
