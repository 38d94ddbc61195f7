// From samples to the result: second by second while the run goes on, and the whole at its end.
// Must not know threads or sessions.

import UV

extension BenchRunner {
    /// Takes a second's figures into the result, and reports them.
    func note(_ samples: [LoadSample]) {
        let now = MonotonicClock.nanoseconds
        var second = RecentLatencies()
        var tally = Tally()
        for sample in samples {
            second.add(sample.recent)
            tally.add(sample.tally)
        }
        for thread in workers.indices { workers[thread].sample?.recent.reset() }
        let elapsed = now > sampledAt ? Double(now - sampledAt) / 1e9 : 0
        var progress = BenchProgress()
        progress.clients = samples.reduce(0) { $0 + $1.ready }
        progress.rate = elapsed > 0 && sampledAt > 0 ? Double(tally.received - min(tally.received, received)) / elapsed : 0
        (progress.p50, progress.p99) = (second.microseconds(percentile: 50), second.microseconds(percentile: 99))
        progress.faults = tally.errors + tally.duplicated + tally.wrong + tally.lost
        if let start {
            let whole = Double(measureTo - start)
            progress.share = min(1, now > start ? Double(now - start) / whole : 0)
            if let messages = options.messages {
                progress.messagesLeft = messages - min(messages, tally.answered)
                progress.share = Double(tally.answered) / Double(messages)
            }
            progress.secondsLeft = now < measureTo ? Double(measureTo - now) / 1e9 : 0
            progress.stage = now < measureFrom ? .warmingUp : now < measureTo ? .measuring : .waiting
        }
        // Seconds begin and end with the measured time, give or take a turn; the rest after the last says nothing about the server.
        let isWhole = elapsed > 0.5 || result.series.isEmpty
        if start != nil, sampledAt + 50_000_000 >= measureFrom, now <= measureTo + 500_000_000, isWhole {
            result.series.append(
                SeriesPoint(seconds: Double(now - measureFrom) / 1e9, rate: progress.rate, p50: progress.p50, p99: progress.p99))
        }
        received = tally.received
        sampledAt = max(now, start ?? now)
        if let probe { tally.add(probe.tally) }
        result.tally = tally
        onProgress(progress)
    }

    func conclude() {
        result.wasInterrupted = isInterrupted
        let end = max(measureFrom, measureTo)
        result.seconds = Double(end - measureFrom) / 1e9
        let latencies = whole(\.latencies) ?? LoadRunner.emptyHistogram
        result.latency = LatencyFigures(latencies)
        result.fanOut = whole { $0.fanOut?.others }.map { LatencyFigures($0) }
        result.fanOutLast = whole { $0.fanOut?.lasts }.map { LatencyFigures($0) }
        result.percentiles = latencies.totalCount == 0 ? [] : Self.curve(latencies)
        if let probe {
            result.stop = LatencyFigures(probe.latencies)
            result.stopsMissed = probe.missed
        }
        weigh()
    }

    /// What all threads have recorded; they have ended.
    private func whole(_ part: (LoadRunner) -> LatencyHistogram?) -> LatencyHistogram? {
        var whole: LatencyHistogram?
        for worker in workers {
            guard let recorded = part(worker.runner.value) else { continue }
            if whole == nil { whole = recorded } else { whole?.add(recorded) }
        }
        return whole
    }

    /// The percentiles that a plot shows: closer together the nearer they come to the whole.
    static func curve(_ latencies: LatencyHistogram) -> [PercentilePoint] {
        var points: [PercentilePoint] = []
        for percentile in latencies.percentiles(ticksPerHalfDistance: 4) {
            points.append(PercentilePoint(percentile: percentile.percentile, microseconds: Double(percentile.value) / 1e3))
        }
        return points
    }
}
