// What is set for devices, by rows and by a user's file: what clients see, and what the device is told.

import Buttplug
import Host
import Testing

@testable import Hardware

@Suite("Settings of devices")
struct DeviceRulesTests {
    private static func rules(_ device: [DeviceRule] = [], _ outputs: [OutputRule] = []) -> DeviceRules {
        var rules = DeviceRules()
        (rules.devices, rules.outputs) = (device, outputs)
        return rules
    }

    private static func device(_ match: String, _ change: (inout DeviceRule) -> Void) -> DeviceRule {
        var rule = DeviceRule(Glob(match))
        change(&rule)
        return rule
    }

    private static func output(_ match: String, _ change: (inout OutputRule) -> Void) -> OutputRule {
        var rule = OutputRule(Glob(match))
        change(&rule)
        return rule
    }

    /// A story whose device has answered its zeros.
    private static func ready(_ rules: DeviceRules) -> PaperStory {
        var story = PaperStory(rules: rules)
        story.wrote(true)
        story.wrote(true)
        return story
    }

    /// What clients see of the device that became ready last.
    private static func shown(_ story: borrowing PaperStory) -> DeviceDescription? {
        guard case .appeared(_, let description)? = story.core.reports.events.last else { return nil }
        return description
    }

    private static func lose(_ story: inout PaperStory) {
        story.core.effects.events.append(.lost(0, .gone))
        story.core.digest(at: story.now)
    }

    @Test("Limits are what clients see, and what they write lands between them; zero stays zero.")
    func limits() throws {
        let row = Self.output("paper:dev*") {
            ($0.feature, $0.lowest, $0.highest) = (0, 10, 30)
        }
        var story = Self.ready(Self.rules([], [row]))
        let shown = Self.shown(story)
        let features = try #require(shown).features
        #expect(features.map { $0.outputs[0].steps } == [20, 100])
        #expect(story.strengths() == [0, 0])
        story.write(1, 0, 1)
        story.wrote(true)
        story.write(2, 0, 20)
        story.wrote(true)
        story.write(3, 0, 0)
        story.wrote(true)
        #expect(story.strengths() == [11, 30, 0])
    }

    @Test("An output that is disabled is told zero, clients do not see it, and a write to it is refused.")
    func disabled() throws {
        let row = Self.output("Two Motors") { ($0.feature, $0.isDisabled) = (1, true) }
        var story = Self.ready(Self.rules([], [row]))
        let shown = Self.shown(story)
        #expect(try #require(shown).features.map(\.index) == [0])
        #expect(story.strengths() == [0, 0])
        story.write(1, 1, 50)
        let told = story.strengths()
        #expect(told.isEmpty)
        let outcomes = story.core.reports.answers.map(\.outcome)
        #expect(outcomes == [.refused])
    }

    @Test("A position's limits shift it, and reversed it counts from the other end.")
    func positions() {
        let output = ModelOutput(feature: 0, type: .position, range: 0...100)
        let plain = RangeMap(output, limits: 20...80)
        #expect([0, 30, 60].map { plain.hardware($0) } == [20, 50, 80])
        let reversed = RangeMap(output, limits: 20...80, isReversed: true)
        #expect([0, 30, 60].map { reversed.hardware($0) } == [80, 50, 20])
    }

    @Test("Names, indices and gaps are those of the first row that says them.")
    func names() throws {
        let rows = [
            Self.device("lovense*") { $0.displayName = "Wrong" }, Self.device("paper:*") { $0.index = 7 },
            Self.device("paper:device") { ($0.displayName, $0.index, $0.gapMilliseconds) = ("Rose", 8, 40) },
        ]
        let story = Self.ready(Self.rules(rows))
        let shown = Self.shown(story)
        let description = try #require(shown)
        #expect(description.displayName == "Rose" && description.name == "Two Motors")
        #expect(description.preferredIndex == 7 && description.messageGapMilliseconds == 40)
    }

    @Test("A denied device is not connected, regardless of what other rows say of it.")
    func denied() {
        let rows = [Self.device("*") { $0.isAllowed = true }, Self.device("paper:device") { $0.isDenied = true }]
        let story = PaperStory(rules: Self.rules(rows), isWatched: true)
        let connects = story.core.transport.connects
        #expect(connects == 0)
        #expect(story.core.reports.sightings.map(\.state) == [.denied])
    }

