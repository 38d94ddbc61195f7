// The watchdog's side in virtual time: what it writes where, and when.

import Host
import Testing

@testable import Hardware

/// A keeper with descriptors that take, refuse or are full, and a journal of what was written.
final class KeeperWorld {
    var keeper = WillKeeper()
    var now = Instant.zero
    /// Descriptors that take at most so many bytes of a write; 0: full, negative: broken.
    var room: [Int32: Int] = [:]
    private(set) var written: [String] = []
    private(set) var closed: [Int32] = []
    private(set) var answers: [Int] = []
    private(set) var exit: Bool?

    /// Carries out acts until the keeper waits; returns for how many milliseconds, nil for ever or when it has left.
    @discardableResult
    func run() -> Int64? {
        while true {
            switch keeper.next(at: now) {
            case .write(let range, let descriptor):
                let take = min(room[descriptor] ?? range.count, range.count)
                if take < 0 {
                    keeper.refused()
                } else if take == 0 {
                    keeper.blocked()
                } else {
                    let text = String(decoding: keeper.letters[range.prefix(take)], as: UTF8.self)
                    written.append("\((now - .zero).milliseconds) \(descriptor) \(text)")
                    keeper.wrote(take)
                }
            case .answer(let letters): answers.append(letters)
            case .wait(let until): return until == .never ? nil : (until - now).milliseconds
            case .exit(let orphaned):
                exit = orphaned
                return nil
            }
        }
    }

    /// Runs until nothing is due any more, or this instant.
    func run(untilMilliseconds end: Int64) {
        while let wait = run(), (now - .zero).milliseconds + wait <= end { now = now + .milliseconds(wait) }
        now = .zero + .milliseconds(end)
    }

    func get(_ bytes: [UInt8], _ descriptor: Int32? = nil) {
        let surplus = bytes.withUnsafeBytes { keeper.received(RawSpan(_unsafeBytes: $0), descriptor, at: now) }
        if let surplus { closed.append(surplus) }
    }

    func get(_ message: WillMessage) { get(message.bytes) }

    func set(_ slot: Int, _ packets: String..., to descriptor: Int32) {
        get(WillMessage.set(slot: slot, letter: WillMessage.letter(packets.map { Array($0.utf8) })!), descriptor)
    }

    func end() { keeper.ended(at: now) }
}

