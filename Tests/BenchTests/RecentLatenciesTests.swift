// The latencies of the last second: accurate enough, added over threads, and removed when they were shown.

import Testing

@testable import Bench

struct RecentLatenciesTests {
    @Test("A percentile is within a sixtieth of the value that was recorded, from nanoseconds to minutes.")
    func precision() {
        var value: UInt64 = 1
        while value < 1_000_000_000_000 {
            var recent = RecentLatencies()
            recent.record(value)
            let shown = recent.microseconds(percentile: 99) * 1e3
            #expect((shown - Double(value)).magnitude <= Double(value) / 60, "\(value) shown as \(shown)")
            value = value * 13 / 10 + 1
        }
    }

    @Test("Percentiles are of everything recorded and added; a value beyond the range counts as the longest.")
    func percentiles() {
        var one = RecentLatencies()
        var other = RecentLatencies()
        #expect(one.microseconds(percentile: 50) == 0)
        for _ in 0..<60 { one.record(20_000) }
        for _ in 0..<39 { other.record(40_000) }
        other.record(.max)
        one.add(other)
        #expect(one.total == 100)
        #expect((19.6...20.4).contains(one.microseconds(percentile: 50)))
        #expect((39.3...40.7).contains(one.microseconds(percentile: 99)))
        #expect(one.microseconds(percentile: 100) > 1e9)
        one.reset()
        #expect(one.total == 0 && one.microseconds(percentile: 100) == 0)
    }
}