    @Test("When some devices are allowed, those that are only found are not connected, and those that the configuration names are.")
    func allowed() {
        let rules = Self.rules([Self.device("bluetooth:C0:*") { $0.isAllowed = true }])
        let other = RuledDevice(kind: "bluetooth", address: "D0:00:00:00:00:01")
        #expect(rules.leave(other, isNamed: false) == .notAllowed)
        #expect(rules.leave(other, isNamed: true) == .allowed)
        #expect(rules.leave(RuledDevice(kind: "bluetooth", address: "C0:00:00:00:00:01"), isNamed: false) == .allowed)
    }

    @Test("New rows count when a device becomes ready again, not before.")
    func reload() {
        var story = Self.ready(DeviceRules())
        _ = story.strengths()
        story.core.recognition.book.rules = Self.rules([], [Self.output("*") { $0.highest = 50 }])
        story.write(1, 0, 100)
        #expect(story.strengths() == [100])
        Self.lose(&story)
        story.pass(0)
        story.wrote(true)
        story.wrote(true)
        story.write(2, 0, 100)
        #expect(story.strengths() == [0, 0, 50])
    }

    @Test("A device that was lost while it ran and is denied since is brought to zero, and then let go.")
    func deniedWhileItRuns() {
        var story = Self.ready(DeviceRules())
        story.write(1, 0, 60)
        Self.lose(&story)
        _ = story.strengths()
        story.core.recognition.book.rules = Self.rules([Self.device("*") { $0.isDenied = true }])
        story.pass(0)
        story.wrote(true)
        story.wrote(true)
        #expect(story.strengths() == [0, 0])
        #expect(story.core.transport.leaves == 1)
        let appeared = story.core.reports.events.count { if case .appeared = $0 { true } else { false } }
        #expect(appeared == 1)
        #expect(story.core.reports.notices.last?.problem == "it is at zero, and was let go: the configuration denies it")
        story.pass(120_000)
        #expect(story.core.transport.connects == 2)
    }

    @Test(
        "Limits that an output does not have are told, and never let it go higher than they say.",
        arguments: [
            (nil, 500, 100, "max = 500 is more than"), (70, 40, 40, "min = 70 leaves nothing"), (200, nil, 100, "min = 200 leaves nothing"),
        ] as [(Int32?, Int32?, UInt8, String)])
    func impossible(lowest: Int32?, highest: Int32?, most: UInt8, words: String) {
        var story = Self.ready(Self.rules([], [Self.output("*") { ($0.feature, $0.lowest, $0.highest) = (0, lowest, highest) }]))
        let notices = story.core.reports.notices
        #expect(notices.map(\.subject) == ["paper:device"])
        #expect(notices.first?.problem?.contains(words) == true, "\(notices)")
        _ = story.strengths()
        story.write(1, 0, 500)
        #expect(story.strengths() == [most])
    }

    @Test("A row counts before what a user's file says of the same.")
    func rowsBeforeFile() throws {
        var rules = Self.rules(
            [Self.device("paper:*") { $0.displayName = "Row" }], [Self.output("*") { ($0.feature, $0.highest) = (0, 50) }])
        rules.file = try DeviceFile(
            #"""
            {"version": {"major": 5}, "user_configs": {"devices": [{"identifier": {"protocol": "foreo", "address": "device"},
              "config": {"user_config": {"display_name": "File", "index": 3}, "features": [
                {"output": {"vibrate": {"value": [0, 90]}}}, {"output": {"vibrate": {"value": [0, 70]}}}]}}]}}
            """#.utf8)
        let story = Self.ready(rules)
        let shown = Self.shown(story)
        let description = try #require(shown)
        #expect(description.displayName == "Row" && description.preferredIndex == 3)
        #expect(description.features.map { $0.outputs[0].steps } == [50, 70])
        #expect(description.messageGapMilliseconds == 75, "an entry without a gap stands for the transport's")
    }

    @Test("Who looks is told of everything that is found, and of what becomes ready.")
    func sightings() {
        var story = PaperStory(isWatched: true)
        story.find("lamp")
        story.wrote(true)
        story.wrote(true)
        #expect(story.core.reports.sightings.map(\.identity) == ["paper:device", "paper:lamp", "paper:device"])
        #expect(
            story.core.reports.sightings.map(\.state) == [
                .tried(protocols: ["foreo"]), .unknown, .ready(protocolName: "foreo", model: nil),
            ])
    }
}
