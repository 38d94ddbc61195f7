// Device lists of both versions, as a client reads them.

import Host
import Testing

@testable import Buttplug

@Suite struct ClientListsTests {
    /// The same devices as a server of version 4 lists them: each identified by its index, and without empty features.
    private static func asListed(_ devices: [DeviceInfo]) -> [DeviceInfo] {
        devices.map {
            var device = $0
            device.description.identity = String(device.index)
            device.description.features.removeAll { $0.outputs.isEmpty && $0.inputs.isEmpty }
            for i in device.description.features.indices {
                for k in device.description.features[i].outputs.indices
                where device.description.features[i].outputs[k].type == .hwPositionWithDuration {
                    device.description.features[i].outputs[k].duration = device.description.features[i].outputs[k].duration ?? 0...Int32.max
                }
            }
            return device
        }
    }

    @Test("A server's list of version 4 is read as the devices that it was made from")
    func listV4() {
        var dialogue = Dialogue(.v4, devices: Fixtures.all + [Fixtures.empty])
        let expected = Self.asListed([Fixtures.rabbit, Fixtures.stroker, Fixtures.empty, Fixtures.wand])
        #expect(dialogue.ask { $0.requestDeviceList(into: &$1) } == [.deviceList(2, expected)])
        #expect(dialogue.client.session.devices == expected)
        #expect(dialogue.client.session.ignored == IgnoredParts())
    }

