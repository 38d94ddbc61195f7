// Outputs that are not held: a spray that has to end, and moves that could not leave in time. In virtual time, on paper.

import Buttplug
import Host
import Testing

@testable import Hardware

@Suite struct PassingOutputTests {
    /// J-Dodge: what it is told to oscillate and to vibrate is one packet, its spray another.
    private static func sprayer() -> PaperStory {
        var story = PaperStory(
            "joyhub",
            outputs: [
                ModelOutput(feature: 0, type: .oscillate, range: 0...255), ModelOutput(feature: 1, type: .vibrate, range: 0...255),
                ModelOutput(feature: 7, type: .spray, range: 0...1),
            ])
        story.core.transport.written = []
        return story
    }

    private static let endOfSpray: [UInt8] = [0xA0, 0x24, 0x00, 0x00, 0x00, 0x00]

    @Test("A spray ends after a second, also while other outputs of the device change ten times a second")
    func sprayEnds() {
        var story = Self.sprayer()
        story.write(1, 7, 1, .spray)
        for turn in 1...9 as ClosedRange<UInt32> {
            story.pass(100)
            story.write(1 + turn, 1, Int32(turn))
        }
        #expect(!story.core.transport.written.contains(Self.endOfSpray))
        story.pass(100)
        #expect(story.core.transport.written.count { $0 == Self.endOfSpray } == 1)
        for turn in 10...30 as ClosedRange<UInt32> {
            story.pass(100)
            story.write(1 + turn, 1, Int32(turn))
        }
        #expect(story.core.transport.written.count { $0 == Self.endOfSpray } == 1)
    }

    @Test("A spray that comes while one is on lasts a second too")
    func sprayAgain() {
        var story = Self.sprayer()
        story.write(1, 7, 1, .spray)
        story.pass(900)
        story.write(2, 7, 1, .spray)
        story.pass(999)
        #expect(!story.core.transport.written.contains(Self.endOfSpray))
        story.pass(1)
        #expect(story.core.transport.written.last == Self.endOfSpray)
    }

    @Test("A stroker that is told way points gets them in time, also while its other output changes")
    func wayPoints() {
        var story = PaperStory(
            "lovense",
            outputs: [
                ModelOutput(feature: 0, type: .oscillate, range: 0...20),
                ModelOutput(feature: 1, type: .hwPositionWithDuration, range: 0...100),
            ], identifier: "BA")
        story.pass(5_000)
        story.core.transport.written = []
        story.write(1, 1, 100, .hwPositionWithDuration, in: 500)
        for turn in 1...9 as ClosedRange<UInt32> {
            story.pass(50)
            story.write(1 + turn, 0, Int32(turn), .oscillate)
        }
        let points = story.core.transport.written.map { String(decoding: $0, as: UTF8.self) }.filter { $0.hasPrefix("FSetSite") }
        #expect(points == ["FSetSite:20;", "FSetSite:40;", "FSetSite:60;", "FSetSite:80;", "FSetSite:100;"])
    }
}
