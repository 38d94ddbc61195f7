// The messages of one turn: one call per link, with each link's own messages in order.
// Must not need a core.

import Host
import Testing

@testable import Router

@Suite struct OutboxTests {
    private func write(_ text: String, _ session: UInt32, _ outbox: inout Outbox) {
        let start = outbox.messages.count
        let message = outbox.messages.begin()
        let bytes = Array(text.utf8)
        outbox.messages.room(bytes.count).copyMemory(from: bytes, byteCount: bytes.count)
        outbox.messages.advance(bytes.count)
        outbox.messages.end(message)
        outbox.extend(session, from: start)
    }

    private func flush(_ outbox: inout Outbox, to links: [MemoryLink]) {
        for index in 0..<outbox.runCount {
            if let session = outbox.session(at: index) { outbox.send(index, to: links[Int(session)]) }
        }
        outbox.clearMessages()
    }

    @Test("interleaved messages reach each link in one call and in order") func interleaved() {
        var outbox = Outbox()
        let links = [MemoryLink(), MemoryLink(), MemoryLink()]
        write("a1", 0, &outbox)
        write("a2", 0, &outbox)
        write("b1", 1, &outbox)
        write("a3", 0, &outbox)
        write("c1", 2, &outbox)
        write("b2", 1, &outbox)
        let runs = outbox.runCount
        #expect(runs == 5)
        flush(&outbox, to: links)
        #expect(links.map(\.texts) == [["a1", "a2", "a3"], ["b1", "b2"], ["c1"]])
        #expect(links.map(\.sends) == [1, 1, 1])
        let isEmpty = !outbox.hasMessages
        #expect(isEmpty)
    }

    @Test("a message for many links is written once and reaches each between its own messages") func shared() {
        var outbox = Outbox()
        let links = [MemoryLink(), MemoryLink()]
        write("own", 1, &outbox)
        let start = outbox.messages.count
        write("all", 0, &outbox)
        let end = outbox.messages.count
        outbox.addRun(1, start, end)
        write("after", 1, &outbox)
        let count = outbox.messages.count
        #expect(count == end + 7)
        flush(&outbox, to: links)
        #expect(links.map(\.texts) == [["all"], ["own", "all", "after"]])
    }

    @Test("the next turn starts empty, also for slots that were used before") func reuse() {
        var outbox = Outbox()
        let links = [MemoryLink(), MemoryLink()]
        write("one", 1, &outbox)
        flush(&outbox, to: links)
        write("two", 1, &outbox)
        write("long " + String(repeating: "x", count: 70_000), 0, &outbox)
        flush(&outbox, to: links)
        #expect(links[1].texts == ["one", "two"])
        #expect(links[0].texts.first?.utf8.count == 70_005)
    }
}
