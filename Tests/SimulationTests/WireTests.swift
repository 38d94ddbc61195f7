// The simulated clients' own writer and reader of messages.
// Must not use the router's reader or writer.

import Buttplug
import Testing

@testable import simulate

@Suite struct WireTests {
    func text(_ version: SpecVersion, _ kind: SimulatedRequest.Kind) -> String {
        var writer = RequestWriter(version)
        writer.write(SimulatedRequest(id: 7, kind: kind))
        return String(decoding: writer.finished(), as: UTF8.self)
    }

    @Test("Each version has its own form of the handshake")
    func handshakes() {
        let kind = SimulatedRequest.Kind.handshake(name: "a")
        #expect(text(.v0, kind) == #"[{"RequestServerInfo":{"Id":7,"ClientName":"a"}}]"#)
        #expect(text(.v2, kind) == #"[{"RequestServerInfo":{"Id":7,"ClientName":"a","MessageVersion":2}}]"#)
        #expect(
            text(.v4, kind)
                == #"[{"RequestServerInfo":{"Id":7,"ClientName":"a","ProtocolVersionMajor":4,"ProtocolVersionMinor":0}}]"#)
    }

    @Test("Outputs are written in the message of the version")
    func outputs() {
        let part = RequestPart(feature: 1, type: .rotate, value: -5, index: 0, hundredths: 25)
        #expect(
            text(.v4, .outputs(device: 3, [part], legacyForm: .single))
                == #"[{"OutputCmd":{"Id":7,"DeviceIndex":3,"FeatureIndex":1,"Command":{"Rotate":{"Value":-5}}}}]"#)
        #expect(
            text(.v2, .outputs(device: 3, [part], legacyForm: .rotate))
                == #"[{"RotateCmd":{"Id":7,"DeviceIndex":3,"Rotations":[{"Index":0,"Speed":0.25,"Clockwise":false}]}}]"#)
        let two = [part, RequestPart(feature: 2, type: .vibrate, value: 1, index: 4, hundredths: 7)]
        #expect(
            text(.v3, .outputs(device: 3, two, legacyForm: .scalar))
                == #"[{"ScalarCmd":{"Id":7,"DeviceIndex":3,"Scalars":[{"Index":0,"Scalar":0.25,"ActuatorType":"Rotate"},"#
                + #"{"Index":4,"Scalar":0.07,"ActuatorType":"Vibrate"}]}}]"#)
    }

    @Test("Stops and sensors are written in the message of the version")
    func others() {
        let stop = SimulatedRequest.Kind.stop(device: 2, feature: 1, inputs: false, outputs: true)
        #expect(text(.v4, stop) == #"[{"StopCmd":{"Id":7,"DeviceIndex":2,"FeatureIndex":1,"Inputs":false}}]"#)
        #expect(text(.v0, stop) == #"[{"StopDeviceCmd":{"Id":7,"DeviceIndex":2}}]"#)
        let read = SimulatedRequest.Kind.read(device: 2, feature: 1, .battery)
        #expect(text(.v2, read) == #"[{"BatteryLevelCmd":{"Id":7,"DeviceIndex":2}}]"#)
        #expect(text(.v3, read) == #"[{"SensorReadCmd":{"Id":7,"DeviceIndex":2,"SensorIndex":0,"SensorType":"Battery"}}]"#)
    }

    @Test(
        "Fractions give the steps of the protocol",
        arguments: [(7, 100, 8), (14, 100, 15), (50, 127, 64), (51, 20, 11), (0, 9, 0)])
    func steps(_ hundredths: Int32, _ steps: Int32, _ expected: Int32) {
        #expect(LegacyLayout.steps(hundredths, of: LegacyOutput(feature: 0, type: .vibrate, steps: steps)) == expected)
    }

    @Test("A move with a duration is rounded down")
    func moveSteps() {
        #expect(LegacyLayout.steps(29, of: LegacyOutput(feature: 0, type: .hwPositionWithDuration, steps: 100)) == 28)
    }

    func read<T>(_ text: String, _ body: (ReplyReader?) -> T) -> T { Array(text.utf8).withUnsafeBytes { body(ReplyReader($0)) } }

    @Test("A reply is read with its kind, its request and its error code")
    func replies() {
        #expect(read(#"[{"Ok":{"Id":4294967295}}]"#) { $0?.id == .max && $0?.name == .ok })
        #expect(read(#"[{"Error":{"Id":3,"ErrorCode":4,"ErrorMessage":"\"Id\":9"}}]"#) { $0?.id == 3 && $0?.code == 4 })
        #expect(
            read(#"[{"DeviceList":{"Id":0,"Devices":{"0":{"DeviceIndex":0},"12":{"DeviceIndex":12}}}}]"#) {
                $0?.numbers("DeviceIndex") == [0, 12]
            })
    }

    @Test(
        "A text that is not one message is not read",
        arguments: ["", "[]", "{}", #"[{"Okay":{"Id":1}}]"#, #"[{"Ok":{}}]"#, #"{"Ok":{"Id":1}}"#])
    func notReplies(_ text: String) { #expect(read(text) { $0 == nil }) }
}
