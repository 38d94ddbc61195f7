// The bytes of replies that are the same in all versions, of readings, and of errors.

import Testing

@testable import Buttplug

@Suite struct RepliesTests {
    @Test(
        "Readings have the form of their request",
        arguments: [
            (
                .battery, [85], .input(upperRSSI: false),
                #"[{"InputReading":{"Id":4,"DeviceIndex":0,"FeatureIndex":2,"Reading":{"Battery":{"Value":85}}}}]"#
            ),
            (
                .rssi, [-60], .input(upperRSSI: true),
                #"[{"InputReading":{"Id":4,"DeviceIndex":0,"FeatureIndex":2,"Reading":{"RSSI":{"Value":-60}}}}]"#
            ),
            (
                .rssi, [-60], .input(upperRSSI: false),
                #"[{"InputReading":{"Id":4,"DeviceIndex":0,"FeatureIndex":2,"Reading":{"Rssi":{"Value":-60}}}}]"#
            ),
            (
                .pressure, [591], .sensor(index: 3, upperRSSI: false),
                #"[{"SensorReading":{"Id":4,"DeviceIndex":0,"SensorIndex":3,"SensorType":"Pressure","Data":[591]}}]"#
            ),
            (
                .rssi, [-60], .sensor(index: 0, upperRSSI: true),
                #"[{"SensorReading":{"Id":4,"DeviceIndex":0,"SensorIndex":0,"SensorType":"RSSI","Data":[-60]}}]"#
            ),
            (
                .pressure, [1, 2, 3], .sensor(index: 0, upperRSSI: false),
                #"[{"SensorReading":{"Id":4,"DeviceIndex":0,"SensorIndex":0,"SensorType":"Pressure","Data":[1,2,3]}}]"#
            ),
            (.battery, [85], .batteryLevel, #"[{"BatteryLevelReading":{"Id":4,"DeviceIndex":0,"BatteryLevel":0.85}}]"#),
            (.battery, [100], .batteryLevel, #"[{"BatteryLevelReading":{"Id":4,"DeviceIndex":0,"BatteryLevel":1}}]"#),
            (.battery, [200], .batteryLevel, #"[{"BatteryLevelReading":{"Id":4,"DeviceIndex":0,"BatteryLevel":1}}]"#),
            (.battery, [-3], .batteryLevel, #"[{"BatteryLevelReading":{"Id":4,"DeviceIndex":0,"BatteryLevel":0}}]"#),
            (.rssi, [-60], .rssiLevel, #"[{"RSSILevelReading":{"Id":4,"DeviceIndex":0,"RSSILevel":-60}}]"#),
        ] as [(InputType, [Int32], ReadingForm, String)])
    func readings(type: InputType, values: [Int32], form: ReadingForm, frame: String) {
        let written = Frames.written {
            ServerSession.reading(4, SensorReading(device: 0, feature: 2, type: type, values: values), form: form, into: &$0)
        }
        #expect(written == [frame])
    }

    @Test(
        "Errors have the class and the text of their kind",
        arguments: [
            (.pingedOut, #"2,"ErrorMessage":"{\"ButtplugPingError\":\"PingedOut\"}""#),
            (.handshakeRepeated, #"1,"ErrorMessage":"{\"ButtplugHandshakeError\":\"HandshakeAlreadyHappened\"}""#),
            (.deviceNotAvailable(10), #"4,"ErrorMessage":"{\"ButtplugDeviceError\":{\"DeviceNotAvailable\":10}}""#),
            (.featureIndex(count: 2, index: 99), #"4,"ErrorMessage":"{\"ButtplugDeviceError\":{\"DeviceFeatureIndexError\":[2,99]}}""#),
            (.stepRange(-7), #"4,"ErrorMessage":"{\"ButtplugDeviceError\":{\"DeviceStepRangeError\":[0,-7]}}""#),
            (.messageNotSupported("OutputCmd"), #"4,"ErrorMessage":"{\"ButtplugDeviceError\":{\"MessageNotSupported\":\"OutputCmd\"}}""#),
        ] as [(Failure, String)])
    func errors(failure: Failure, tail: String) {
        #expect(Frames.written { ServerSession.error(12, failure, into: &$0) } == [#"[{"Error":{"Id":12,"ErrorCode":\#(tail)}}]"#])
    }

    @Test("A plain text is written correctly with any characters")
    func texts() {
        let frames = Frames.written {
            ServerSession.error(0, .unknown, "plain", into: &$0)
            ServerSession.error(3, .message, text: "a \"b\"\n", into: &$0)
            ServerSession.test(6, text: "hé \\", into: &$0)
            ServerSession.scanningFinished(into: &$0)
        }
        #expect(
            frames == [
                #"[{"Error":{"Id":0,"ErrorCode":0,"ErrorMessage":"plain"}}]"#,
                #"[{"Error":{"Id":3,"ErrorCode":3,"ErrorMessage":"a \"b\"\n"}}]"#,
                #"[{"Test":{"Id":6,"TestString":"hé \\"}}]"#, #"[{"ScanningFinished":{"Id":0}}]"#,
            ])
    }

    @Test(
        "A command for something that does not exist gets an error that names it",
        arguments: [
            (0, 0, .vibrate, 20, nil), (0, 0, .vibrate, 0, nil), (0, 1, .rotate, -20, nil), (1, 0, .vibrate, 1, "DeviceNotAvailable"),
            (999, 0, .vibrate, 1, "DeviceNotAvailable"), (0, 3, .vibrate, 1, "DeviceFeatureIndexError"),
            (0, 2, .vibrate, 1, "MessageNotSupported"),
            (0, 0, .rotate, 1, "MessageNotSupported"), (0, 0, .vibrate, 21, "DeviceStepRangeError"),
            (0, 0, .vibrate, -1, "DeviceStepRangeError"),
            (0, 1, .rotate, -21, "DeviceStepRangeError"), (0, 1, .rotate, .min, "DeviceStepRangeError"),
        ] as [(UInt32, UInt32, OutputType, Int32, String?)])
    func outputFailures(device: UInt32, feature: UInt32, type: OutputType, value: Int32, name: String?) {
        let client = Conversation(.v4)
        let failure = client.table.failure(of: OutputCommand(id: 1, device: device, feature: feature, type: type, value: value))
        #expect(nameOf(failure) == name)
    }

    @Test(
        "A sensor command for something that does not exist gets an error that names it",
        arguments: [
            (0, 2, .battery, .read, nil), (70, 6, .button, .subscribe, nil), (70, 6, .button, .unsubscribe, nil),
            (1, 2, .battery, .read, "DeviceNotAvailable"), (0, 9, .battery, .read, "DeviceFeatureIndexError"),
            (0, 0, .battery, .read, "MessageNotSupported"), (0, 2, .button, .read, "MessageNotSupported"),
            (0, 2, .battery, .subscribe, "MessageNotSupported"), (70, 6, .button, .read, "MessageNotSupported"),
        ] as [(UInt32, UInt32, InputType, InputCommand, String?)])
    func inputFailures(device: UInt32, feature: UInt32, type: InputType, command: InputCommand, name: String?) {
        let client = Conversation(.v4)
        #expect(nameOf(client.table.failure(ofInput: type, command, device: device, feature: feature)) == name)
    }

    private func nameOf(_ failure: Failure?) -> String? {
        guard let failure else { return nil }
        let frame = Frames.written { ServerSession.error(1, failure, into: &$0) }[0]
        return frame.split(separator: "\\\"").map(String.init)[3]
    }
}
