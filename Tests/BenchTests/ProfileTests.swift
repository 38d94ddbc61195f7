// The requests of profiles: messages of each version, only for what the device list offers.

import JSON
import Testing

@testable import Bench

struct ProfileTests {
    private static let lists: [BenchSpec: String] = [
        .v4: """
        {"Id":2,"Devices":{"4":{"DeviceIndex":4,"DeviceName":"X","DeviceMessageTimingGap":0,"DeviceFeatures":{
          "0":{"FeatureIndex":0,"FeatureDescription":"","Output":{"Vibrate":{"Value":[0,20]}}},
          "2":{"FeatureIndex":2,"FeatureDescription":"","Output":{"Rotate":{"Value":[-20,20]}},"Input":{"Battery":{"Value":[[0,100]],"Command":["Read"]}}},
          "3":{"FeatureIndex":3,"FeatureDescription":"","Output":{"Position":{"Value":[0,100]},"HwPositionWithDuration":{"Value":[0,100],"Duration":[0,9]}}},
          "5":{"FeatureIndex":5,"FeatureDescription":"","Input":{"Pressure":{"Value":[[0,9]],"Command":["Read","Subscribe"]}}}}}}}
        """,
        .v3: """
        {"Devices":[{"DeviceIndex":4,"DeviceName":"X","DeviceMessages":{
          "ScalarCmd":[{"StepCount":20,"ActuatorType":"Vibrate","FeatureDescriptor":""}],"RotateCmd":[{"StepCount":20,"ActuatorType":"Rotate","FeatureDescriptor":""}],
          "LinearCmd":[{"StepCount":100,"ActuatorType":"Position","FeatureDescriptor":""}],
          "SensorReadCmd":[{"SensorType":"Battery","SensorRange":[[0,100]],"FeatureDescriptor":""}],
          "SensorSubscribeCmd":[{"SensorType":"Pressure","SensorRange":[[0,9]],"FeatureDescriptor":""}],"StopDeviceCmd":{}}}],"Id":2}
        """,
        .v2: """
        {"Id":2,"Devices":[{"DeviceIndex":4,"DeviceName":"X","DeviceMessages":{"VibrateCmd":{"FeatureCount":1,"StepCount":[20]},
          "RotateCmd":{"FeatureCount":1,"StepCount":[20]},"LinearCmd":{"FeatureCount":1,"StepCount":[100]},"BatteryLevelCmd":{},"StopDeviceCmd":{}}}]}
        """,
        .v1: """
        {"Id":2,"Devices":[{"DeviceIndex":4,"DeviceName":"X","DeviceMessages":{"VibrateCmd":{"FeatureCount":2},"LinearCmd":{"FeatureCount":1}}}]}
        """,
        .v0: """
        {"Id":2,"Devices":[{"DeviceIndex":4,"DeviceName":"X","DeviceMessages":["SingleMotorVibrateCmd","StopDeviceCmd"]}]}
        """,
    ]

