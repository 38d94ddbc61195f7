// Serial devices in virtual time: their life, their writes, and what happens when the line goes away.

import Buttplug
import Host
import SimHost
import Testing

@testable import Hardware

@Suite struct SerialTests {
    @Test("A stroker is asked after it has woken up, told zero, and only then shown")
    func appears() throws {
        let story = SerialStory()
        story.run(for: .milliseconds(1_900))
        #expect(story.stroker.lines.isEmpty)
        #expect(story.owner.devices.isEmpty)
        story.run(for: .seconds(2))
        #expect(story.stroker.texts == ["D0", "D2", "DSTOP", "V00000 V10000"])
        let description = try #require(story.owner.devices[0])
        #expect(description.identity == "serial:/dev/stroker")
        #expect(description.features.count == 3)
        #expect(description.gathersWrites)
        #expect(description.messageGapMilliseconds == 20)
        #expect(story.host.complaints.isEmpty)
    }

    @Test("Writes of one call are one line, and each is answered once")
    func gathers() {
        let story = SerialStory()
        story.run(for: .seconds(4))
        story.write([(1, 1, .vibrate, 500), (2, 2, .vibrate, 600), (3, 1, .vibrate, 700), (4, 0, .position, 9_999)])
        story.run(for: .milliseconds(10))
        #expect(story.stroker.texts.last == "L09999 V00700 V10600")
        #expect(story.owner.answers == [1: [.done], 2: [.done], 3: [.done], 4: [.done]])
        story.write([(5, 9, .vibrate, 1), (6, 1, .rotate, 1)])
        story.write([(7, 1, .vibrate, 1)], to: 5)
        #expect(story.owner.answers[5] == [.refused] && story.owner.answers[6] == [.refused] && story.owner.answers[7] == [.unreachable])
    }

    @Test("A line that is slower than its writes gets the newest value, and a zero at most two lines late")
    func slowLine() throws {
        let story = SerialStory(baud: 9_600)
        story.run(for: .seconds(4))
        let before = story.stroker.lines.count
        for value in 1...200 {
            story.write([(UInt32(value), 1, .vibrate, Int32(value)), (1_000 + UInt32(value), 2, .vibrate, Int32(value))])
            story.run(for: .milliseconds(1))
        }
        story.write([(5_000, 1, .vibrate, 0), (5_001, 2, .vibrate, 0)])
        let stopped = story.host.now
        story.run(for: .seconds(1))
        let lines = story.stroker.lines[before...]
        let zero = try #require(lines.first { $0.text == "V00000 V10000" && $0.at >= stopped })
        // A line has fourteen bytes, and each takes a tenth of a 960th of a second.
        #expect(zero.at - stopped < .milliseconds(31))
        #expect(lines.count < 30)
        #expect(story.owner.answers.values.allSatisfy { $0 == [.done] })
        #expect(story.owner.answers.count == 402)
    }

    @Test("A wire that takes nothing gets the newest value when it does")
    func blockedWire() {
        let story = SerialStory()
        story.run(for: .seconds(4))
        story.plug.window = 1
        story.plug.latency = .milliseconds(500)
        story.write([(1, 1, .vibrate, 100)])
        story.run(for: .milliseconds(50))
        story.write([(2, 1, .vibrate, 200)])
        story.run(for: .milliseconds(50))
        story.write([(3, 1, .vibrate, 300), (4, 2, .vibrate, 400)])
        story.run(for: .seconds(2))
        #expect(Array(story.stroker.texts.suffix(2)) == ["V00100", "V00300 V10400"])
        #expect(story.owner.answers == [1: [.done], 2: [.done], 3: [.done], 4: [.done]])
    }

    @Test("An emergency stop halts every move and is before everything else")
    func stopOutputs() {
        let story = SerialStory()
        story.run(for: .seconds(4))
        story.write([(1, 1, .vibrate, 500)])
        story.owner.backend.handle(.stopOutputs, at: story.host.now)
        story.run(for: .seconds(1))
        #expect(Array(story.stroker.texts.suffix(2)) == ["DSTOP", "V00000 V10000"])
    }

    @Test("A stroker that is pulled out is gone at once, and back with its number and at zero when it is plugged in")
    func unplugged() {
        let story = SerialStory()
        story.run(for: .seconds(4))
        story.write([(1, 1, .vibrate, 500)])
        story.run(for: .milliseconds(100))
        story.plug.unplug()
        story.run(for: .milliseconds(10))
        #expect(story.owner.devices.isEmpty)
        #expect(story.owner.events.count { $0 == .disappeared(0) } == 1)
        story.run(for: .seconds(30))
        #expect(story.notices.said.filter { $0.contains("not there") }.count == 1)
        let before = story.stroker.lines.count
        story.plug.plug()
        story.run(for: .seconds(6))
        #expect(story.owner.devices[0] != nil)
        #expect(Array(story.stroker.texts[before...]).suffix(2) == ["DSTOP", "V00000 V10000"])
        #expect(story.host.complaints.isEmpty)
    }

