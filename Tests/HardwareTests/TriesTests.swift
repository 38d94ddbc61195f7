// How often a device that cannot be connected is tried, and what is told of it, with a transport on paper.

import Buttplug
import Host
import Testing

@testable import Hardware

@Suite struct TriesTests {
    @Test("A device that does not answer is tried less and less often, told once, and given up after ten tries until a scan")
    func givesUp() {
        var story = PaperStory(isSilent: true)
        story.pass(19_999)
        #expect(story.core.transport.leaves == 0)
        story.pass(1)
        #expect(story.core.transport.leaves == 1)
        story.pass(1_000_000)
        #expect(story.core.transport.connects == 10)
        #expect(story.core.reports.notices.count == 2)
        story.core.handle(.startScanning, at: story.now)
        story.pass(1)
        #expect(story.core.transport.connects == 11)
    }

    @Test("What was told of a device is not replaced by less: that it cannot be connected")
    func keepsReason() {
        var story = PaperStory(isSilent: true)
        story.core.effects.events.append(.lost(0, .failed("it wants to be paired")))
        story.core.digest(at: story.now)
        story.pass(60_000)
        #expect(story.core.transport.connects > 2)
        #expect(story.core.reports.notices.map(\.problem) == ["it wants to be paired"])
    }

    @Test("A device that no protocol fits is told once, with what it lacks, and only a scan tries it again; one that may run is tried on")
    func unsuitable() {
        var story = PaperStory(isSilent: true)
        story.core.effects.events.append(.lost(0, .unsuitable("it has no 2a19")))
        story.core.digest(at: story.now)
        story.pass(1_000_000)
        #expect(story.core.transport.connects == 1)
        #expect(story.core.reports.notices.map(\.problem) == ["it has no 2a19"])
        story.core.handle(.startScanning, at: story.now)
        story.pass(1)
        #expect(story.core.transport.connects == 2)

        var running = HardwareCoreTests.ready()
        running.write(1, 0, 50)
        running.wrote(true)
        running.core.effects.events.append(.lost(0, .gone))
        running.core.digest(at: running.now)
        running.core.transport.isSilent = true
        running.pass(1_000)
        running.core.effects.events.append(.lost(0, .unsuitable("it has no 2a19")))
        running.core.digest(at: running.now)
        let connects = running.core.transport.connects
        running.pass(60_000)
        #expect(running.core.transport.connects > connects)
    }
}
