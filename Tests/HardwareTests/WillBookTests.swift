// The router's side of the watchdog in virtual time, also against the other side.

import Host
import Testing

@testable import Hardware

/// A book whose messages go to a keeper, as long as the keeper takes them.
final class BookWorld {
    var book = WillBook()
    var now = Instant.zero
    var takes = true
    var starts = true
    private(set) var journal: [String] = []
    private(set) var troubles: [WillBook.Trouble] = []

    func set(_ key: WillKey, _ packets: [[UInt8]], _ descriptor: Int32) -> Bool { book.set(key, packets, descriptor) }

    /// Carries out acts until the book waits; returns for how many milliseconds, nil for ever.
    @discardableResult
    func run() -> Int64? {
        defer { troubles += book.takeTroubles() }
        while true {
            switch book.next(at: now) {
            case .start:
                journal.append("start")
                if starts { book.started(at: now) } else { book.notStarted(at: now) }
            case .send(let bytes, let descriptor):
                guard takes else {
                    book.blocked(at: now)
                    continue
                }
                journal.append(Self.text(bytes, descriptor))
                book.sent(at: now)
            case .wait(let until): return until == .never ? nil : (until - now).milliseconds
            }
        }
    }

    func run(untilMilliseconds end: Int64) {
        while let wait = run(), (now - .zero).milliseconds + wait <= end { now = now + .milliseconds(wait) }
        now = .zero + .milliseconds(end)
    }

    /// The journal since the last call.
    func takeJournal() -> [String] {
        defer { journal = [] }
        return journal
    }

    static func text(_ bytes: [UInt8], _ descriptor: Int32?) -> String {
        let message = bytes.withUnsafeBytes { WillMessage(RawSpan(_unsafeBytes: $0)) }
        return switch message {
        case .set(let slot, let letter, _): "set \(slot) \(String(decoding: bytes[letter.dropFirst(2)], as: UTF8.self)) \(descriptor ?? -1)"
        case .clear(let slot): "clear \(slot)"
        case .beat(let runs): "beat \(runs)"
        case .end: "end"
        case .posted, nil: "?"
        }
    }
}

@Suite("The router's book of letters")
struct WillBookTests {
    private let one = WillKey(transport: 0, device: 1)
    private let two = WillKey(transport: 1, device: 1)

    @Test("The watchdog is started once, before there is a device, and without devices there is nothing to wait for.")
    func start() {
        let world = BookWorld()
        #expect(world.run() == nil)
        #expect(world.takeJournal() == ["start"])
        world.run(untilMilliseconds: 100_000)
        #expect(world.takeJournal() == [])
    }

    @Test("A letter is sent when it is set, and its slot is used again after it was cleared.")
    func letters() {
        let world = BookWorld()
        world.run()
        #expect(world.set(one, [[65]], 7) && world.set(two, [[66]], 8))
        world.run()
        world.book.clear(one)
        world.book.clear(one)
        world.run()
        #expect(world.set(two, [[67]], 8) && world.set(one, [[68]], 9))
        #expect(world.run() == nil)
        #expect(world.takeJournal() == ["start", "set 0 A 7", "set 1 B 8", "clear 0", "set 0 D 9", "set 1 C 8"])
    }

    @Test("While anything runs a beat goes out each second, the first at once and after the letters; the last says that nothing runs.")
    func beats() {
        let world = BookWorld()
        world.run()
        world.book.anythingRuns(true, in: 0)
        _ = world.set(one, [[65]], 7)
        #expect(world.run() == 1_000)
        world.book.anythingRuns(true, in: 1)
        #expect(world.run() == 1_000)
        world.run(untilMilliseconds: 2_500)
        #expect(world.takeJournal() == ["start", "set 0 A 7", "beat true", "beat true", "beat true"])
        world.book.anythingRuns(false, in: 0)
        #expect(world.run() == 500 && world.book.farewell == nil)
        world.book.anythingRuns(false, in: 1)
        #expect(world.run() == 500 && world.book.farewell == [4])
        // A rise before the last beat needs no message.
        world.book.anythingRuns(true, in: 1)
        world.book.anythingRuns(false, in: 1)
        #expect(world.run() == 500)
        world.run(untilMilliseconds: 100_000)
        #expect(world.takeJournal() == ["beat false"])
    }

    @Test("A watchdog that dies is started again and gets everything again, once a second at most; the operator is told once.")
    func restart() {
        let world = BookWorld()
        world.run()
        _ = world.set(one, [[65]], 7)
        world.book.anythingRuns(true, in: 0)
        world.run(untilMilliseconds: 20_000)
        _ = world.takeJournal()
        world.book.lost(at: world.now)
        world.run()
        #expect(world.takeJournal() == ["start", "set 0 A 7", "beat true"] && world.troubles == [.lost])
        world.book.lost(at: world.now)
        #expect(world.run() == 1_000)
        world.run(untilMilliseconds: 21_000)
        world.book.lost(at: world.now)
        #expect(world.run() == 2_000)
        #expect(world.troubles == [.lost])
    }

    @Test("A watchdog that cannot be started is tried again, more and more slowly; the operator is told once.")
    func notStarted() {
        let world = BookWorld()
        world.starts = false
        world.run(untilMilliseconds: 120_000)
        #expect(world.takeJournal().count == 8 && world.troubles == [.notStarted])
        world.starts = true
        _ = world.set(one, [[65]], 7)
        world.run(untilMilliseconds: 151_000)
        #expect(world.takeJournal() == ["start", "set 0 A 7"])
    }

    @Test("What the watchdog does not take now it gets later, the newest state only; one that takes nothing for five seconds is told of.")
    func blocked() {
        let world = BookWorld()
        world.run()
        world.takes = false
        _ = world.set(one, [[65]], 7)
        #expect(world.run() == 1_000)
        _ = world.set(one, [[66]], 7)
        world.book.anythingRuns(true, in: 0)
        world.run(untilMilliseconds: 4_500)
        #expect(world.troubles == [])
        world.run(untilMilliseconds: 5_500)
        #expect(world.troubles == [.silent])
        world.takes = true
        world.run(untilMilliseconds: 6_000)
        #expect(world.takeJournal() == ["start", "set 0 B 7", "beat true"])
    }

    @Test("Letters beyond the slots, too long or empty ones and those without a descriptor are refused, and each kind is told once.")
    func noRoom() {
        let world = BookWorld()
        world.run()
        for device in 0..<UInt32(WillRules.slots) {
            #expect(world.set(WillKey(transport: 0, device: device), [[65]], 7))
        }
        #expect(!world.set(two, [[65]], 7))
        #expect(!world.set(one, [], 7) && !world.set(one, [[]], 7) && !world.set(one, [[65]], -1))
        #expect(!world.set(WillKey(transport: 0, device: 2), [Array(repeating: 65, count: WillRules.letterBytes - 1)], 7))
        #expect(world.set(WillKey(transport: 0, device: 2), [Array(repeating: 65, count: WillRules.letterBytes - 2)], 7))
        world.run()
        #expect(world.troubles == [.noRoom, .noLetter, .notOpen])
        // A letter that was refused must not leave an old one, which would be wrong.
        let journal = world.takeJournal()
        #expect(journal.count == 1 + WillRules.slots && journal.contains("clear 2"))
    }
}
