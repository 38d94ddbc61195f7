// The bytes that a client writes in both versions; and when it writes nothing.

import Host
import Testing

@testable import Buttplug

@Suite struct ClientRequestsTests {
    private static let listV3 =
        #"[{"DeviceList":{"Id":9,"Devices":[{"DeviceIndex":4,"DeviceName":"Rig","DeviceMessages":{"#
        + #""ScalarCmd":[{"FeatureDescriptor":"","StepCount":20,"ActuatorType":"Inflate"},"#
        + #"{"FeatureDescriptor":"A","StepCount":20,"ActuatorType":"Vibrate"},"#
        + #"{"FeatureDescriptor":"B","StepCount":8,"ActuatorType":"Rotate"},"#
        + #"{"FeatureDescriptor":"C","StepCount":100,"ActuatorType":"Position"}],"#
        + #""RotateCmd":[{"FeatureDescriptor":"B","StepCount":8,"ActuatorType":"Rotate"}],"#
        + #""LinearCmd":[{"FeatureDescriptor":"D","StepCount":99,"ActuatorType":"Linear"},"#
        + #"{"FeatureDescriptor":"C","StepCount":100,"ActuatorType":"Position"}],"#
        + #""SensorReadCmd":[{"FeatureDescriptor":"E","SensorType":"Battery","SensorRange":[[0,100]]}],"#
        + #""SensorSubscribeCmd":[{"FeatureDescriptor":"F","SensorType":"Wind","SensorRange":[[0,1]]},"#
        + #"{"FeatureDescriptor":"E","SensorType":"Battery","SensorRange":[[0,100]]}],"#
        + #""StopDeviceCmd":{}}}]}}]"#

    private typealias Say = @Sendable (inout ClientSession, inout MessageBuffer) -> UInt32?

