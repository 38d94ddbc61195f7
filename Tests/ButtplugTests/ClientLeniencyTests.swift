// What a client makes of every message of a server, and of messages that a server should not send.

import Host
import Testing

@testable import Buttplug

@Suite struct ClientLeniencyTests {
    private static let bad = ServerEvent.malformed(0, "")

    @Test(
        "Each message of version 4 is understood in any order and layout and among others; unknown parts are skipped",
        arguments: [
            (#"[{"Ok":{"Id":4}}]"#, [.ok(4)]),
            (#"[{"Ok":{"Id":4294967295}}]"#, [.ok(.max)]),
            (#" [ { "Ok" : { "Id" : 4 } } ] "#, [.ok(4)]),
            (#"[{"Ok":{"Id":4.0,"More":[{"a":null}]}}]"#, [.ok(4)]),
            (#"[{"Ok":{"Id":0}}]"#, [.ok(0)]),
            (#"[{"Ok":{"Id":5}},{"Ok":{"Id":4}}]"#, [.ok(5), .ok(4)]),
            (#"[{"Ok":{"Id":5}}] [{"Ok":{"Id":4}}][]"#, [.ok(5), .ok(4)]),
            (#"[{"Ok":{"Id":5},"Ok":{"Id":6}}]"#, [.ok(5), .ok(6)]),
            (#"[]"#, []),
            (#"[{"Error":{"Id":3,"ErrorCode":4,"ErrorMessage":"{\"a\":1}"}}]"#, [.error(3, code: 4, text: #"{"a":1}"#)]),
            (#"[{"Error":{"ErrorMessage":"\ud83d\ude00","ErrorCode":9,"Id":0}}]"#, [.error(0, code: 9, text: "😀")]),
            (#"[{"Error":{"Id":3,"ErrorCode":4000,"ErrorMessage":null}}]"#, [.error(3, code: 255, text: "")]),
            (#"[{"Error":{}}]"#, [.error(0, code: 0, text: "")]),
            (#"[{"ScanningFinished":{"Id":0}}]"#, [.scanningFinished]),
            (#"[{"ScanningFinished":{}}]"#, [.scanningFinished]),
            (#"[{"Brandnew":{"Id":3,"Deep":[[[{"x":[1e5,"\u0000",true,null]}]]]}},{"Ok":{"Id":1}}]"#, [.ok(1)]),
            (#"[{"DeviceRemoved":{"Id":0,"DeviceIndex":1}},{"Ok":{"Id":1}}]"#, [.ok(1)]),
            (
                #"[{"InputReading":{"Id":4,"DeviceIndex":1,"FeatureIndex":2,"Reading":{"Battery":{"Value":85}}}}]"#,
                [.reading(4, device: 1, feature: 2, type: .battery, values: [85])]
            ),
            (
                #"[{"InputReading":{"Reading":{"RSSI":{"Value":-60.4,"Unit":"dB"}},"FeatureIndex":2,"DeviceIndex":1,"Id":0}}]"#,
                [.reading(0, device: 1, feature: 2, type: .rssi, values: [-60])]
            ),
            (
                #"[{"InputReading":{"Id":0,"DeviceIndex":1,"FeatureIndex":2,"Reading":{"Rssi":{"Value":-60},"RSSI":{"Value":-60}}}}]"#,
                [.reading(0, device: 1, feature: 2, type: .rssi, values: [-60])]
            ),
            (
                #"[{"InputReading":{"Id":0,"DeviceIndex":1,"FeatureIndex":2,"Reading":{"Pressure":{"Value":4294967295}}}}]"#,
                [.reading(0, device: 1, feature: 2, type: .pressure, values: [.max])]
            ),
            (
                #"[{"InputReading":{"Id":0,"DeviceIndex":1,"FeatureIndex":2,"Reading":{"Depth":{"Value":[1,2]}}}}]"#,
                [.reading(0, device: 1, feature: 2, type: .depth, values: [1, 2])]
            ),
            (#"[{"InputReading":{"Id":0,"DeviceIndex":1,"FeatureIndex":2,"Reading":{"Wind":{"Value":5}}}}]"#, []),
            (#"[{"InputReading":{"Id":8,"DeviceIndex":1,"FeatureIndex":2,"Reading":{"Wind":{"Value":5}}}}]"#, [.malformed(8, "")]),
            (#"[{"InputReading":{"Id":8,"DeviceIndex":1,"FeatureIndex":2,"Reading":{"Battery":{}}}}]"#, [.malformed(8, "")]),
            (#"[{"Ok":{"Id":-1}},{"Ok":{"Id":7}}]"#, [bad, .ok(7)]),
            (#"[{"Ok":{"Id":4294967296}},{"Ok":{"Id":7}}]"#, [bad, .ok(7)]),
            (#"[{"Ok":{}},{"Ok":7},{"Ok":{"Id":"7"}},5,{"Ok":{"Id":7}}]"#, [bad, bad, bad, bad, .ok(7)]),
            (#"[{"Ok":{"Id":7}},{"Ok":{"Id":8}"#, [.ok(7), .ok(8), bad]),
            (#"[{"Ok":{"Id":7}}] x"#, [.ok(7), bad]),
            (#"{"Ok":{"Id":7}}"#, [bad]),
            ("", [bad]),
            ("\u{FEFF}[]", [bad]),
        ] as [(String, [ServerEvent])])
    func messages(text: String, expected: [ServerEvent]) {
        var client = ClientConversation(.v4)
        #expect(client.receive(text).map(Self.withoutText) == expected)
        #expect(client.session.state == .ready(.v4))
    }

    /// A malformed event without its text.
    private static func withoutText(_ event: ServerEvent) -> ServerEvent {
        if case .malformed(let id, _) = event { .malformed(id, "") } else { event }
    }

    @Test(
        "Readings of version 3 name the requested feature, with any index from the server",
        arguments: [
            (#""Id":7,"SensorIndex":0,"SensorType":"Pressure""#, .reading(7, device: 70, feature: 4, type: .pressure, values: [1, -2])),
            (#""Id":0,"SensorIndex":1,"SensorType":"Pressure""#, .reading(0, device: 70, feature: 4, type: .pressure, values: [1, -2])),
            (#""Id":0,"SensorIndex":0,"SensorType":"button""#, .reading(0, device: 70, feature: 5, type: .button, values: [1, -2])),
            (#""Id":0,"SensorIndex":9,"SensorType":"Button""#, .reading(0, device: 70, feature: 5, type: .button, values: [1, -2])),
            (#""Id":0,"SensorIndex":0,"SensorType":"Battery""#, nil),
            (#""Id":7,"SensorIndex":0,"SensorType":"Wind""#, .malformed(7, "")),
        ] as [(String, ServerEvent?)])
    func sensorReadings(fields: String, expected: ServerEvent?) {
        var dialogue = Dialogue(.v3)
        _ = dialogue.ask { $0.requestDeviceList(into: &$1) }
        let events = dialogue.client.receive(#"[{"SensorReading":{"DeviceIndex":70,"Data":[1,-2],\#(fields)}}]"#)
        #expect(events.map(Self.withoutText) == (expected.map { [$0] } ?? []))
    }

    @Test("Of a list of version 4 everything known is kept, in order of index; the rest is left out and counted")
    func oddList() {
        var client = ClientConversation(.v4)
        let text =
            #"[{"DeviceList":{"Devices":{"10":{"DeviceName":"K","DeviceFeatures":null},"2":{"DeviceIndex":2,"DeviceName":null,"#
            + #""DeviceDisplayName":null,"DeviceMessageTimingGap":99.6,"Colour":"red","DeviceFeatures":{"7":{"FeatureIndex":7,"#
            + #""Output":{"Vibrate":{"Value":[0,20.0],"Curve":1},"Inflate":{"Value":[0,1]},"Led":{"Value":"dim"},"Spray":{"Value":[0,0]},"#
            + #""Rotate":{"Value":[-5,5]},"Temperature":{"Value":[-1,40]},"HwPositionWithDuration":{"Duration":[5,-5],"Value":[9,1]}},"#
            + #""Input":{"RSSI":{"Value":[-100,0],"Command":["Read"]},"Rssi":{"Value":[[-100,0]],"Command":["Subscribe","Sing"]},"#
            + #""Smell":{"Value":[],"Command":["Read"]},"Button":[]}},"1":{"FeatureDescription":"only unknown types","Output":{"Inflate":{}}},"#
            + #""0":{"FeatureDescription":"first","Output":{"oscillate":{"Value":[0,99999999999]}}}}}},"Id":3}}]"#
        let described = DeviceDescription(
            identity: "2", name: "", messageGapMilliseconds: 100,
            features: [
                Feature(index: 0, description: "first", outputs: [OutputRange(.oscillate, steps: .max)]),
                Feature(
                    index: 7,
                    outputs: [
                        OutputRange(.vibrate, steps: 20), OutputRange(.rotate, steps: 5, isSigned: true),
                        OutputRange(.temperature, steps: 40), OutputRange(.hwPositionWithDuration, steps: 9),
                    ], inputs: [InputRange(.rssi, ranges: [-100...0], canRead: true, canSubscribe: true)]),
            ])
        #expect(
            client.receive(text) == [
                .deviceList(
                    3,
                    [
                        DeviceInfo(index: 2, description: described),
                        DeviceInfo(index: 10, description: DeviceDescription(identity: "10", name: "K", features: [])),
                    ])
            ])
        #expect(client.session.ignored.types == 6)
        #expect(client.session.ignored.fields == 3)
    }

    @Test("Unknown entries of a list of version 3 are left out, but still count for the indices")
    func oddLegacyList() {
        var client = ClientConversation(.v3)
        let text =
            #"[{"DeviceList":{"Id":3,"Devices":[{"DeviceIndex":5,"DeviceMessages":{"ScalarCmd":[{"ActuatorType":"Inflate","StepCount":3},"#
            + #"{"ActuatorType":"led","StepCount":0},{"ActuatorType":"LED","StepCount":4,"Curve":2}],"RotateCmd":{"FeatureCount":1},"#
            + #""RawWriteCmd":{"Endpoints":["tx"]},"StopDeviceCmd":{},"SensorReadCmd":[{"SensorType":"RSSI","SensorRange":[-99,0]}]}}]}}]"#
        let features = [
            Feature(index: 0, outputs: [OutputRange(.led, steps: 4)]),
            Feature(index: 1, inputs: [InputRange(.rssi, ranges: [-99...0], canRead: true)]),
        ]
        #expect(
            client.receive(text) == [
                .deviceList(3, [DeviceInfo(index: 5, description: DeviceDescription(identity: "5", name: "", features: features))])
            ])
        #expect(client.session.ignored.types == 2)
        #expect(client.session.ignored.fields == 3)
        #expect(
            client.say { $0.output(device: 5, feature: 0, type: .led, value: 1, into: &$1) }
                == [#"[{"ScalarCmd":{"Id":2,"DeviceIndex":5,"Scalars":[{"Index":2,"Scalar":0.25,"ActuatorType":"Led"}]}}]"#])
        #expect(
            client.say { $0.read(device: 5, feature: 1, type: .rssi, into: &$1) }
                == [#"[{"SensorReadCmd":{"Id":3,"DeviceIndex":5,"SensorIndex":0,"SensorType":"RSSI"}}]"#])
    }

    @Test("Depth, messages and bytes of a text have limits; the messages before the limit count")
    func limits() {
        var limits = Limits()
        limits.requestsPerMessage = 3
        limits.messageBytes = 400
        var client = ClientConversation(.v4, limits: limits)
        let deep = String(repeating: "[", count: 60) + String(repeating: "]", count: 60)
        #expect(client.receive(#"[{"Novelty":{"a":\#(deep)}},{"Ok":{"Id":1}}]"#).map(Self.withoutText) == [Self.bad])
        let four = Array(repeating: #"{"Ok":{"Id":1}}"#, count: 4).joined(separator: ",")
        #expect(client.receive("[\(four)]").map(Self.withoutText) == [.ok(1), .ok(1), .ok(1), Self.bad])
        let long = String(repeating: " ", count: 400)
        #expect(client.receive(#"[{"Ok":{"Id":1}}]\#(long)"#).map(Self.withoutText) == [Self.bad])
        #expect(client.receive(#"[{"Ok":{"Id":1}}]"#) == [.ok(1)])
    }

    @Test("The fast reader of an Ok agrees with the general reader on every text, or leaves the text to it")
    func readOk() {
        for id: UInt32 in [0, 1, 9, 10, 99, 1_234_567, 12_345_678, 4_294_967_295] {
            let bytes = Array(#"[{"Ok":{"Id":\#(id)}}]"#.utf8)
            #expect(ClientSession.readOk(bytes.span.bytes) == id)
            for end in 0..<bytes.count {
                let cut = Array(bytes[..<end])
                #expect(ClientSession.readOk(cut.span.bytes) == nil)
            }
        }
        for text in [
            #"[{"Ok":{"Id":4294967296}}]"#, #"[{"Ok":{"Id":-1}}]"#, #"[{"Ok":{"Id":01}}]"#, #"[{"Ok":{"Id":1}}] "#, #"[{"Ok":{"Id":}}]"#,
        ] {
            let bytes = Array(text.utf8)
            #expect(ClientSession.readOk(bytes.span.bytes) == nil)
        }
    }
}