@Suite("The watchdog's letters")
struct WillKeeperTests {
    @Test("A router that is gone without a word: all letters at once, again after 0.2 s and 1 s, then the end.")
    func orphaned() {
        let world = KeeperWorld()
        world.set(0, "a0", "a1", to: 7)
        world.set(9, "b0", to: 8)
        #expect(world.run() == nil && world.written == [])
        world.end()
        world.run(untilMilliseconds: 5_000)
        #expect(
            world.written == [
                "0 7 a0", "0 7 a1", "0 8 b0", "200 7 a0", "200 7 a1", "200 8 b0", "1000 7 a0", "1000 7 a1", "1000 8 b0",
            ])
        #expect(world.exit == true && world.answers == [] && world.keeper.postedLetters == 2)
    }

    @Test("A router that says that it ends: nothing is written, and the watchdog leaves.")
    func goodEnd() {
        let world = KeeperWorld()
        world.set(0, "a0", to: 7)
        world.get(.beat(runs: true))
        world.get(.end)
        world.end()
        world.run()
        #expect(world.exit == false && world.written == [])
    }

    @Test("Without devices an end without a word is an end like others.")
    func nothingToPost() {
        let world = KeeperWorld()
        world.set(0, "a0", to: 7)
        world.get(.clear(slot: 0))
        world.end()
        world.run()
        #expect(world.exit == false && world.written == [] && world.closed == [7])
    }

    @Test("Five seconds without a beat while an output runs: the letters are posted and the router is told.")
    func hang() {
        let world = KeeperWorld()
        world.set(0, "a0", to: 7)
        world.get(.beat(runs: true))
        #expect(world.run() == 5_000)
        world.now = .zero + .seconds(1)
        world.get(.beat(runs: true))
        world.run(untilMilliseconds: 5_999)
        #expect(world.written == [] && world.answers == [])
        world.run(untilMilliseconds: 60_000)
        #expect(world.written == ["6000 7 a0", "6200 7 a0", "7000 7 a0"] && world.answers == [1] && world.exit == nil)
    }

    @Test("While nothing runs no beat is due.")
    func calm() {
        let world = KeeperWorld()
        world.set(0, "a0", to: 7)
        world.get(.beat(runs: true))
        world.get(.beat(runs: false))
        #expect(world.run() == nil)
        world.now = .zero + .seconds(3_600)
        #expect(world.run() == nil && world.written == [])
    }

    @Test("A router that lives again is not interrupted by later rounds, and is watched as before.")
    func livesAgain() {
        let world = KeeperWorld()
        world.set(0, "a0", to: 7)
        world.get(.beat(runs: true))
        world.run(untilMilliseconds: 5_100)
        world.get(.beat(runs: true))
        world.run(untilMilliseconds: 10_099)
        #expect(world.written == ["5000 7 a0"] && world.answers == [1])
        world.run(untilMilliseconds: 10_100)
        #expect(world.written == ["5000 7 a0", "10100 7 a0"] && world.answers == [1, 1])
    }

    @Test("A router that lives again while its devices are being zeroed: all of them are, and it is told.")
    func livesAgainMeanwhile() {
        for runs in [true, false] {
            let world = KeeperWorld()
            world.set(0, "a0", to: 7)
            world.set(1, "b0", to: 8)
            world.get(.beat(runs: true))
            world.now = .zero + .seconds(5)
            // One device is at zero, and in the same moment the router lives again.
            guard case .write(let range, descriptor: 7) = world.keeper.next(at: world.now), range.count == 2 else {
                Issue.record("no letter is posted")
                return
            }
            world.keeper.wrote(2)
            world.get(.beat(runs: runs))
            world.run(untilMilliseconds: 9_000)
            #expect(world.written == ["5000 8 b0"])
            #expect(world.answers == [2] && world.exit == nil)
            world.run(untilMilliseconds: 10_000)
            #expect(world.answers == (runs ? [2, 2] : [2]))
        }
    }

    @Test("A router that dies while it hangs: the rounds begin again.")
    func diesHanging() {
        let world = KeeperWorld()
        world.set(0, "a0", to: 7)
        world.get(.beat(runs: true))
        world.run(untilMilliseconds: 5_100)
        world.end()
        world.run(untilMilliseconds: 60_000)
        #expect(world.written == ["5000 7 a0", "5100 7 a0", "5300 7 a0", "6100 7 a0"] && world.exit == true)
    }

    @Test("A watchdog that was stopped itself gives the router a second.")
    func ownStop() {
        let world = KeeperWorld()
        world.set(0, "a0", to: 7)
        world.get(.beat(runs: true))
        world.now = .zero + .seconds(20)
        #expect(world.run() == 1_000 && world.written == [])
        world.get(.beat(runs: true))
        #expect(world.run() == 5_000)
        world.now = .zero + .seconds(40)
        #expect(world.run() == 1_000)
        world.run(untilMilliseconds: 41_000)
        #expect(world.written == ["41000 7 a0"])
    }

    @Test("A full or broken descriptor holds up no other, and is tried again.")
    func blocked() {
        let world = KeeperWorld()
        world.set(0, "a0", to: 7)
        world.set(1, "b0", to: 8)
        world.set(2, "c0", to: 9)
        world.room = [7: 0, 8: -1]
        world.end()
        world.run(untilMilliseconds: 100)
        #expect(world.written == ["0 9 c0"] && world.keeper.postedLetters == 1 && world.keeper.letterCount == 3)
        world.room = [8: -1]
        world.run(untilMilliseconds: 60_000)
        #expect(world.written == ["0 9 c0", "200 7 a0", "200 9 c0", "1000 7 a0", "1000 9 c0"])
        #expect(world.exit == true && world.keeper.postedLetters == 2)
    }

    @Test("A stream that took half of a packet gets the other half first.")
    func halfPacket() {
        let world = KeeperWorld()
        world.set(0, "abcd", "ef", to: 7)
        world.room = [7: 3]
        world.end()
        world.run(untilMilliseconds: 100)
        world.room = [:]
        world.run(untilMilliseconds: 60_000)
        #expect(world.written == ["0 7 abc", "200 7 d", "200 7 ef", "1000 7 abcd", "1000 7 ef"] && world.keeper.postedLetters == 1)
    }

    @Test("A paced letter: one packet in each round of a tenth of a second, in turn, beside letters that are not; each is one device.")
    func paced() {
        let world = KeeperWorld()
        let letter = WillMessage.letter([Array("a0".utf8), Array("a1".utf8)])!
        world.get(WillMessage.set(slot: 0, letter: letter, .paced), 7)
        world.get(WillMessage.set(slot: 1, letter: letter, .further), 8)
        world.set(2, "b0", to: 9)
        world.end()
        world.run(untilMilliseconds: 60)
        #expect(world.written == ["0 7 a0", "0 8 a0", "0 8 a1", "0 9 b0"])
        #expect(world.keeper.letterCount == 2 && world.keeper.postedLetters == 1)
        world.run(untilMilliseconds: 250)
        #expect(world.written.dropFirst(4) == ["100 7 a1", "200 7 a0", "200 8 a0", "200 8 a1", "200 9 b0"])
        #expect(world.keeper.postedLetters == 2)
        world.run(untilMilliseconds: 5_000)
        #expect(
            world.written.dropFirst(9).prefix(7) == ["300 7 a1", "400 7 a0", "500 7 a1", "600 7 a0", "700 7 a1", "800 7 a0", "900 7 a1"])
        #expect(world.exit == true)
    }

    @Test("A new letter replaces the old one, and descriptors that are not needed are closed.")
    func replaced() {
        let world = KeeperWorld()
        world.set(0, "a0", to: 7)
        world.set(0, "b0", to: 8)
        #expect(world.closed == [7])
        world.get(.clear(slot: 0))
        world.get(.clear(slot: 0))
        world.get(WillMessage.beat(runs: false).bytes, 9)
        #expect(world.closed == [7, 8, 9])
        world.end()
        world.run()
        #expect(world.exit == false)
    }

    @Test(
        "A malformed message changes nothing, and what came with it is closed.",
        arguments: [
            [], [0], [6], [1], [1, 0, 0], [1, 0, 1, 1, 0, 65], [1, 0, 0, 0, 0], [1, 0, 0, 2, 0, 65], [1, 0, 0, 1, 0, 65, 66],
            [2], [2, 0], [2, 0, 1], [2, 0, 0, 0], [3], [3, 2], [3, 0, 0], [4, 0], [5, 0],
        ] as [[UInt8]])
    func malformed(bytes: [UInt8]) {
        let world = KeeperWorld()
        world.set(0, "a0", to: 7)
        world.get(.beat(runs: true))
        world.get(bytes, 8)
        #expect(world.closed == [8] && world.keeper.letterCount == 1)
        #expect(world.run() == 5_000)
    }

    @Test("A letter without a descriptor is none.")
    func noDescriptor() {
        let world = KeeperWorld()
        world.get(WillMessage.set(slot: 0, letter: [1, 0, 65]))
        #expect(world.keeper.letterCount == 0)
    }

    @Test("Any bytes at all: no letter out of range, no descriptor lost.")
    func randomBytes() {
        var random = SplitMix(seed: 55)
        let world = KeeperWorld()
        for descriptor in 0..<20_000 as Range<Int32> {
            var bytes = (0..<random.next() % 12).map { _ in UInt8(truncatingIfNeeded: random.next() % 8) }
            if bytes.count > 2, random.next() % 2 == 0 { bytes[2] = 0 }
            world.get(bytes, descriptor)
        }
        #expect(world.closed.count + world.keeper.letterCount == 20_000)
        #expect(Set(world.closed).count == world.closed.count)
        world.end()
        world.run(untilMilliseconds: 2_000)
        #expect(world.exit != nil)
    }
}
