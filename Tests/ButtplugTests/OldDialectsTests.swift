// Spec versions 0 to 2, text by text: the requests in a client's messages, and how devices are listed for it.

import Testing

@testable import Buttplug

@Suite struct OldDialectsTests {
    @Test(
        "Every message of v0 to v2 is the request that the specification says",
        arguments: [
            (.v0, #"[{"SingleMotorVibrateCmd":{"Id":6,"DeviceIndex":0,"Speed":0.5}}]"#, "6 0.0 vibrate 10"),
            (
                .v1, #"[{"SingleMotorVibrateCmd":{"Id":6,"DeviceIndex":70,"Speed":0.5}}]"#,
                "6 70.0 vibrate 50 + 70.1 vibrate 5 + 70.5 vibrate 64"
            ),
            (.v0, #"[{"StopDeviceCmd":{"Id":6,"DeviceIndex":0}}]"#, "6 stop 0.- inputs outputs"),
            (.v0, #"[{"StopAllDevices":{"Id":6}}]"#, "6 stop -.- inputs outputs"),
            (.v0, #"[{"RequestDeviceList":{"Id":6}}]"#, "6 deviceList"),
            (.v0, #"[{"Test":{"Id":6,"TestString":"h\u00e9 \"x\""}}]"#, #"6 test hé "x""#),
            (.v1, #"[{"Test":{"Id":6,"TestString":""}}]"#, "6 test "),
            (.v0, #"[{"RequestLog":{"Id":6,"LogLevel":"Off"}}]"#, "6 requestLog"),
            (.v1, #"[{"RequestLog":{"LogLevel":"Trace","Id":6}}]"#, "6 requestLog"),
            (.v1, #"[{"VibrateCmd":{"Id":6,"DeviceIndex":0,"Speeds":[{"Index":0,"Speed":0.07}]}}]"#, "6 0.0 vibrate 2"),
            (
                .v2, #"[{"VibrateCmd":{"Speeds":[{"Speed":1,"Index":2},{"Speed":0.0,"Index":0}],"DeviceIndex":70,"Id":6}}]"#,
                "6 70.0 vibrate 0 + 70.5 vibrate 127"
            ),
            (.v1, #"[{"RotateCmd":{"Id":6,"DeviceIndex":0,"Rotations":[{"Index":0,"Speed":0.5,"Clockwise":true}]}}]"#, "6 0.1 rotate 10"),
            (
                .v2, #"[{"LinearCmd":{"Id":6,"DeviceIndex":4,"Vectors":[{"Index":0,"Duration":0,"Position":1}]}}]"#,
                "6 4.0 hwPositionWithDuration 1000 in 0"
            ),
            (.v2, #"[{"BatteryLevelCmd":{"Id":6,"DeviceIndex":0}}]"#, "6 read 0.2 battery batteryLevel"),
            (.v2, #"[{"RSSILevelCmd":{"Id":6,"DeviceIndex":0}}]"#, "6 read 0.2 rssi rssiLevel"),
            // Python's way of writing, with the Id last.
            (.v1, #"[{"VibrateCmd": {"DeviceIndex": 0, "Speeds": [{"Index": 0, "Speed": 0.5}], "Id": 6}}]"#, "6 0.0 vibrate 10"),
        ] as [(SpecVersion, String, String)])
    func messages(version: SpecVersion, text: String, request: String) {
        var client = Conversation(version)
        #expect(client.receive(text) == [request])
    }

    @Test(
        "A request that cannot be carried out is an error with the message's Id",
        arguments: [
            (.v0, #"[{"SingleMotorVibrateCmd":{"Id":6,"DeviceIndex":1,"Speed":0.5}}]"#, Expected.device(#"\"DeviceNotAvailable\":1"#)),
            (
                .v0, #"[{"SingleMotorVibrateCmd":{"Id":6,"DeviceIndex":4,"Speed":0.5}}]"#,
                Expected.device(#"\"DeviceFeatureMismatch\":\"Device has no Vibrate features\""#)
            ),
            (
                .v1, #"[{"VibrateCmd":{"Id":6,"DeviceIndex":4,"Speeds":[{"Index":0,"Speed":0},{"Index":1,"Speed":0}]}}]"#,
                Expected.device(#"\"DeviceFeatureCountMismatch\":[0,2]"#)
            ),
            (
                .v2, #"[{"VibrateCmd":{"Id":6,"DeviceIndex":0,"Speeds":[{"Index":1,"Speed":0}]}}]"#,
                Expected.device(#"\"DeviceFeatureCountMismatch\":[1,1]"#)
            ),
            (
                .v2, #"[{"VibrateCmd":{"Id":6,"DeviceIndex":0,"Speeds":[{"Index":4294967295,"Speed":0}]}}]"#,
                Expected.device(#"\"DeviceFeatureCountMismatch\":[4294967295,1]"#)
            ),
            (
                .v2, #"[{"BatteryLevelCmd":{"Id":6,"DeviceIndex":4}}]"#,
                Expected.device(#"\"DeviceConfigurationError\":\"Device configuration does not have Battery sensor available.\""#)
            ),
            (
                .v2, #"[{"RSSILevelCmd":{"Id":6,"DeviceIndex":70}}]"#,
                Expected.device(#"\"DeviceConfigurationError\":\"Device configuration does not have RSSI sensor available.\""#)
            ),
            (.v2, #"[{"BatteryLevelCmd":{"Id":6,"DeviceIndex":9}}]"#, Expected.device(#"\"DeviceNotAvailable\":9"#)),
            (.v0, #"[{"Test":{"Id":6,"TestString":"Error"}}]"#, #""ErrorCode":3,"ErrorMessage":"an error, as asked""#),
            (.v0, #"[{"KiirooCmd":{"Id":6,"DeviceIndex":0,"Command":"4"}}]"#, Expected.conversion("KiirooCmd")),
            (
                .v1, #"[{"FleshlightLaunchFW12Cmd":{"DeviceIndex":9,"Position":95,"Speed":80,"Id":6}}]"#,
                Expected.conversion("FleshlightLaunchFW12Cmd")
            ),
            (.v1, #"[{"LovenseCmd":{"Id":6,"DeviceIndex":0,"Command":"Vibrate:5;"}}]"#, Expected.conversion("LovenseCmd")),
            (
                .v1, #"[{"VorzeA10CycloneCmd":{"Id":6,"DeviceIndex":0,"Speed":50,"Clockwise":true}}]"#,
                Expected.conversion("VorzeA10CycloneCmd")
            ),
            (.v0, #"[{"RawCmd":{"Id":6,"DeviceIndex":0,"Command":[1,2]}}]"#, Expected.conversion("RawCmd")),
            (
                .v2, #"[{"RawReadCmd":{"Id":6,"DeviceIndex":0,"Endpoint":"rx","ExpectedLength":0,"WaitForData":false}}]"#,
                Expected.conversion("RawReadCmd")
            ),
            (.v2, #"[{"RawSubscribeCmd":{"Id":6,"DeviceIndex":0,"Endpoint":"rx"}}]"#, Expected.conversion("RawSubscribeCmd")),
            (.v2, #"[{"RawUnsubscribeCmd":{"Id":6,"DeviceIndex":0,"Endpoint":"rx"}}]"#, Expected.conversion("RawUnsubscribeCmd")),
        ] as [(SpecVersion, String, String)])
    func errors(version: SpecVersion, text: String, error: String) {
        var client = Conversation(version)
        #expect(client.receive(text) == [#"[{"Error":{"Id":6,\#(error)}}]"#])
    }

    @Test(
        "Lists have the commands of each version",
        arguments: [
            (.v0, [#"["SingleMotorVibrateCmd","StopDeviceCmd"]"#, #"["StopDeviceCmd"]"#, #"["SingleMotorVibrateCmd","StopDeviceCmd"]"#]),
            (
                .v1,
                [
                    #"{"VibrateCmd":{"FeatureCount":1},"RotateCmd":{"FeatureCount":1},"SingleMotorVibrateCmd":{},"StopDeviceCmd":{}}"#,
                    #"{"LinearCmd":{"FeatureCount":2},"StopDeviceCmd":{}}"#,
                    #"{"VibrateCmd":{"FeatureCount":3},"SingleMotorVibrateCmd":{},"StopDeviceCmd":{}}"#,
                ]
            ),
            (
                .v2,
                [
                    #"{"VibrateCmd":{"FeatureCount":1,"StepCount":[20]},"RotateCmd":{"FeatureCount":1,"StepCount":[20]},"#
                        + #""BatteryLevelCmd":{},"RSSILevelCmd":{},"StopDeviceCmd":{}}"#,
                    #"{"LinearCmd":{"FeatureCount":2,"StepCount":[1000,99]},"StopDeviceCmd":{}}"#,
                    #"{"VibrateCmd":{"FeatureCount":3,"StepCount":[100,10,127]},"StopDeviceCmd":{}}"#,
                ]
            ),
        ] as [(SpecVersion, [String])])
    func lists(version: SpecVersion, messages: [String]) {
        let devices = zip(
            ["0,\"DeviceName\":\"Example Rabbit\"", "4,\"DeviceName\":\"Example Stroker\"", "70,\"DeviceName\":\"Wand\""], messages
        )
        .map { #""DeviceIndex":\#($0),"DeviceMessages":\#($1)"# }
        var client = Conversation(version)
        let list = client.say { $0.deviceList(2, devices: $1, into: &$2) }
        #expect(list == [#"[{"DeviceList":{"Id":2,"Devices":["# + devices.map { "{\($0)}" }.joined(separator: ",") + "]}}]"])
        var other = Conversation(version, devices: [])
        for device in Fixtures.all { other.table.insert(device) }
        #expect(other.say { $0.deviceListChanged($1, into: &$2) } == devices.map { #"[{"DeviceAdded":{"Id":0,\#($0)}}]"# })
    }
}