    private func catalog(_ spec: BenchSpec) throws -> DeviceCatalog {
        let list = try #require(Self.lists[spec])
        return DeviceCatalog(list: try #require(JSONTree(list.utf8)), spec: spec)
    }

    private func script(_ name: String, _ catalog: DeviceCatalog, _ spec: BenchSpec = .v4) throws -> ProfileScript {
        try #require(Profile(named: name)).script(catalog, spec)
    }

    @Test("Every version's device list gives its outputs and sensors, and its commands name them as that version does.")
    func wordings() throws {
        let expected: [(BenchSpec, [String])] = [
            (
                .v4,
                [
                    "[{\"OutputCmd\":{\"Id\":00000000,\"DeviceIndex\":4,\"FeatureIndex\":0,\"Command\":{\"Vibrate\":{\"Value\":5}}}}]",
                    "[{\"OutputCmd\":{\"Id\":00000000,\"DeviceIndex\":4,\"FeatureIndex\":2,\"Command\":{\"Rotate\":{\"Value\":5}}}}]",
                    "[{\"OutputCmd\":{\"Id\":00000000,\"DeviceIndex\":4,\"FeatureIndex\":3,\"Command\":{\"HwPositionWithDuration\":{\"Value\":5,\"Duration\":100}}}}]",
                ]
            ),
            (
                .v3,
                [
                    "[{\"ScalarCmd\":{\"Id\":00000000,\"DeviceIndex\":4,\"Scalars\":[{\"Index\":0,\"Scalar\":0.25,\"ActuatorType\":\"Vibrate\"}]}}]",
                    "[{\"RotateCmd\":{\"Id\":00000000,\"DeviceIndex\":4,\"Rotations\":[{\"Index\":0,\"Speed\":0.25,\"Clockwise\":true}]}}]",
                    "[{\"LinearCmd\":{\"Id\":00000000,\"DeviceIndex\":4,\"Vectors\":[{\"Index\":0,\"Duration\":100,\"Position\":0.05}]}}]",
                ]
            ),
            (
                .v2,
                [
                    "[{\"VibrateCmd\":{\"Id\":00000000,\"DeviceIndex\":4,\"Speeds\":[{\"Index\":0,\"Speed\":0.25}]}}]",
                    "[{\"RotateCmd\":{\"Id\":00000000,\"DeviceIndex\":4,\"Rotations\":[{\"Index\":0,\"Speed\":0.25,\"Clockwise\":true}]}}]",
                    "[{\"LinearCmd\":{\"Id\":00000000,\"DeviceIndex\":4,\"Vectors\":[{\"Index\":0,\"Duration\":100,\"Position\":0.05}]}}]",
                ]
            ),
            (.v0, ["[{\"SingleMotorVibrateCmd\":{\"Id\":00000000,\"DeviceIndex\":4,\"Speed\":0.05}}]"]),
        ]
        for (spec, texts) in expected {
            let catalog = try catalog(spec)
            #expect((catalog.held + catalog.moves).map { Wording(driving: $0, step: 5).text } == texts)
        }
        #expect(try catalog(.v1).targets.map(\.form) == [.vibrate, .vibrate, .linear])
    }

    @Test("Sensors are read and subscribed to with the messages of versions 2 to 4.")
    func sensors() throws {
        let four = try catalog(.v4).sensors
        #expect(four.compactMap { BenchSpec.v4.read($0) }.count == 2)
        #expect(
            four.compactMap { BenchSpec.v4.subscribe($0)?.text } == [
                "[{\"InputCmd\":{\"Id\":00000000,\"DeviceIndex\":4,\"FeatureIndex\":5,\"Type\":\"Pressure\",\"Command\":\"Subscribe\"}}]"
            ])
        let three = try catalog(.v3).sensors
        #expect(
            three.compactMap { BenchSpec.v3.read($0)?.text } == [
                "[{\"SensorReadCmd\":{\"Id\":00000000,\"DeviceIndex\":4,\"SensorIndex\":0,\"SensorType\":\"Battery\"}}]"
            ])
        #expect(try catalog(.v2).sensors.compactMap { BenchSpec.v2.read($0)?.answer } == [.reading])
    }

    @Test("Every profile has requests for a server that has everything, and each text is JSON with one position for its Id.")
    func decks() throws {
        var catalog = try catalog(.v4)
        catalog.targets += catalog.targets.map {
            DriveTarget(device: 9, index: $0.index, form: $0.form, steps: $0.steps, isSigned: $0.isSigned)
        }
        for profile in Profile.all {
            let script = try profile.script(catalog, .v4)
            for wording in script.decks.joined() + script.setup {
                #expect(JSONTree(wording.text.replacingID(with: 12_345_678).utf8) != nil, "\(wording.text)")
                #expect(wording.text.contains(Wording.idMark))
            }
        }
        let overlay = try script("overlay", catalog)
        #expect(overlay.decks[0].contains { $0.text.contains("\"Value\":0") })
        #expect(overlay.burst == catalog.held.count)
        let stop = try script("stop", catalog)
        #expect(stop.decks[0].allSatisfy { $0.text.contains("\"DeviceIndex\":4") })
        #expect(stop.burst == catalog.held.count { $0.device == 4 })
        #expect(try script("busy", catalog).burst == 1)
        let conflict = try script("conflict", catalog).decks[0]
        #expect(conflict.allSatisfy { $0.text.contains("\"DeviceIndex\":4,\"FeatureIndex\":0") })
    }

    @Test("For a server that has nothing for a profile the error says so, and what would help.")
    func nothing() throws {
        let bare = try catalog(.v0)
        for (name, problem): (String, BenchProblem) in [("stroker", .noAxis), ("sensors", .noSensor(0)), ("stop", .oneOutputOnly)] {
            #expect(throws: problem) { try script(name, bare, .v0) }
        }
        #expect(throws: BenchProblem.nothingToDrive) { try script("busy", DeviceCatalog()) }
    }

    @Test("Every kind of load has one name, a line of help, clients and a rate, and is found by its name.")
    func table() {
        let names = Profile.all.map(\.name)
        #expect(Set(names).count == names.count && names.first == "busy")
        for profile in Profile.all {
            #expect(Profile(named: profile.name) == profile)
            #expect(!profile.summary.isEmpty && profile.clients > 0)
            #expect(profile.rate(clients: 2, catalog: DeviceCatalog()) > 0)
        }
        #expect(Profile(named: "lazy") == nil)
    }

    @Test("The messages of a run are shared out among its threads as its clients are, and none is lost.")
    func shares() throws {
        var plan = LoadPlan(
            conduct: .steady, target: try BenchTarget(BenchOptions(endpoint: .unix(path: "/x"))), spec: .v4, clients: 5, threads: 2,
            staysAwake: false, pacing: .closed(inFlight: 1), burst: 1, times: RunTimes(), decks: [], setup: [])
        #expect(plan.messages(of: 0) == nil)
        plan.messages = 1_001
        #expect((0..<2).map { plan.messages(of: $0) } == [600, 401])
        plan.messages = 1
        #expect((0..<2).compactMap { plan.messages(of: $0) }.reduce(0, +) == 1)
    }

    @Test("Clients begin at different positions of a deck, each at the beginning of a burst.")
    func beginnings() {
        let deck = FrameDeck((0..<48).map { _ in Wording("[{\"Ping\":{\"Id\":00000000}}]") }, key: 1)
        #expect((0..<4).map { deck.start(ofClient: $0, burst: 1) } == [0, 7, 14, 21])
        #expect((0..<4).map { deck.start(ofClient: $0, burst: 16) } == [0, 16, 32, 0])
        #expect(deck.start(ofClient: 5, burst: 4096) < deck.count)
    }

    @Test("A frame on the wire is its text with the Id filled in, masked as its header says.")
    func frames() throws {
        let texts = ["[{\"Ping\":{\"Id\":00000000}}]", "[{\"X\":{\"Y\":\"\(String(repeating: "z", count: 200))\",\"Id\":00000000}}]"]
        let deck = FrameDeck(texts.map { Wording($0) }, key: 0x5A_3C_96_E1)
        var ledger = ReplyLedger()
        for (index, text) in texts.enumerated() {
            let id = ledger.issue(due: 8, expecting: .ok)
            var frame = [UInt8](repeating: 0, count: deck.frameBytesMax)
            let count = frame.withUnsafeMutableBytes { room in room.baseAddress.map { deck.write(index, id: id, to: $0) } ?? 0 }
            let head = text.utf8.count < 126 ? 2 : 4
            #expect(frame[0] == 0x81 && frame[1] == 0x80 | UInt8(min(126, text.utf8.count)) && count == head + 4 + text.utf8.count)
            let key = Array(frame[head..<(head + 4)])
            let plain = (0..<text.utf8.count).map { frame[head + 4 + $0] ^ key[$0 % 4] }
            #expect(String(decoding: plain, as: UTF8.self) == text.replacingID(with: ReplyLedger.firstID + UInt32(index)))
        }
    }

    @Test("The time of a reading counts from its first subscriber, and a subscriber that gets a reading again has a new reading.")
    func fanOut() {
        var clock = FanOutClock(listeners: 3)
        #expect(clock.received(1, of: 7, at: 100) == nil)
        #expect(clock.received(0, of: 7, at: 130) == .init(after: 30, isLast: false))
        #expect(clock.received(0, of: 8, at: 131) == nil)
        #expect(clock.received(2, of: 7, at: 150) == .init(after: 50, isLast: true))
        #expect(clock.received(2, of: 7, at: 1_000) == nil)
        #expect(clock.received(1, of: 7, at: 1_005) == .init(after: 5, isLast: false))
    }
}
