// The result for programs: one JSON object, whose keys are described in docs/bench.md and never go away.
// Must not know people's tables.

extension BenchResult {
    /// One line of JSON.
    public var json: String {
        var object = JSONLines()
        object.add("schema", "1")
        object.add("url", Self.quoted(url))
        object.add("profile", Self.quoted(profile.name))
        object.add("spec", "\(spec.rawValue)")
        object.add("mode", Self.quoted(inFlight == nil ? "open" : "closed"))
        object.add("clients", "\(clients)")
        object.add("threads", "\(threads)")
        object.add("stays_awake", "\(staysAwake)")
        object.add("in_flight", inFlight.map { "\($0)" })
        object.add("target_rate", targetRate?.fixed(1))
        object.add("messages", messages.map { "\($0)" })
        object.add("burst", "\(burst)")
        object.add("ramp_seconds", rampSeconds.fixed(3))
        object.add("warmup_seconds", warmupSeconds.fixed(3))
        object.add("seconds", seconds.fixed(3))
        object.add("interrupted", "\(wasInterrupted)")
        object.add("sent", "\(tally.sent)")
        object.add("answered", "\(tally.answered)")
        object.add("errors", "\(tally.errors)")
        object.add("unanswered", "\(tally.unanswered)")
        object.add("duplicated", "\(tally.duplicated)")
        object.add("wrong", "\(tally.wrong)")
        object.add("unsent", "\(tally.unsent)")
        object.add("lost_sessions", "\(tally.lost)")
        object.add("events", "\(tally.events)")
        object.add("first_fault", tally.firstFault.map(Self.quoted))
        object.add("rate", rate.fixed(1))
        object.add("latency_us", Self.json(latency))
        object.add("server", server.map(Self.json))
        object.add("generator_cpu_us_per_message", generatorMicrosecondsPerMessage?.fixed(3))
        object.add("stop_us", stop.map { Self.json($0) })
        object.add("stops_missed", stop == nil ? nil : "\(stopsMissed)")
        object.add("fan_out_us", fanOut.map { Self.json($0) })
        object.add("fan_out_last_us", fanOutLast.map { Self.json($0) })
        object.add(
            "percentiles", "[" + percentiles.map { "[\($0.percentile.fixed(5)),\($0.microseconds.fixed(1))]" }.joined(separator: ",") + "]")
        let points = series.map { "[\($0.seconds.fixed(2)),\($0.rate.fixed(1)),\($0.p50.fixed(1)),\($0.p99.fixed(1))]" }
        object.add("series", "[" + points.joined(separator: ",") + "]")
        return object.text
    }

    private static func json(_ figures: LatencyFigures) -> String {
        var object = JSONLines()
        object.add("count", "\(figures.count)")
        object.add("p50", figures.p50.fixed(1))
        object.add("p90", figures.p90.fixed(1))
        object.add("p99", figures.p99.fixed(1))
        object.add("p999", figures.p999.fixed(1))
        object.add("max", figures.max.fixed(1))
        object.add("mean", figures.mean.fixed(1))
        return object.text
    }

    private static func json(_ server: ServerReport) -> String {
        var object = JSONLines()
        object.add("pid", "\(server.pid)")
        object.add("cpu_us_per_message", server.cpuMicrosecondsPerMessage?.fixed(3))
        object.add("cpu_us_per_event", server.cpuMicrosecondsPerEvent?.fixed(3))
        object.add("rss_bytes", "\(server.residentBytes)")
        object.add("rss_bytes_before", "\(server.residentBytesBefore)")
        object.add("rss_bytes_growth", "\(server.residentBytesGrowth)")
        object.add("descriptors", server.descriptors.map { "\($0)" })
        object.add("descriptors_before", server.descriptorsBefore.map { "\($0)" })
        object.add("descriptors_growth", server.descriptorsGrowth.map { "\($0)" })
        object.add("rss_bytes_per_session", server.residentBytesPerSession?.fixed(0))
        object.add("syscalls_per_message", server.systemCallsPerMessage?.fixed(4))
        object.add("syscalls_note", server.systemCallsNote.map(quoted))
        object.add("read_write_calls_per_message", server.readWriteCallsPerMessage?.fixed(4))
        return object.text
    }

    /// A JSON string.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case "\u{0}"..<" ", "\u{7F}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

/// A JSON object as it is put together. A value that is not there is `null`: the keys are always the same.
private struct JSONLines {
    private var members: [String] = []
    mutating func add(_ key: String, _ value: String?) { members.append("\"\(key)\":\(value ?? "null")") }
    var text: String { "{\(members.joined(separator: ","))}" }
}
