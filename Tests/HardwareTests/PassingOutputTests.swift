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

    @Test("Way points that were held up for more than a second are not gone on with")
    func lateWayPoints() {
        var story = PaperStory(
            "lovense", outputs: [ModelOutput(feature: 1, type: .hwPositionWithDuration, range: 0...100)], identifier: "BA"
        ) { $0.calls = [.tx] }
        for _ in 1...6 {
            story.wrote(true)
            story.pass(500)
        }
        story.wrote(true)
        story.pass(500)
        story.core.transport.written = []
        story.write(1, 1, 100, .hwPositionWithDuration, in: 500)
        story.pass(1_500)
        story.wrote(true)
        story.pass(1_000)
        #expect(story.core.transport.written == [Array("FSetSite:20;".utf8)])
    }

    // MARK: Moves that cannot leave

    /// A stroker with a motor: what it is told is answered, or goes through a wire.
    private static func stroker(isAnswered: Bool = true) -> PaperStory {
        var story = PaperStory(
            "kiiroo-v21",
            outputs: [
                ModelOutput(feature: 0, type: .vibrate, range: 0...99),
                ModelOutput(feature: 1, type: .hwPositionWithDuration, range: 0...99),
                ModelOutput(feature: 2, type: .vibrate, range: 0...99),
            ]
        ) { if isAnswered { $0.calls = [.tx] } else { $0.hasWire = true } }
        if isAnswered {
            story.wrote(true)
            story.wrote(true)
        } else {
            story.flush(isTaken: true)
        }
        story.core.reports.events = []
        story.core.transport.written = []
        return story
    }

    private static func isMove(_ packet: [UInt8]) -> Bool { packet.first == 0x03 }

    private static func outcomes(_ story: borrowing PaperStory) -> [UInt32: WriteOutcome] {
        Dictionary(uniqueKeysWithValues: story.core.reports.answers.map { ($0.ticket, $0.outcome) })
    }

    @Test(
        "A move that waits for an answer leaves within a second, or not at all, and its sender is told", arguments: [999, 1_000] as [Int64])
    func lateMove(milliseconds: Int64) {
        var story = Self.stroker()
        story.write(1, 0, 50)
        story.write(2, 1, 90, .hwPositionWithDuration, in: 300)
        story.write(3, 2, 60)
        story.pass(milliseconds)
        story.wrote(true)
        story.wrote(true)
        story.wrote(true)
        let isLate = milliseconds >= 1_000
        #expect(story.core.transport.written.count(where: Self.isMove) == (isLate ? 0 : 1))
        #expect(story.core.transport.written.contains([0x01, 60]), "what is held is told")
        #expect(Self.outcomes(story) == [1: .done, 2: isLate ? .unreachable : .done, 3: .done])
    }

    @Test("The newest of several moves that wait counts")
    func newestMove() {
        var story = Self.stroker()
        story.write(1, 0, 50)
        story.write(2, 1, 90, .hwPositionWithDuration, in: 300)
        story.pass(900)
        story.write(3, 1, 20, .hwPositionWithDuration, in: 300)
        story.pass(900)
        story.wrote(true)
        story.wrote(true)
        #expect(story.core.transport.written.filter(Self.isMove).map(\.last) == [20])
        #expect(Self.outcomes(story) == [1: .done, 2: .done, 3: .done])
    }

    @Test("A move whose way is blocked leaves within a second, or not at all", arguments: [999, 1_000] as [Int64])
    func blockedMove(milliseconds: Int64) {
        var story = Self.stroker(isAnswered: false)
        story.core.transport.isBlocked = true
        story.write(1, 1, 90, .hwPositionWithDuration, in: 300)
        story.pass(milliseconds)
        story.drained()
        story.flush(isTaken: true)
        let isLate = milliseconds >= 1_000
        #expect(story.core.transport.written.count(where: Self.isMove) == (isLate ? 0 : 1))
        #expect(Self.outcomes(story) == [1: isLate ? .unreachable : .done])
    }

    @Test("A move that a wire did not take leaves within a second, or not at all", arguments: [999, 1_000] as [Int64])
    func untakenMove(milliseconds: Int64) {
        var story = Self.stroker(isAnswered: false)
        story.write(1, 1, 90, .hwPositionWithDuration, in: 300)
        story.flush(isTaken: false)
        story.core.transport.written = []
        story.pass(milliseconds)
        story.drained()
        story.flush(isTaken: true)
        let isLate = milliseconds >= 1_000
        #expect(story.core.transport.written.count(where: Self.isMove) == (isLate ? 0 : 1))
        #expect(Self.outcomes(story) == [1: isLate ? .unreachable : .done])
    }

    @Test("A move whose packet waits for the one before it leaves within a second, or not at all", arguments: [999, 1_000] as [Int64])
    func moveInRest(milliseconds: Int64) {
        var story = Self.stroker()
        story.write([(1, 0, 50, .vibrate), (2, 1, 90, .hwPositionWithDuration)])
        story.pass(milliseconds)
        story.wrote(true)
        story.wrote(true)
        let isLate = milliseconds >= 1_000
        #expect(story.core.transport.written.count(where: Self.isMove) == (isLate ? 0 : 1))
        #expect(Self.outcomes(story) == [1: .done, 2: isLate ? .unreachable : .done])
    }

    @Test("A move that has left is not made again when what follows it is dropped for a zero")
    func noMoveTwice() {
        var story = Self.stroker()
        story.write([(1, 1, 90, .hwPositionWithDuration), (2, 2, 60, .vibrate)])
        story.write(3, 2, 0)
        story.wrote(true)
        story.wrote(true)
        #expect(story.core.transport.written.count(where: Self.isMove) == 1)
        #expect(story.core.transport.written.dropFirst() == [[0x01, 0]])
        #expect(Self.outcomes(story) == [1: .unreachable, 2: .done, 3: .done], "nobody knows whether it was made")
    }

    @Test("A spray that could not leave for a second is not made, and its zero is told at any time")
    func lateSpray() {
        var story = Self.sprayer()
        story.core.transport.isBlocked = true
        story.write(1, 7, 1, .spray)
        story.pass(4_000)
        story.drained()
        #expect(story.core.transport.written.isEmpty)
        #expect(Self.outcomes(story) == [1: .unreachable])
        story.core.transport.isBlocked = true
        story.core.handle(.stopOutputs, at: story.now)
        story.pass(4_000)
        story.drained()
        #expect(story.core.transport.written.contains(Self.endOfSpray))
    }
}