    @Test("A server's list of version 3 becomes features: scalars in order, with their rotations and moves, then the sensors")
    func listV3() {
        var dialogue = Dialogue(.v3)
        _ = dialogue.ask { $0.requestDeviceList(into: &$1) }
        let features = dialogue.client.session.devices.map(\.description.features)
        #expect(dialogue.client.session.devices.map(\.index) == [0, 4, 70])
        #expect(dialogue.client.session.devices[1].description.displayName == "Desk \"unit\"")
        #expect(dialogue.client.session.devices[1].description.messageGapMilliseconds == 50)
        #expect(
            features[0] == [
                Feature(index: 0, outputs: [OutputRange(.vibrate, steps: 20)]),
                Feature(index: 1, description: "Shaft", outputs: [OutputRange(.rotate, steps: 20, isSigned: true)]),
                Feature(index: 2, description: "battery Level", inputs: [InputRange(.battery, ranges: [0...100], canRead: true)]),
                Feature(index: 3, description: "battery Level", inputs: [InputRange(.rssi, ranges: [-128...0], canRead: true)]),
            ])
        #expect(
            features[1] == [
                Feature(
                    index: 0, description: "Axis",
                    outputs: [OutputRange(.position, steps: 1000), OutputRange(.hwPositionWithDuration, steps: 1000)]),
                Feature(index: 1, outputs: [OutputRange(.hwPositionWithDuration, steps: 99)]),
            ])
        #expect(features[2].map { $0.outputs.first?.type } == [.vibrate, .constrict, .vibrate, .vibrate, nil, nil])
        #expect(
            features[2].suffix(2) == [
                Feature(
                    index: 4, description: "Grip",
                    inputs: [InputRange(.pressure, ranges: [0...4095, 0...255], canRead: true, canSubscribe: true)]),
                Feature(index: 5, description: "Grip", inputs: [InputRange(.button, ranges: [0...1], canSubscribe: true)]),
            ])
        #expect(dialogue.client.session.ignored == IgnoredParts())
    }

    @Test("Each of several rotations with one name belongs to the scalar of the same rank; one without a scalar is a feature of its own")
    func rotations() {
        let lists = ClientLegacyLists(
            scalars: [
                ClientLegacyOutput(description: "R", type: .rotate, steps: 20),
                ClientLegacyOutput(description: "V", type: .vibrate, steps: 20),
                ClientLegacyOutput(description: "R", type: .rotate, steps: 20),
                ClientLegacyOutput(description: "R", type: .rotate, steps: 7),
            ],
            rotators: [
                ClientLegacyOutput(description: "R", steps: 20), ClientLegacyOutput(description: "Q", steps: 20),
                ClientLegacyOutput(description: "R", steps: 20),
            ])
        let device = ClientLegacyDevice(index: 0, lists: lists)
        #expect(device.features.map(\.scalar) == [0, 1, 2, 3, nil])
        #expect(device.features.map(\.rotator) == [0, nil, 2, nil, 1])
        #expect(device.described.map { $0.outputs.first?.isSigned } == [true, false, true, false, true])
    }

    private static let added =
        #"[{"DeviceAdded":{"Id":0,"DeviceIndex":2,"DeviceName":"X","DeviceMessages":{"ScalarCmd":[{"FeatureDescriptor":"","#
        + #""StepCount":5,"ActuatorType":"Vibrate"}]}}}]"#

    @Test("Added and removed devices of version 3 come as whole lists; an index that is added again is replaced")
    func folding() {
        var client = ClientConversation(.v3)
        func indices(_ events: [ServerEvent]) -> [[UInt32]] {
            events.map { if case .deviceList(0, let devices) = $0 { devices.map(\.index) } else { [.max] } }
        }
        #expect(indices(client.receive(Self.added)) == [[2]])
        #expect(indices(client.receive(#"[{"DeviceAdded":{"Id":0,"DeviceIndex":1,"DeviceName":"Y","DeviceMessages":{}}}]"#)) == [[1, 2]])
        #expect(client.say { $0.output(device: 2, feature: 0, type: .vibrate, value: 5, into: &$1) }.count == 1)
        #expect(indices(client.receive(#"[{"DeviceAdded":{"Id":0,"DeviceIndex":2,"DeviceName":"Z","DeviceMessages":{}}}]"#)) == [[1, 2]])
        #expect(client.session.devices.map(\.description.name) == ["Y", "Z"])
        #expect(client.say { $0.output(device: 2, feature: 0, type: .vibrate, value: 5, into: &$1) } == [])
        #expect(
            indices(client.receive(#"[{"DeviceRemoved":{"Id":0,"DeviceIndex":1}},{"DeviceRemoved":{"Id":0,"DeviceIndex":1}}]"#)) == [
                [2], [2],
            ])
        #expect(indices(client.receive(#"[{"DeviceList":{"Id":0,"Devices":[]}}]"#)) == [[]])
    }

    @Test("A list that cannot be read leaves the known devices as they were")
    func unreadable() {
        for (version, text) in [
            (SpecVersion.v4, #"[{"DeviceList":{"Id":7,"Devices":[]}}]"#), (.v4, #"[{"DeviceList":{"Id":7}}]"#),
            (.v4, #"[{"DeviceList":{"Id":7,"Devices":{"x":{}}}}]"#), (.v3, #"[{"DeviceList":{"Id":7,"Devices":{}}}]"#),
            (.v3, #"[{"DeviceList":{"Id":7,"Devices":[{"DeviceName":"X"}]}}]"#),
        ] {
            var dialogue = Dialogue(version)
            _ = dialogue.ask { $0.requestDeviceList(into: &$1) }
            let events = dialogue.client.receive(text)
            guard case .malformed(7, _) = events.first, events.count == 1 else {
                Issue.record("\(events)")
                continue
            }
            #expect(dialogue.client.session.devices.map(\.index) == [0, 4, 70])
        }
    }

    @Test("More devices or entries than the limit are refused, and the session goes on")
    func limits() {
        var limits = Limits()
        limits.devices = 2
        var client = ClientConversation(.v3, limits: limits)
        for index in 0..<3 {
            _ = client.receive(#"[{"DeviceAdded":{"Id":0,"DeviceIndex":\#(index),"DeviceName":"","DeviceMessages":{}}}]"#)
        }
        #expect(client.session.devices.map(\.index) == [0, 1])
        client = ClientConversation(.v4, limits: limits)
        let many = (0..<3).map { #""\#($0)":{}"# }.joined(separator: ",")
        guard case .malformed(5, _) = client.receive(#"[{"DeviceList":{"Id":5,"Devices":{\#(many)}}}]"#).first else {
            Issue.record("a list beyond the limit was read")
            return
        }
        #expect(client.session.devices.isEmpty)
        #expect(client.receive(#"[{"DeviceList":{"Id":5,"Devices":{"1":{},"0":{}}}}]"#).count == 1)
        #expect(client.session.devices.map(\.index) == [0, 1])
    }
}
