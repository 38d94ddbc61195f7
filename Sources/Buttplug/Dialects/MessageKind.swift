// Every message a client of any version may send, its name and the fields it must and may have.
// Must not know which version has which: that is each dialect's set.

/// A message from a client.
enum MessageKind: UInt8, CaseIterable {
    // The most common first: names are compared in this order.
    case outputCmd, ping, scalarCmd, vibrateCmd, linearCmd, rotateCmd, inputCmd, stopCmd, stopDeviceCmd, stopAllDevices
    case requestServerInfo, requestDeviceList, startScanning, stopScanning, disconnect
    case singleMotorVibrateCmd, batteryLevelCmd, rssiLevelCmd, sensorReadCmd, sensorSubscribeCmd, sensorUnsubscribeCmd
    case test, requestLog
    // Known, and refused each by itself.
    case kiirooCmd, fleshlightLaunchFW12Cmd, lovenseCmd, vorzeA10CycloneCmd, rawCmd
    case rawWriteCmd, rawReadCmd, rawSubscribeCmd, rawUnsubscribeCmd

    /// The name on the wire.
    @inline(__always)
    var name: StaticString {
        switch self {
        case .outputCmd: "OutputCmd"
        case .ping: "Ping"
        case .scalarCmd: "ScalarCmd"
        case .vibrateCmd: "VibrateCmd"
        case .linearCmd: "LinearCmd"
        case .rotateCmd: "RotateCmd"
        case .inputCmd: "InputCmd"
        case .stopCmd: "StopCmd"
        case .stopDeviceCmd: "StopDeviceCmd"
        case .stopAllDevices: "StopAllDevices"
        case .requestServerInfo: "RequestServerInfo"
        case .requestDeviceList: "RequestDeviceList"
        case .startScanning: "StartScanning"
        case .stopScanning: "StopScanning"
        case .disconnect: "Disconnect"
        case .singleMotorVibrateCmd: "SingleMotorVibrateCmd"
        case .batteryLevelCmd: "BatteryLevelCmd"
        case .rssiLevelCmd: "RSSILevelCmd"
        case .sensorReadCmd: "SensorReadCmd"
        case .sensorSubscribeCmd: "SensorSubscribeCmd"
        case .sensorUnsubscribeCmd: "SensorUnsubscribeCmd"
        case .test: "Test"
        case .requestLog: "RequestLog"
        case .kiirooCmd: "KiirooCmd"
        case .fleshlightLaunchFW12Cmd: "FleshlightLaunchFW12Cmd"
        case .lovenseCmd: "LovenseCmd"
        case .vorzeA10CycloneCmd: "VorzeA10CycloneCmd"
        case .rawCmd: "RawCmd"
        case .rawWriteCmd: "RawWriteCmd"
        case .rawReadCmd: "RawReadCmd"
        case .rawSubscribeCmd: "RawSubscribeCmd"
        case .rawUnsubscribeCmd: "RawUnsubscribeCmd"
        }
    }

    /// The message with this name.
    @inline(never)
    init?(_ key: JSONKey) {
        for raw in 0...MessageKind.rawUnsubscribeCmd.rawValue {
            guard let kind = MessageKind(rawValue: raw), key == JSONKey(kind.name) else { continue }
            self = kind
            return
        }
        return nil
    }

    /// The fields it must have, and those it may have in addition; nil when it is always refused. OutputCmd is read by a reader of
    /// its own.
    var shape: MessageShape? {
        switch self {
        case .ping, .requestDeviceList, .startScanning, .stopScanning, .disconnect, .stopAllDevices: MessageShape([.id])
        case .inputCmd: MessageShape([.id, .deviceIndex, .featureIndex, .inputType, .command])
        case .stopCmd: MessageShape([.id], optional: [.deviceIndex, .featureIndex, .inputs, .outputs])
        case .stopDeviceCmd, .batteryLevelCmd, .rssiLevelCmd: MessageShape([.id, .deviceIndex])
        case .requestServerInfo:
            MessageShape([.id, .clientName], optional: [.messageVersion, .versionMajor, .versionMinor])
        case .singleMotorVibrateCmd: MessageShape([.id, .deviceIndex, .speed])
        case .scalarCmd: MessageShape([.id, .deviceIndex, .scalars])
        case .vibrateCmd: MessageShape([.id, .deviceIndex, .speeds])
        case .rotateCmd: MessageShape([.id, .deviceIndex, .rotations])
        case .linearCmd: MessageShape([.id, .deviceIndex, .vectors])
        case .sensorReadCmd, .sensorSubscribeCmd, .sensorUnsubscribeCmd:
            MessageShape([.id, .deviceIndex, .sensorIndex, .sensorType])
        case .test: MessageShape([.id, .testString])
        case .requestLog: MessageShape([.id, .logLevel])
        case .kiirooCmd, .fleshlightLaunchFW12Cmd, .lovenseCmd, .vorzeA10CycloneCmd, .rawCmd, .rawWriteCmd, .rawReadCmd,
            .rawSubscribeCmd, .rawUnsubscribeCmd, .outputCmd:
            nil
        }
    }
}
