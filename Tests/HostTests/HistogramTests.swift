// Durations in steps, and those of the last minute.
// Must not know what is measured.

import Host
import Testing

@Suite struct HistogramTests {
    private func histogram(_ milliseconds: [Int64]) -> Histogram {
        var histogram = Histogram()
        for one in milliseconds { histogram.add(.milliseconds(one)) }
        return histogram
    }

    @Test("A duration counts in the first step that is not shorter, and in all above it when they are summed up.")
    func steps() {
        let histogram = histogram([0, 1, 2, 3, 6_000])
        let byStep = Dictionary(uniqueKeysWithValues: zip(Histogram.bounds.map(\.milliseconds), histogram.cumulative).suffix(12))
        #expect(byStep[1] == 2)
        #expect(byStep[2] == 3)
        #expect(byStep[5] == 4)
        #expect(byStep[5_000] == 4)
        #expect(histogram.cumulative.count == Histogram.bounds.count + 1)
        #expect(histogram.cumulative.last == 5)
        #expect(histogram.count == 5)
        #expect(histogram.seconds == 6.006)
        #expect(histogram.longest == .seconds(6))
    }

    @Test("What is negative, as after a clock that was set back, counts as no time.")
    func negative() {
        let histogram = histogram([-5])
        #expect(histogram.cumulative.first == 1)
        #expect(histogram.seconds == 0)
    }

    @Test("A quantile lies within the step of its rank and never above the longest; without durations there is none.")
    func quantiles() {
        #expect(Histogram().quantile(0.5) == nil)
        #expect(histogram([0, 0, 0]).quantile(0.99) == .zero)
        #expect(histogram([7]).quantile(0.5) == .milliseconds(7))
        #expect(histogram([7_000, 8_000]).quantile(1) == .seconds(8))
        let mixed = histogram(Array(repeating: 1, count: 98) + [40, 300])
        #expect(mixed.quantile(0.5)! <= .milliseconds(1))
        #expect(mixed.quantile(0.99)! > .milliseconds(20) && mixed.quantile(0.99)! <= .milliseconds(50))
        #expect(mixed.quantile(1) == .milliseconds(300))
    }

    @Test("Two histograms together are what one would be that had counted both.")
    func together() {
        var sum = histogram([1, 2])
        sum.add(histogram([900]))
        #expect(sum.cumulative == histogram([900, 1, 2]).cumulative)
        #expect(sum.seconds == 0.903)
        #expect(sum.longest == .milliseconds(900))
    }

    private func at(_ seconds: Int64) -> Instant { .zero + .seconds(seconds) }

    @Test("The last minute forgets what is older, by itself too, and hands it on once.")
    func forgets() {
        var recent = RecentHistogram()
        var older = Histogram()
        recent.add(.milliseconds(3), at: at(100), older: &older)
        recent.add(.milliseconds(5), at: at(130), older: &older)
        #expect(recent.lastMinute(at: at(130)).count == 2)
        #expect(recent.lastMinute(at: at(149)).count == 2)
        #expect(recent.lastMinute(at: at(151)).count == 1)
        #expect(recent.lastMinute(at: at(400)).count == 0)
        #expect(recent.kept.count == 2 && older.count == 0)
        recent.add(.milliseconds(7), at: at(151), older: &older)
        #expect(recent.kept.count == 2 && older.count == 1)
        recent.add(.milliseconds(9), at: at(100_000), older: &older)
        #expect(recent.kept.count == 1 && older.count == 3)
        #expect(recent.lastMinute(at: at(100_000)).longest == .milliseconds(9))
    }
}
