// Spec version 0: one motor, one speed.
// Must not know other versions.

import Host

enum V0Dialect: LegacyDialect {
    static var number: UInt32 { 0 }
    static var tellsServerVersion: Bool { true }

    static func has(_ kind: MessageKind) -> Bool {
        switch kind {
        case .ping, .requestServerInfo, .requestDeviceList, .startScanning, .stopScanning, .stopDeviceCmd, .stopAllDevices,
            .singleMotorVibrateCmd, .test, .requestLog, .kiirooCmd, .fleshlightLaunchFW12Cmd, .lovenseCmd, .vorzeA10CycloneCmd, .rawCmd:
            true
        default: false
        }
    }

    static func body(
        _ kind: MessageKind, _ fields: MessageFields, _ devices: DeviceTable, _ batch: inout RequestBatch
    ) -> Request.Body {
        switch kind {
        case .singleMotorVibrateCmd: LegacyCommands.singleMotor(fields, devices, &batch)
        case .stopDeviceCmd, .stopAllDevices: LegacyCommands.stop(kind, fields)
        case .requestLog: .requestLog
        default: commonBody(kind)
        }
    }

    static func appendDevice(_ device: DeviceInfo, _ legacy: LegacyDevice, into buffer: inout MessageBuffer) {
        LegacyLists.appendNames(device, into: &buffer)
        buffer.append(",\"DeviceMessages\":[")
        if !legacy.vibrators.isEmpty { buffer.append("\"SingleMotorVibrateCmd\",") }
        buffer.append("\"StopDeviceCmd\"]")
    }
}