    private static let common: [(Say, String)] = [
        ({ $0.requestDeviceList(into: &$1) }, #"[{"RequestDeviceList":{"Id":2}}]"#),
        ({ $0.startScanning(into: &$1) }, #"[{"StartScanning":{"Id":2}}]"#),
        ({ $0.stopScanning(into: &$1) }, #"[{"StopScanning":{"Id":2}}]"#),
        ({ $0.ping(into: &$1) }, #"[{"Ping":{"Id":2}}]"#),
    ]

    private static let v4: [(Say, String)] = [
        ({ $0.disconnect(into: &$1) }, #"[{"Disconnect":{"Id":2}}]"#),
        (
            { $0.output(device: 4, feature: 1, type: .vibrate, value: 12, into: &$1) },
            #"[{"OutputCmd":{"Id":2,"DeviceIndex":4,"FeatureIndex":1,"Command":{"Vibrate":{"Value":12}}}}]"#
        ),
        (
            { $0.output(device: 4, feature: 1, type: .rotate, value: -3, duration: 9, into: &$1) },
            #"[{"OutputCmd":{"Id":2,"DeviceIndex":4,"FeatureIndex":1,"Command":{"Rotate":{"Value":-3}}}}]"#
        ),
        (
            { $0.output(device: 0, feature: 0, type: .hwPositionWithDuration, value: 750, duration: 400, into: &$1) },
            #"[{"OutputCmd":{"Id":2,"DeviceIndex":0,"FeatureIndex":0,"Command":{"HwPositionWithDuration":{"Value":750,"Duration":400}}}}]"#
        ),
        (
            { $0.output(device: .max, feature: .max, type: .led, value: .max, into: &$1) },
            #"[{"OutputCmd":{"Id":2,"DeviceIndex":4294967295,"FeatureIndex":4294967295,"Command":{"Led":{"Value":2147483647}}}}]"#
        ),
        (
            { $0.read(device: 4, feature: 2, type: .battery, into: &$1) },
            #"[{"InputCmd":{"Id":2,"DeviceIndex":4,"FeatureIndex":2,"Type":"Battery","Command":"Read"}}]"#
        ),
        (
            { $0.subscribe(device: 4, feature: 2, type: .rssi, into: &$1) },
            #"[{"InputCmd":{"Id":2,"DeviceIndex":4,"FeatureIndex":2,"Type":"Rssi","Command":"Subscribe"}}]"#
        ),
        (
            { $0.unsubscribe(device: 4, feature: 2, type: .pressure, into: &$1) },
            #"[{"InputCmd":{"Id":2,"DeviceIndex":4,"FeatureIndex":2,"Type":"Pressure","Command":"Unsubscribe"}}]"#
        ),
        ({ $0.stop(into: &$1) }, #"[{"StopCmd":{"Id":2}}]"#),
        ({ $0.stop(device: 4, into: &$1) }, #"[{"StopCmd":{"Id":2,"DeviceIndex":4}}]"#),
        ({ $0.stop(feature: 1, into: &$1) }, #"[{"StopCmd":{"Id":2}}]"#),
        (
            { $0.stop(device: 4, feature: 1, inputs: false, into: &$1) },
            #"[{"StopCmd":{"Id":2,"DeviceIndex":4,"FeatureIndex":1,"Inputs":false}}]"#
        ),
        ({ $0.stop(outputs: false, into: &$1) }, #"[{"StopCmd":{"Id":2,"Outputs":false}}]"#),
    ]

    // Features of the list above: 0 Vibrate (scalar 1), 1 Rotate (scalar 2, rotation 0), 2 Position (scalar 3, move 1), 3 move 0, 4 Battery.
    private static let v3: [(Say, String)] = [
        (
            { $0.output(device: 4, feature: 0, type: .vibrate, value: 5, into: &$1) },
            #"[{"ScalarCmd":{"Id":2,"DeviceIndex":4,"Scalars":[{"Index":1,"Scalar":0.25,"ActuatorType":"Vibrate"}]}}]"#
        ),
        (
            { $0.output(device: 4, feature: 1, type: .rotate, value: -8, into: &$1) },
            #"[{"RotateCmd":{"Id":2,"DeviceIndex":4,"Rotations":[{"Index":0,"Speed":1,"Clockwise":false}]}}]"#
        ),
        (
            { $0.output(device: 4, feature: 1, type: .rotate, value: 0, into: &$1) },
            #"[{"RotateCmd":{"Id":2,"DeviceIndex":4,"Rotations":[{"Index":0,"Speed":0,"Clockwise":true}]}}]"#
        ),
        (
            { $0.output(device: 4, feature: 2, type: .position, value: 75, into: &$1) },
            #"[{"ScalarCmd":{"Id":2,"DeviceIndex":4,"Scalars":[{"Index":3,"Scalar":0.75,"ActuatorType":"Position"}]}}]"#
        ),
        (
            { $0.output(device: 4, feature: 2, type: .hwPositionWithDuration, value: 29, duration: 400, into: &$1) },
            #"[{"LinearCmd":{"Id":2,"DeviceIndex":4,"Vectors":[{"Index":1,"Duration":400,"Position":0.29001}]}}]"#
        ),
        (
            { $0.output(device: 4, feature: 3, type: .hwPositionWithDuration, value: 99, into: &$1) },
            #"[{"LinearCmd":{"Id":2,"DeviceIndex":4,"Vectors":[{"Index":0,"Duration":0,"Position":1}]}}]"#
        ),
        (
            { $0.read(device: 4, feature: 4, type: .battery, into: &$1) },
            #"[{"SensorReadCmd":{"Id":2,"DeviceIndex":4,"SensorIndex":0,"SensorType":"Battery"}}]"#
        ),
        (
            { $0.subscribe(device: 4, feature: 4, type: .battery, into: &$1) },
            #"[{"SensorSubscribeCmd":{"Id":2,"DeviceIndex":4,"SensorIndex":1,"SensorType":"Battery"}}]"#
        ),
        (
            { $0.unsubscribe(device: 4, feature: 4, type: .battery, into: &$1) },
            #"[{"SensorUnsubscribeCmd":{"Id":2,"DeviceIndex":4,"SensorIndex":1,"SensorType":"Battery"}}]"#
        ),
        ({ $0.stop(into: &$1) }, #"[{"StopAllDevices":{"Id":2}}]"#),
        ({ $0.stop(device: 9, into: &$1) }, #"[{"StopDeviceCmd":{"Id":2,"DeviceIndex":9}}]"#),
        (
            { $0.stop(device: 4, feature: 0, into: &$1) },
            #"[{"ScalarCmd":{"Id":2,"DeviceIndex":4,"Scalars":[{"Index":1,"Scalar":0,"ActuatorType":"Vibrate"}]}}]"#
        ),
        (
            { $0.stop(device: 4, feature: 1, inputs: false, into: &$1) },
            #"[{"RotateCmd":{"Id":2,"DeviceIndex":4,"Rotations":[{"Index":0,"Speed":0,"Clockwise":true}]}}]"#
        ),
        ({ $0.stop(device: 4, feature: 2, into: &$1) }, #"[{"StopDeviceCmd":{"Id":2,"DeviceIndex":4}}]"#),
        ({ $0.stop(device: 4, feature: 77, into: &$1) }, #"[{"StopDeviceCmd":{"Id":2,"DeviceIndex":4}}]"#),
    ]

    @Test("Each request of version 4 is one message, with exactly these bytes", arguments: (common + v4).indices)
    func writtenV4(i: Int) {
        var client = ClientConversation(.v4)
        let (say, text) = (Self.common + Self.v4)[i]
        #expect(client.say(say) == [text])
        #expect(client.session.nextID == 3)
    }

    @Test("Each request of version 3 is one message, with exactly these bytes", arguments: (common + v3).indices)
    func writtenV3(i: Int) {
        var client = ClientConversation(.v3)
        _ = client.receive(Self.listV3)
        let (say, text) = (Self.common + Self.v3)[i]
        #expect(client.say(say) == [text])
        #expect(client.session.nextID == 3)
    }

    private static let unsayable: [(SpecVersion, Say)] = [
        (.v4, { $0.output(device: 0, feature: 0, type: .hwPositionWithDuration, value: -1, into: &$1) }),
        (.v3, { $0.disconnect(into: &$1) }),
        (.v3, { $0.output(device: 5, feature: 0, type: .vibrate, value: 1, into: &$1) }),
        (.v3, { $0.output(device: 4, feature: 9, type: .vibrate, value: 1, into: &$1) }),
        (.v3, { $0.output(device: 4, feature: 0, type: .constrict, value: 1, into: &$1) }),
        (.v3, { $0.output(device: 4, feature: 0, type: .vibrate, value: 21, into: &$1) }),
        (.v3, { $0.output(device: 4, feature: 0, type: .vibrate, value: -1, into: &$1) }),
        (.v3, { $0.output(device: 4, feature: 1, type: .rotate, value: .min, into: &$1) }),
        (.v3, { $0.output(device: 4, feature: 2, type: .hwPositionWithDuration, value: 101, into: &$1) }),
        (.v3, { $0.output(device: 4, feature: 2, type: .hwPositionWithDuration, value: -1, into: &$1) }),
        (.v3, { $0.read(device: 4, feature: 0, type: .battery, into: &$1) }),
        (.v3, { $0.read(device: 4, feature: 4, type: .rssi, into: &$1) }),
        (.v3, { $0.stop(outputs: false, into: &$1) }),
    ]

    @Test("A request that a version does not have is not written, and uses no id", arguments: unsayable.indices)
    func unsaid(i: Int) {
        let (version, say) = Self.unsayable[i]
        var client = ClientConversation(version)
        if version == .v3 { _ = client.receive(Self.listV3) }
        #expect(client.say(say) == [])
        #expect(client.session.nextID == 2)
    }

    @Test("Before the handshake is answered, and after the end, no request is written")
    func notReady() {
        for end in [false, true] {
            for (say, _) in Self.common + Self.v4 {
                var client = ClientConversation(end ? .v4 : nil)
                if end { client.session.end() } else { _ = client.say { $0.greet(into: &$1) } }
                #expect(client.say(say) == [])
            }
        }
    }

    @Test("Ids go up to 4294967295 and then begin again with 1")
    func wrapping() {
        var client = ClientConversation(.v4, firstID: .max - 1)
        var ids: [UInt32?] = []
        for _ in 0..<3 {
            _ = client.say { session, buffer in
                ids.append(session.ping(into: &buffer))
                return nil
            }
        }
        #expect(ids == [.max, 1, 2])
    }

    @Test(
        "Signal strength is one sensor, requested with the server's spelling",
        arguments: [
            (#"{"RSSI":{"Command":["Read"]}}"#, "RSSI"), (#"{"Rssi":{"Command":["Read"]}}"#, "Rssi"),
            (#"{"Rssi":{"Command":[]},"RSSI":{"Command":["Read"]}}"#, "Rssi"),
        ])
    func signalStrength(input: String, asked: String) {
        var client = ClientConversation(.v4)
        _ = client.receive(#"[{"DeviceList":{"Id":0,"Devices":{"0":{"DeviceFeatures":{"0":{"Input":\#(input)}}}}}}]"#)
        #expect(client.session.devices.first?.description.features.first?.inputs == [InputRange(.rssi, ranges: [], canRead: true)])
        #expect(
            client.say { $0.read(device: 0, feature: 0, type: .rssi, into: &$1) }
                == [#"[{"InputCmd":{"Id":2,"DeviceIndex":0,"FeatureIndex":0,"Type":"\#(asked)","Command":"Read"}}]"#])
    }
}
