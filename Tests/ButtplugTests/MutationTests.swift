// A session makes requests or one error of any bytes, and stays consistent.

import Testing

@testable import Buttplug

@Suite struct MutationTests {
    private static let texts: [SpecVersion: [String]] = [
        .v0: [
            #"[{"SingleMotorVibrateCmd":{"Id":6,"DeviceIndex":0,"Speed":0.5}},{"Test":{"Id":7,"TestString":"a\u00e9\ud83d\ude00\n"}}]"#,
            #"[{"KiirooCmd":{"Id":9,"DeviceIndex":0,"Command":"4"}},{"RequestLog":{"Id":7,"LogLevel":"Off"}}]"#,
        ],
        .v1: [
            #"[{"VibrateCmd":{"Id":6,"DeviceIndex":70,"Speeds":[{"Index":0,"Speed":0.5},{"Index":2,"Speed":1e-3}]}}][{"#
                + #""StopAllDevices":{"Id":7}}]"#
        ],
        .v2: [
            #"[{"BatteryLevelCmd":{"Id":7,"DeviceIndex":0}},{"RSSILevelCmd":{"Id":8,"DeviceIndex":0}},{"StopDeviceCmd":{"Id":9,"#
                + #""DeviceIndex":1}}]"#,
            #"[{"LinearCmd":{"Id":6,"DeviceIndex":4,"Vectors":[{"Index":1,"Duration":500,"Position":0.30000000000000004}]}}]"#,
        ],
        .v3: [
            #"[{"ScalarCmd":{"Id":6,"DeviceIndex":0,"Scalars":[{"Index":0,"Scalar":0.5,"ActuatorType":"Vibrate"}]}}]"#,
            #"[{"SensorReadCmd":{"Id":7,"DeviceIndex":0,"SensorIndex":0,"SensorType":"Battery"}},{"RotateCmd":{"Id":6,"#
                + #""DeviceIndex":0,"Rotations":[{"Index":0,"Speed":0.5,"Clockwise":false}]}}]"#,
        ],
        .v4: [
            #"[{"OutputCmd":{"Id":8,"DeviceIndex":0,"FeatureIndex":0,"Command":{"Vibrate":{"Value":12}}}},{"OutputCmd":{"#
                + #""Command":{"HwPositionWithDuration":{"Duration":3,"Value":-12}},"FeatureIndex":1,"DeviceIndex":0,"Id":9}}]"#,
            #"[{"InputCmd":{"Id":4,"DeviceIndex":0,"FeatureIndex":2,"Type":"Battery","Command":"Read"}},{"StopCmd":{"Id":5,"#
                + #""DeviceIndex":0,"Inputs":false}},{"Disconnect":{"Id":7}}]"#,
            #"[{"RequestServerInfo":{"Id":1,"ClientName":"A\"pp","ProtocolVersionMajor":4,"ProtocolVersionMinor":0}}]"#,
        ],
    ]

    @Test("Texts with random damage never trap, and are answered with Ids in range or with one error", arguments: SpecVersion.allCases)
    func damage(version: SpecVersion) throws {
        let texts = try #require(Self.texts[version])
        var dice = Dice(seed: UInt64(version.rawValue) + 10)
        var client = Conversation(version)
        var ran = 0
        var refused = 0
        for _ in 0..<5_000 {
            var bytes = Array(texts.randomElement(using: &dice)!.utf8)
            for _ in 0..<Int.random(in: 0...4, using: &dice) { damage(&bytes, &dice) }
            let malformed = client.session.receive(
                bytes.span.bytes, devices: client.table, limits: client.limits.ofMessage, into: &client.batch)
            if malformed != nil {
                refused += 1
                #expect(client.batch.requests.count == 0)
            } else {
                ran += 1
                #expect(client.batch.requests.count > 0)
                let hasIDs = client.batch.requests.indices.allSatisfy { client.batch.requests[$0].id != 0 }
                #expect(hasIDs)
            }
            #expect(client.session.state == .ready(version))
        }
        #expect(ran > 500)
        #expect(refused > 500)
    }

    @Test("Random bytes before the handshake never trap and never open a session")
    func noise() {
        var dice = Dice(seed: 20)
        for _ in 0..<5_000 {
            var client = Conversation(devices: [])
            let bytes = (0..<Int.random(in: 0...40, using: &dice)).map { _ in
                Bool.random(using: &dice)
                    ? UInt8.random(in: 0...255, using: &dice) : "[]{}\":,\\u01.e-tfn ".utf8.randomElement(using: &dice)!
            }
            let malformed = client.session.receive(
                bytes.span.bytes, devices: client.table, limits: client.limits.ofMessage, into: &client.batch)
            #expect(malformed != nil)
            #expect(client.session.state == .awaitingHandshake)
        }
    }

    @Test("A text cut off anywhere is refused, with Id 0")
    func truncation() {
        for (version, texts) in Self.texts.sorted(by: { $0.key < $1.key }) {
            var client = Conversation(version)
            for text in texts {
                let bytes = Array(text.utf8)
                for end in 0..<bytes.count where bytes[..<end].last != UInt8(ascii: "]") {
                    let cut = Array(bytes[..<end])
                    let malformed = client.session.receive(
                        cut.span.bytes, devices: client.table, limits: client.limits.ofMessage, into: &client.batch)
                    #expect(malformed?.id == 0, "\(String(decoding: cut, as: UTF8.self))")
                }
            }
        }
    }

    private func damage(_ bytes: inout [UInt8], _ dice: inout Dice) {
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
