// A real client's session with a real server's session: each understands the other, in every version that both have.

import Host
import Testing

@testable import Buttplug

@Suite struct ClientDialogueTests {
    private static let versions: [SpecVersion] = [.v3, .v4]

    @Test("The handshake makes both sides ready in the same version", arguments: versions)
    func handshake(version: SpecVersion) {
        var dialogue = Dialogue()
        let answer = ServerEvent.serverInfo(id: 1, name: "Sérver \"S\"", version: UInt32(version.rawValue), maxPingTime: 1_001)
        #expect(dialogue.ask { $0.greet(version, into: &$1) } == [answer])
        #expect(dialogue.client.session.state == .ready(version))
        #expect(dialogue.server.session.state == .ready(version))
        #expect(dialogue.server.session.clientName == "App")
    }

    @Test("Every step of every listed output arrives as the same command", arguments: versions)
    func everyOutput(version: SpecVersion) {
        var dialogue = Dialogue(version)
        _ = dialogue.ask { $0.requestDeviceList(into: &$1) }
        for device in dialogue.client.session.devices {
            for feature in device.description.features {
                for output in feature.outputs {
                    for value in (output.isSigned ? -output.steps : 0)...output.steps {
                        dialogue.commands.removeAll()
                        let id = dialogue.client.session.nextID
                        let events = dialogue.ask {
                            $0.output(
                                device: device.index, feature: feature.index, type: output.type, value: value, duration: 250, into: &$1)
                        }
                        let command = dialogue.commands.first
                        let isRight =
                            events == [.ok(id)] && dialogue.commands.count == 1 && command?.device == device.index
                            && command?.type == output.type && command?.value == value
                            && command?.duration == (output.type == .hwPositionWithDuration ? 250 : 0)
                            && command?.feature == Self.original(device.index, feature, version)
                        if !isRight {
                            Issue.record("\(device.index).\(feature.index) \(output.type) \(value): \(events) \(dialogue.commands)")
                        }
                    }
                }
            }
        }
    }

    /// The fixture's feature for a listed feature.
    private static func original(_ device: UInt32, _ feature: Feature, _ version: SpecVersion) -> UInt32 {
        if version == .v4 { return feature.index }
        switch device {
        case 4: return feature.index == 0 ? 0 : 3
        case 70: return [0, 1, 1, 5, 6, 6][Int(feature.index)]
        default: return feature.index
        }
    }

    @Test("Every listed sensor can be read and subscribed to as listed, and its readings name it", arguments: versions)
    func everyInput(version: SpecVersion) {
        var dialogue = Dialogue(version)
        _ = dialogue.ask { $0.requestDeviceList(into: &$1) }
        var readings = 0
        for device in dialogue.client.session.devices {
            for feature in device.description.features {
                for input in feature.inputs {
                    let id = dialogue.client.session.nextID
                    if input.canRead {
                        let events = dialogue.ask { $0.read(device: device.index, feature: feature.index, type: input.type, into: &$1) }
                        #expect(events == [.reading(id, device: device.index, feature: feature.index, type: input.type, values: [-7])])
                        readings += 1
                    }
                    if input.canSubscribe {
                        let id = dialogue.client.session.nextID
                        let events = dialogue.ask {
                            $0.subscribe(device: device.index, feature: feature.index, type: input.type, into: &$1)
                        }
                        #expect(
                            events == [.ok(id), .reading(0, device: device.index, feature: feature.index, type: input.type, values: [-7])])
                        #expect(
                            dialogue.ask { $0.unsubscribe(device: device.index, feature: feature.index, type: input.type, into: &$1) }
                                == [.ok(id + 1)])
                        readings += 1
                    }
                }
            }
        }
        #expect(readings == (version == .v4 ? 7 : 5))
    }

    @Test("Stops, scans and pings arrive as they were sent", arguments: versions)
    func theRest(version: SpecVersion) {
        var dialogue = Dialogue(version)
        let requests: [(inout ClientSession, inout MessageBuffer) -> UInt32?] = [
            { $0.startScanning(into: &$1) }, { $0.stopScanning(into: &$1) }, { $0.ping(into: &$1) }, { $0.stop(into: &$1) },
            { $0.stop(device: 4, into: &$1) },
        ]
        for (i, request) in requests.enumerated() {
            let events = dialogue.ask(request)
            #expect(events == [.ok(UInt32(i) + 2)])
        }
        #expect(
            dialogue.requests == [
                "1 handshake", "2 startScanning", "3 stopScanning", "4 ping", "5 stop -.- inputs outputs", "6 stop 4.- inputs outputs",
            ])
        if version == .v4 {
            #expect(dialogue.ask { $0.disconnect(into: &$1) } == [.ok(7)])
            #expect(dialogue.requests.last == "7 disconnect")
        }
    }

    @Test("Refusals come back with the id and the server's text", arguments: versions)
    func refusals(version: SpecVersion) {
        var dialogue = Dialogue(version)
        _ = dialogue.ask { $0.requestDeviceList(into: &$1) }
        dialogue.server.table.remove(0)
        let events = dialogue.ask { $0.output(device: 0, feature: 0, type: .vibrate, value: 1, into: &$1) }
        #expect(events == [.error(3, code: 4, text: #"{"ButtplugDeviceError":{"DeviceNotAvailable":0}}"#)])
    }

    @Test("Devices that come and go arrive as whole lists", arguments: versions)
    func changes(version: SpecVersion) {
        var dialogue = Dialogue(version)
        _ = dialogue.ask { $0.requestDeviceList(into: &$1) }
        dialogue.server.table.remove(4)
        guard case .deviceList(0, let fewer) = dialogue.push().last else {
            Issue.record("no list")
            return
        }
        #expect(fewer.map(\.index) == [0, 70])
        dialogue.server.table.insert(Fixtures.stroker)
        dialogue.server.table.insert(Fixtures.empty)
        let events = dialogue.push()
        #expect(events.count == (version == .v4 ? 1 : 2))
        guard case .deviceList(0, let more) = events.last else {
            Issue.record("no list")
            return
        }
        #expect(more.map(\.index) == [0, 4, 7, 70])
        _ = dialogue.ask { $0.requestDeviceList(into: &$1) }
        #expect(dialogue.client.session.devices == more)
    }

    @Test("When a server refuses version 4, the handshake is repeated in version 3 on the same session")
    func fallback() {
        var client = ClientConversation()
        _ = client.say { $0.greet(into: &$1) }
        #expect(client.receive(#"[{"Error":{"Id":1,"ErrorCode":3,"ErrorMessage":"?"}}]"#) == [.error(1, code: 3, text: "?")])
        var server = Conversation()
        for text in client.say({ $0.greet(.v3, into: &$1) }) { #expect(server.receive(text) == ["2 handshake"]) }
        for text in server.say({ $0.serverInfo(2, serverName: "old", maxPingTime: 0, devices: $1, into: &$2) }) {
            #expect(client.receive(text) == [.serverInfo(id: 2, name: "old", version: 3, maxPingTime: 0)])
        }
        #expect(client.session.state == .ready(.v3))
    }
}