    @Test("A stroker that ran when it was pulled out, and is denied since, gets its zero, and then its port is closed")
    func deniedMeanwhile() throws {
        let story = SerialStory()
        story.run(for: .seconds(4))
        story.write([(1, 1, .vibrate, 500)])
        story.run(for: .milliseconds(100))
        story.plug.unplug()
        story.run(for: .milliseconds(10))
        var rule = DeviceRule(Glob("*"))
        rule.isDenied = true
        var rules = DeviceRules()
        rules.devices = [rule]
        try #require(story.owner.backend as? any RuledBackend).use(rules)
        let before = story.stroker.lines.count
        story.plug.plug()
        story.run(for: .seconds(6))
        #expect(Array(story.stroker.texts[before...]).suffix(2) == ["DSTOP", "V00000 V10000"])
        #expect(story.owner.devices.isEmpty)
        #expect(!story.stroker.isOpen)
        #expect(story.host.complaints.isEmpty)
    }

    @Test("What keeps a port from opening is told once each, and does not keep it from opening later")
    func refusals() {
        let story = SerialStory(isPlugged: false)
        story.run(for: .seconds(10))
        story.plug.plug()
        story.plug.refusal = .denied
        story.run(for: .seconds(10))
        story.plug.refusal = .busy
        story.run(for: .seconds(10))
        #expect(story.notices.said.count == 3)
        #expect(story.notices.said[1].contains("dialout") && story.notices.said[2].contains("another program"))
        story.plug.refusal = nil
        story.run(for: .seconds(6))
        #expect(story.owner.devices.count == 1)
    }

    @Test("While nothing happens nobody wakes up, and one look a second finds a port that is not there")
    func sleeps() {
        let story = SerialStory()
        story.run(for: .seconds(5))
        let turns = story.host.turns
        story.run(for: .seconds(600))
        // The one turn is the test's own.
        #expect(story.host.turns == turns + 1)
        story.plug.unplug()
        story.run(for: .seconds(2))
        let looking = story.host.turns
        story.run(for: .seconds(100))
        #expect(story.host.turns - looking <= 300)
    }

    @Test("A device that is cut off is told zero first, and tried again later")
    func cutOff() {
        let story = SerialStory()
        story.run(for: .seconds(4))
        story.write([(1, 1, .vibrate, 500)])
        story.run(for: .milliseconds(30))
        story.owner.backend.handle(.cutOff(device: 0), at: story.host.now)
        story.run(for: .milliseconds(100))
        #expect(story.stroker.texts.last == "V00000 V10000")
        #expect(!story.stroker.isOpen && story.owner.devices.isEmpty)
        story.run(for: .seconds(10))
        #expect(story.owner.devices.count == 1)
    }

    @Test("The end of the router lets every port go")
    func end() {
        let story = SerialStory()
        story.run(for: .seconds(4))
        story.owner.backend.handle(.stopOutputs, at: story.host.now)
        story.owner.backend.stop(at: story.host.now)
        story.run(for: .seconds(1))
        #expect(!story.stroker.isOpen)
        #expect(story.stroker.texts.last == "V00000 V10000")
        #expect(story.owner.backend.deadline == .never)
    }

    @Test("A stop that waits for a busy line when the router ends is told all the same: a stroker does not go on moving")
    func endWhileBusy() {
        let story = SerialStory()
        story.run(for: .seconds(4))
        story.write([(1, 0, .position, 9_000)])
        story.run(for: .milliseconds(200))
        // The router's end: zeros that make the line busy, the stop, and the backend's end, all in one turn.
        story.write([(2, 1, .vibrate, 0), (3, 2, .vibrate, 0)])
        story.owner.backend.handle(.stopOutputs, at: story.host.now)
        story.owner.backend.stop(at: story.host.now)
        story.run(for: .seconds(1))
        #expect(story.stroker.texts.suffix(2) == ["DSTOP", "V00000 V10000"])
        #expect(!story.stroker.isOpen)
    }

    @Test("A scan ends when each port was looked at and what is there is open")
    func scan() {
        let story = SerialStory()
        story.owner.backend.handle(.startScanning, at: story.host.now)
        story.run(for: .seconds(2))
        #expect(!story.owner.events.contains(.scanningFinished))
        story.run(for: .seconds(3))
        #expect(story.owner.events.last == .scanningFinished)
        #expect(story.owner.devices.count == 1)
    }
}
