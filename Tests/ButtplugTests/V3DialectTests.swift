// Spec version 3, text by text: the requests in a client's messages, and how devices are listed for it.

import Testing

@testable import Buttplug

@Suite struct V3DialectTests {
    @Test(
        "Every message of v3 is the request that the specification says",
        arguments: [
            (
                #"[{"ScalarCmd":{"Id":6,"DeviceIndex":0,"Scalars":[{"Index":0,"Scalar":0.51,"ActuatorType":"Vibrate"}]}}]"#,
                "6 0.0 vibrate 11"
            ),
            (#"[{"ScalarCmd":{"Id":6,"DeviceIndex":0,"Scalars":[{"Index":1,"Scalar":0.5,"ActuatorType":"rotate"}]}}]"#, "6 0.1 rotate 10"),
            (
                #"[{"ScalarCmd":{"Id":6,"DeviceIndex":4,"Scalars":[{"Index":0,"Scalar":0.3,"ActuatorType":"Position"}]}}]"#,
                "6 4.0 position 300"
            ),
            // By feature index, for any order in the message; two of one feature stay in order.
            (
                #"[{"ScalarCmd":{"Id":6,"DeviceIndex":70,"Scalars":[{"Index":3,"Scalar":1,"ActuatorType":"Vibrate"},{"Index":0,"#
                    + #""Scalar":0,"ActuatorType":"Vibrate"},{"Index":3,"Scalar":0.1,"ActuatorType":"Vibrate"}]}}]"#,
                "6 70.0 vibrate 0 + 70.5 vibrate 127 + 70.5 vibrate 13"
            ),
            // The index finds the feature, the type its output.
            (
                #"[{"ScalarCmd":{"Id":6,"DeviceIndex":70,"Scalars":[{"Index":1,"Scalar":1,"ActuatorType":"Vibrate"}]}}]"#,
                "6 70.1 vibrate 10"
            ),
            (
                #"[{"ScalarCmd":{"Id":6,"DeviceIndex":70,"Scalars":[{"Index":2,"Scalar":1,"ActuatorType":"Constrict"}]}}]"#,
                "6 70.1 constrict 3"
            ),
            (#"[{"VibrateCmd":{"Id":6,"DeviceIndex":70,"Speeds":[{"Index":2,"Speed":1}]}}]"#, "6 70.5 vibrate 127"),
            (#"[{"RotateCmd":{"Id":6,"DeviceIndex":0,"Rotations":[{"Index":0,"Speed":1.0,"Clockwise":false}]}}]"#, "6 0.1 rotate -20"),
            (
                #"[{"LinearCmd":{"Id":6,"DeviceIndex":4,"Vectors":[{"Index":1,"Duration":500,"Position":0.5}]}}]"#,
                "6 4.3 hwPositionWithDuration 49 in 500"
            ),
            (
                #"[{"LinearCmd":{"Id":6,"DeviceIndex":4,"Vectors":[{"Index":0,"Duration":500.0,"Position":0.5}]}}]"#,
                "6 4.0 hwPositionWithDuration 500 in 500"
            ),
            (#"[{"LinearCmd":{"Id":6,"DeviceIndex":4,"Vectors":[]}}]"#, "6 "),
            (#"[{"StopDeviceCmd":{"Id":5,"DeviceIndex":0}}]"#, "5 stop 0.- inputs outputs"),
            (#"[{"StopAllDevices":{"Id":5}}]"#, "5 stop -.- inputs outputs"), (#"[{"Ping":{"Id":5}}]"#, "5 ping"),
            (#"[{"RequestDeviceList":{"Id":5}}]"#, "5 deviceList"), (#"[{"StartScanning":{"Id":5}}]"#, "5 startScanning"),
            (
                #"[{"SensorReadCmd":{"Id":7,"DeviceIndex":0,"SensorIndex":0,"SensorType":"Battery"}}]"#,
                "7 read 0.2 battery sensor(index: 0, upperRSSI: false)"
            ),
            (
                #"[{"SensorReadCmd":{"Id":7,"DeviceIndex":0,"SensorIndex":1,"SensorType":"RSSI"}}]"#,
                "7 read 0.2 rssi sensor(index: 1, upperRSSI: true)"
            ),
            // An index without a sensor of that type: the first sensor of the type.
            (
                #"[{"SensorReadCmd":{"Id":7,"DeviceIndex":0,"SensorIndex":9,"SensorType":"rssi"}}]"#,
                "7 read 0.2 rssi sensor(index: 9, upperRSSI: false)"
            ),
            (
                #"[{"SensorSubscribeCmd":{"Id":8,"DeviceIndex":70,"SensorIndex":1,"SensorType":"Pressure"}}]"#,
                "8 subscribe 70.6 pressure sensor(index: 1, upperRSSI: false)"
            ),
            // An index among the sensors that can be read, as one client counts.
            (
                #"[{"SensorUnsubscribeCmd":{"Id":8,"DeviceIndex":70,"SensorIndex":0,"SensorType":"Pressure"}}]"#,
                "8 unsubscribe 70.6 pressure sensor(index: 0, upperRSSI: false)"
            ),
            (
                #"[{"SensorSubscribeCmd":{"Id":8,"DeviceIndex":70,"SensorIndex":0,"SensorType":"Button"}}]"#,
                "8 subscribe 70.6 button sensor(index: 0, upperRSSI: false)"
            ),
        ] as [(String, String)])
    func messages(text: String, request: String) {
        var client = Conversation(.v3)
        #expect(client.receive(text) == [request])
    }

    @Test(
        "A request that a device cannot carry out is an error of that one message, and the rest of the text is carried out",
        arguments: [
            (
                #"{"ScalarCmd":{"Id":6,"DeviceIndex":9,"Scalars":[{"Index":0,"Scalar":0,"ActuatorType":"Vibrate"}]}}"#,
                Expected.device(#"\"DeviceNotAvailable\":9"#)
            ),
            (
                #"{"ScalarCmd":{"Id":6,"DeviceIndex":0,"Scalars":[{"Index":0,"Scalar":1,"ActuatorType":"Vibrate"},"#
                    + #"{"Index":2,"Scalar":0,"ActuatorType":"Vibrate"}]}}"#,
                Expected.device(#"\"DeviceFeatureIndexError\":[2,2]"#)
            ),
            (
                #"{"ScalarCmd":{"Id":6,"DeviceIndex":0,"Scalars":[{"Index":0,"Scalar":0,"ActuatorType":"Rotate"}]}}"#,
                Expected.notSupported("ScalarCmdV3")
            ),
            (
                #"{"ScalarCmd":{"Id":6,"DeviceIndex":0,"Scalars":[{"Index":0,"Scalar":1.01,"ActuatorType":"Vibrate"}]}}"#,
                Expected.notSupported("ScalarCmdV3")
            ),
            (
                #"{"RotateCmd":{"Id":6,"DeviceIndex":4,"Rotations":[{"Index":0,"Speed":0,"Clockwise":true}]}}"#,
                Expected.notSupported("RotateCmd")
            ),
            (
                #"{"RotateCmd":{"Id":6,"DeviceIndex":0,"Rotations":[{"Index":1,"Speed":0,"Clockwise":true}]}}"#,
                Expected.device(#"\"DeviceFeatureIndexError\":[1,1]"#)
            ),
            (
                #"{"LinearCmd":{"Id":6,"DeviceIndex":0,"Vectors":[]}}"#,
                Expected.device(#"\"DeviceFeatureMismatch\":\"Device has no PositionWithDuration features\""#)
            ),
            (
                #"{"LinearCmd":{"Id":6,"DeviceIndex":4,"Vectors":[{"Index":2,"Duration":0,"Position":0}]}}"#,
                Expected.device(#"\"DeviceFeatureIndexError\":[2,2]"#)
            ),
            (
                #"{"SensorReadCmd":{"Id":6,"DeviceIndex":0,"SensorIndex":0,"SensorType":"Button"}}"#,
                Expected.notSupported("SensorReadCmdV3")
            ),
            (
                #"{"SensorSubscribeCmd":{"Id":6,"DeviceIndex":0,"SensorIndex":0,"SensorType":"Battery"}}"#,
                Expected.notSupported("SensorSubscribeCmdV3")
            ),
            (
                #"{"SensorUnsubscribeCmd":{"Id":6,"DeviceIndex":0,"SensorIndex":0,"SensorType":"Battery"}}"#,
                Expected.notSupported("SensorUnsubscribeCmdV3")
            ),
            (
                #"{"RawWriteCmd":{"Id":6,"DeviceIndex":0,"Endpoint":"tx","Data":[1],"WriteWithResponse":false}}"#,
                Expected.conversion("RawWriteCmd")
            ),
        ] as [(String, String)])
    func errors(element: String, error: String) {
        var client = Conversation(.v3)
        let said = client.receive(#"[{"Ping":{"Id":5}},\#(element),{"Ping":{"Id":7}}]"#)
        #expect(said == ["5 ping", #"[{"Error":{"Id":6,\#(error)}}]"#, "7 ping"])
        #expect(client.batch.parts.count == 0)
    }

    @Test("A scalar for a device without scalars does nothing, and is answered with Ok")
    func nothingToDo() {
        var client = Conversation(.v3, devices: [Fixtures.empty])
        #expect(
            client.receive(#"[{"ScalarCmd":{"Id":6,"DeviceIndex":7,"Scalars":[{"Index":0,"Scalar":1,"ActuatorType":"Vibrate"}]}}]"#) == [
                "6 "
            ])
    }

    private static let rabbit =
        #""DeviceIndex":0,"DeviceName":"Example Rabbit","DeviceMessageTimingGap":0,"DeviceMessages":{"#
        + #""ScalarCmd":[{"FeatureDescriptor":"","StepCount":20,"ActuatorType":"Vibrate"},{"FeatureDescriptor":"Shaft","#
        + #""StepCount":20,"ActuatorType":"Rotate"}],"#
        + #""RotateCmd":[{"FeatureDescriptor":"Shaft","StepCount":20,"ActuatorType":"Rotate"}],"#
        + #""SensorReadCmd":[{"FeatureDescriptor":"battery Level","SensorType":"Battery","SensorRange":[[0,100]]},"#
        + #"{"FeatureDescriptor":"battery Level","SensorType":"RSSI","SensorRange":[[-128,0]]}],"StopDeviceCmd":{}}"#

    private static let stroker =
        #""DeviceIndex":4,"DeviceName":"Example Stroker","DeviceDisplayName":"Desk \"unit\"","DeviceMessageTimingGap":50,"#
        + #""DeviceMessages":{"#
        + #""ScalarCmd":[{"FeatureDescriptor":"Axis","StepCount":1000,"ActuatorType":"Position"}],"#
        + #""LinearCmd":[{"FeatureDescriptor":"Axis","StepCount":1000,"ActuatorType":"Position"},"#
        + #"{"FeatureDescriptor":"","StepCount":99,"ActuatorType":"Position"}],"StopDeviceCmd":{}}"#

    private static let wand =
        #""DeviceIndex":70,"DeviceName":"Wand","DeviceMessageTimingGap":0,"DeviceMessages":{"#
        + #""ScalarCmd":[{"FeatureDescriptor":"","StepCount":100,"ActuatorType":"Vibrate"},{"FeatureDescriptor":"","StepCount":3,"#
        + #""ActuatorType":"Constrict"},"#
        + #"{"FeatureDescriptor":"","StepCount":10,"ActuatorType":"Vibrate"},{"FeatureDescriptor":"Tip","StepCount":127,"#
        + #""ActuatorType":"Vibrate"}],"#
        + #""SensorReadCmd":[{"FeatureDescriptor":"Grip","SensorType":"Pressure","SensorRange":[[0,4095],[0,255]]}],"#
        + #""SensorSubscribeCmd":[{"FeatureDescriptor":"Grip","SensorType":"Button","SensorRange":[[0,1]]},"#
        + #"{"FeatureDescriptor":"Grip","SensorType":"Pressure","SensorRange":[[0,4095],[0,255]]}],"StopDeviceCmd":{}}"#

    @Test("The list has an array of devices, each with the lists that indices refer to")
    func list() {
        var client = Conversation(.v3)
        let list = client.say { $0.deviceList(2, devices: $1, into: &$2) }
        #expect(list == [#"[{"DeviceList":{"Id":2,"Devices":[{\#(Self.rabbit)},{\#(Self.stroker)},{\#(Self.wand)}]}}]"#])
    }

    @Test("A device that comes is added with Id 0")
    func added() {
        var client = Conversation(.v3, devices: [])
        client.table.insert(Fixtures.wand)
        #expect(client.say { $0.deviceListChanged($1, into: &$2) } == [#"[{"DeviceAdded":{"Id":0,\#(Self.wand)}}]"#])
    }
}
