// Levels of event streams that want them at different paces, or that are slow: each is told the newest value of every lane, late or not.
// What is compared is the text of the streams, because `lane` events say the same in a small world.

import Admin
import Buttplug
import HTTP
import Host
import JSON
import Router
import SimHost
import Testing

@testable import simulate

/// A story with its admin interface, and streams that are told what has changed whenever the test says so.
private final class LevelStory {
    let story: Story
    let target: SimulatedAdmin
    let service: AdminService
    let client: Story.Client
    var streams = EventStreams()
    private var id = 1

    init(lanes: UInt32 = 2) {
        story = Story(lanes: lanes)
        target = SimulatedAdmin(story.host, Monitor(RouterSettings()), story.runner, [])
        service = AdminService(target)
        client = story.client()
    }

    func vibrate(_ feature: Int, _ value: Int) {
        id += 1
        story.vibrate(client, id: id, feature: feature, value)
        story.pass(.milliseconds(10))
    }

    func open(_ pace: Interval?) -> UInt64 { streams.open(levels: pace, service) }

    /// The values by feature that each stream's `levels` event says, after the pace of events has passed.
    func advance(queued: [UInt64: Int] = [:]) -> [UInt64: [Int: Int]] {
        story.pass(EventStreams.pace)
        var told: [UInt64: [Int: Int]] = [:]
        for (number, word) in streams.advance(service, queued: { queued[$0] ?? 0 }) {
            guard case .push(let bytes) = word else { continue }
            let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
            guard let name = lines.firstIndex(of: "event: levels"), let data = JSONTree(lines[name + 1].dropFirst(6).utf8) else { continue }
            for row in data["lanes"]?.elements ?? [] {
                let cells = row.elements
                guard cells.count == 5, let feature = cells[1].integer(Int.self), let value = cells[3].integer(Int.self) else { continue }
                told[number, default: [:]][feature] = value
            }
        }
        return told
    }
}

@Suite struct LevelTests {
    @Test("A stream with a slow pace is told in its turn what a quick one was told in between")
    func paces() {
        let story = LevelStory()
        let (quick, slow) = (story.open(.milliseconds(100)), story.open(.seconds(1)))
        story.vibrate(0, 10)
        #expect(story.advance() == [quick: [0: 10], slow: [0: 10]])
        story.vibrate(0, 20)
        #expect(story.advance() == [quick: [0: 20]])
        story.vibrate(1, 30)
        #expect(story.advance() == [quick: [1: 30]])
        var late: [UInt64: [Int: Int]] = [:]
        for _ in 0..<10 { late.merge(story.advance()) { $1 } }
        #expect(late == [slow: [0: 20, 1: 30]])
    }

    @Test("A reader that did not keep up is told what it missed when it does again, the newest value of each lane only")
    func catchingUp() {
        let story = LevelStory()
        let (quick, slow) = (story.open(.milliseconds(100)), story.open(.milliseconds(100)))
        for value in [10, 20] {
            story.vibrate(0, value)
            #expect(story.advance(queued: [slow: EventStreams.levelBytes]) == [quick: [0: value]])
        }
        #expect(story.advance() == [slow: [0: 20]])
    }

    @Test("A stream begins with the levels of its first snapshot: it is told only what changes after it")
    func newcomer() {
        let story = LevelStory()
        let first = story.open(.milliseconds(100))
        story.vibrate(0, 10)
        #expect(story.advance() == [first: [0: 10]])
        let second = story.open(.milliseconds(100))
        story.vibrate(1, 40)
        #expect(story.advance() == [first: [1: 40], second: [1: 40]])
    }

    @Test("A stream that did not ask for levels gets none")
    func without() {
        let story = LevelStory()
        _ = story.open(nil)
        story.vibrate(0, 10)
        #expect(story.advance() == [:])
    }
}
