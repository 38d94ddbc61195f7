// A client's session makes events of any bytes that a server sends, and stays consistent.

import Testing

@testable import Buttplug

@Suite struct ClientMutationTests {
    /// What a real server sends to a client of this version.
    private static func texts(_ version: SpecVersion) -> [String] {
        var server = Conversation(version)
        let view = server.view
        var texts = server.say { $0.deviceList(2, devices: $1, into: &$2) }
        server.table.remove(0)
        texts += server.say { $0.deviceListChanged($1, into: &$2) }
        server.table = view.table
        texts += server.say { $0.deviceListChanged($1, into: &$2) }
        let form = version == .v4 ? ReadingForm.input(upperRSSI: false) : .sensor(index: 0, upperRSSI: false)
        texts += Frames.written {
            ServerSession.ok(12, into: &$0)
            ServerSession.error(13, .deviceNotAvailable(9), into: &$0)
            ServerSession.scanningFinished(into: &$0)
            ServerSession.reading(14, SensorReading(device: 0, feature: 2, type: .battery, values: [85]), form: form, into: &$0)
        }
        texts.append(version == .v4 ? ClientConversation.infoV4 : ClientConversation.infoV3)
        return texts
    }

    @Test(
        "Texts with random damage never trap, never close the session, and never leave devices out of order",
        arguments: [SpecVersion.v3, .v4])
    func damage(version: SpecVersion) {
        let texts = Self.texts(version)
        var dice = Dice(seed: UInt64(version.rawValue) + 40)
        var client = ClientConversation(version)
        var understood = 0
        var malformed = 0
        for _ in 0..<6_000 {
            var bytes = Array(texts.randomElement(using: &dice)!.utf8)
            for _ in 0..<Int.random(in: 0...4, using: &dice) { Self.damage(&bytes, &dice) }
            for event in client.receive(bytes) {
                if case .malformed = event { malformed += 1 } else { understood += 1 }
            }
            let session = client.session
            #expect(session.state == .ready(version))
            let isAscending = zip(session.devices, session.devices.dropFirst()).allSatisfy { $0.index < $1.index }
            #expect(isAscending)
            for device in session.devices {
                for feature in device.description.features {
                    let isWhole = feature.outputs.allSatisfy { $0.steps > 0 } && !(feature.outputs.isEmpty && feature.inputs.isEmpty)
                    #expect(isWhole)
                }
            }
            if version == .v3 { #expect(session.addresses.map(\.index) == session.devices.map(\.index)) }
        }
        #expect(understood > 1_000)
        #expect(malformed > 1_000)
    }

    @Test("Random bytes in place of the handshake's answer never trap and never make a session ready")
    func noise() {
        var dice = Dice(seed: 50)
        for _ in 0..<5_000 {
            var client = ClientConversation()
            _ = client.say { $0.greet(into: &$1) }
            let bytes = (0..<Int.random(in: 0...40, using: &dice)).map { _ in
                Bool.random(using: &dice)
                    ? UInt8.random(in: 0...255, using: &dice) : "[]{}\":,\\u01.e-tfn ".utf8.randomElement(using: &dice)!
            }
            _ = client.receive(bytes)
            #expect(client.session.state == .greeting(.v4))
        }
    }

    @Test("A text cut off anywhere ends in one malformed event", arguments: [SpecVersion.v3, .v4])
    func truncation(version: SpecVersion) {
        for text in Self.texts(version) {
            let bytes = Array(text.utf8)
            var client = ClientConversation(version)
            for end in 0..<bytes.count {
                let events = client.receive(Array(bytes[..<end]))
                guard case .malformed(0, _) = events.last else {
                    Issue.record("\(String(decoding: bytes[..<end], as: UTF8.self)): \(events)")
                    continue
                }
                #expect(events.count <= 2)
            }
        }
    }

    private static func damage(_ bytes: inout [UInt8], _ dice: inout Dice) {
        guard !bytes.isEmpty else { return }
        let index = Int.random(in: bytes.indices, using: &dice)
        switch Int.random(in: 0..<6, using: &dice) {
        case 0: bytes[index] = .random(in: 0...255, using: &dice)
        case 1: bytes[index] = "[]{}\":,\\u0123456789.e-tfn ".utf8.randomElement(using: &dice)!
        case 2: bytes.remove(at: index)
        case 3: bytes.insert("[]{}\":,\\u0123456789.e-tfn ".utf8.randomElement(using: &dice)!, at: index)
        case 4: bytes.removeSubrange(index..<min(bytes.count, index + .random(in: 0...20, using: &dice)))
        default:
            let piece = bytes[index..<min(bytes.count, index + .random(in: 0...20, using: &dice))]
            bytes.insert(contentsOf: piece, at: .random(in: 0...bytes.count, using: &dice))
        }
    }
}
