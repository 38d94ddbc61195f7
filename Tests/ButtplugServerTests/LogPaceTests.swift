// How often an event of a kind is written; every event is in a line or in a count.
// Must not know a server.

import ButtplugServer
import Host
import Testing

/// A pace and what it has written, in milliseconds of its own clock.
private struct Paper {
    var pace = LogPace<String>()
    var now: UInt64 = 1_000
    var lines: [(at: UInt64, line: String, count: UInt64)] = []

    private var instant: Instant { Instant(nanoseconds: now * 1_000_000) }

    mutating func offer(_ kind: String, _ detail: String?, _ line: String) {
        if let line = pace.offer(kind, detail, at: instant, line: { line }) { lines.append((now, line, 1)) }
    }

    /// Lets time pass; lines that become due meanwhile are written.
    mutating func advance(by milliseconds: UInt64) {
        let end = now + milliseconds
        while pace.deadline.nanoseconds <= end * 1_000_000 {
            now = max(now, (pace.deadline.nanoseconds + 999_999) / 1_000_000)
            while let (line, count) = pace.takeDue(at: instant) { lines.append((now, line, count)) }
        }
        now = end
    }

    var total: UInt64 { lines.reduce(0) { $0 + $1.count } }
}

@Suite struct LogPaceTests {
    @Test("Equal refusals are one line, then counts, less and less often, down to once a minute; none is lost.")
    func equal() {
        var paper = Paper()
        for _ in 0..<20_000 {
            paper.offer("refused", "page", "page refused")
            paper.advance(by: 50)
        }
        paper.advance(by: 120_000)
        #expect(paper.total == 20_000)
        #expect(paper.lines[0].count == 1)
        #expect(paper.lines.count < 30)
        let gaps = zip(paper.lines.dropFirst(), paper.lines).map { $0.at - $1.at }
        #expect(gaps.allSatisfy { $0 >= 1_000 })
        #expect(gaps.last! >= 60_000)
    }

    @Test("A refusal that returns every two seconds without end is written less and less often too.")
    func slowButForEver() {
        var paper = Paper()
        for _ in 0..<3_600 {
            paper.offer("refused", "page", "page refused")
            paper.advance(by: 2_000)
        }
        paper.advance(by: 120_000)
        #expect(paper.total == 3_600)
        #expect(paper.lines.count < 140)
    }

    @Test("While one reason repeats, another reason is written at once, in its own line.")
    func other() {
        var paper = Paper()
        for _ in 0..<100 { paper.offer("refused", "a", "a refused") }
        paper.offer("refused", "b", "b refused")
        #expect(paper.lines.map(\.line) == ["a refused", "b refused"])
        paper.advance(by: 10_000)
        #expect(paper.total == 101)
    }

    @Test("Hundreds of different reasons give at most one line a second in the long run, for every kind.", arguments: [true, false])
    func madeUp(hasDetails: Bool) {
        var paper = Paper()
        for number in 0..<30_000 {
            paper.offer("refused", hasDetails ? "site \(number)" : nil, "site \(number)")
            paper.advance(by: 2)
        }
        paper.advance(by: 10_000)
        #expect(paper.total == 30_000)
        #expect(paper.lines.count <= 60 + LogPace<String>.burst + 2)
        for line in paper.lines {
            let later = paper.lines.count { $0.at >= line.at && $0.at < line.at + 10_000 }
            #expect(later <= 10 + LogPace<String>.burst + 1)
        }
    }

    @Test("Transitions at an ordinary pace are all written at once, equal ones too.")
    func ordinary() {
        var paper = Paper()
        for _ in 0..<20 { paper.offer("up", nil, "up") }
        for _ in 0..<100 {
            paper.advance(by: 1_000)
            paper.offer("up", nil, "up")
        }
        #expect(paper.lines.count == 120)
        #expect(paper.lines.allSatisfy { $0.count == 1 })
    }

    @Test("Each kind has its own pace, and what is held back is still written at the end.")
    func kinds() {
        var paper = Paper()
        for _ in 0..<50 { paper.offer("up", nil, "up") }
        paper.offer("down", nil, "down")
        #expect(paper.lines.last?.line == "down")
        let held = paper.pace.takeHeld()
        #expect(held?.count == 30)
        #expect(paper.pace.takeHeld() == nil)
        #expect(paper.pace.deadline == .never)
    }
}
