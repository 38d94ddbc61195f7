// Random numbers from a seed: the published sequence, and the ranges.

import Host
import Testing

@testable import Devices

@Suite struct SeededRandomTests {
    @Test("The sequence is SplitMix64's, so a seed gives the same numbers everywhere")
    func sequence() {
        var random = SeededRandom(seed: 0)
        #expect((0..<3).map { _ in random.next() } == [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4, 0x06c4_5d18_8009_454f])
    }

    @Test("Numbers stay within their ranges and reach both ends")
    func ranges() {
        var random = SeededRandom(seed: 1)
        let small = (0..<1000).map { _ in random.integer(in: -2...2) }
        #expect(Set(small) == [-2, -1, 0, 1, 2])
        #expect(random.integer(in: 7...7) == 7)
        let wide = (0..<1000).map { _ in random.integer(in: .min ... .max) }
        #expect(wide.contains { $0 < -1_000_000_000 } && wide.contains { $0 > 1_000_000_000 })
        let times = (0..<1000).map { _ in random.interval(.milliseconds(3), .milliseconds(5)) }
        #expect(times.allSatisfy { $0 >= .milliseconds(3) && $0 <= .milliseconds(5) })
        #expect(Set(times).count > 900)
    }

    @Test("Each name has a sequence of its own from one seed")
    func names() {
        var a = SeededRandom(seed: 1, for: "simulated:plug:1")
        var same = SeededRandom(seed: 1, for: "simulated:plug:1")
        var other = SeededRandom(seed: 1, for: "simulated:plug:2")
        let first = a.next()
        #expect(first == same.next())
        #expect(first != other.next())
    }
}
