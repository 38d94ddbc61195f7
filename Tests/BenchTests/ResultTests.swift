// Results as JSON, table, comparison and page: each is complete and in the documented form.

import JSON
import Testing

@testable import Bench

struct ResultTests {
    private func sample() -> BenchResult {
        var result = BenchResult()
        result.url = "ws://127.0.0.1:1/<b>\"&"
        result.targetRate = 1_000
        result.clients = 4
        result.seconds = 2
        result.tally.sent = 2_000
        result.tally.answered = 1_999
        result.tally.arrived = 1_998
        result.tally.errors = 3
        result.tally.firstFault = "[{\"Error\":{\"ErrorMessage\":\"<script>\\n\"}}]\n\u{1}"
        var histogram = LoadRunner.emptyHistogram
        for n in UInt64(1)...1_000 { histogram.record(n * 1_000) }
        result.latency = LatencyFigures(histogram)
        result.percentiles = BenchRunner.curve(histogram)
        result.series = [SeriesPoint(seconds: 1, rate: 900, p50: 500, p99: 990), SeriesPoint(seconds: 2, rate: 1_100, p50: 510, p99: 985)]
        return result
    }

    @Test("The JSON has every promised key, with null where there is no figure, and reading it gives the same result.")
    func json() throws {
        let tree = try #require(JSONTree(sample().json.utf8))
        for key in [
            "schema", "url", "profile", "spec", "mode", "clients", "threads", "stays_awake", "in_flight", "target_rate", "messages",
            "burst",
            "seconds", "interrupted", "sent", "answered", "errors", "unanswered", "duplicated", "wrong", "unsent", "lost_sessions",
            "events", "first_fault", "rate",
            "latency_us", "server", "generator_cpu_us_per_message", "stop_us", "stops_missed", "fan_out_us", "fan_out_last_us",
            "percentiles", "series",
        ] {
            #expect(tree[key] != nil, "\(key)")
        }
        #expect(tree["unanswered"]?.number == 1)
        #expect(tree["rate"]?.number == 999)
        #expect(tree["first_fault"]?.string == sample().tally.firstFault)
        #expect(tree["url"]?.string == sample().url)
        let p99 = try #require(tree["latency_us"]?["p99"]?.number)
        #expect((989...991).contains(p99))
        #expect(tree["server"] == .null)
    }

    @Test("The server's figures are in the JSON under the promised keys when there are some.")
    func server() throws {
        var result = sample()
        result.server = ServerReport(pid: 7, residentBytesBefore: 1, residentBytes: 2_048)
        result.server?.cpuMicrosecondsPerMessage = 1.5
        let server = try #require(JSONTree(result.json.utf8)?["server"])
        #expect(server["cpu_us_per_message"]?.number == 1.5 && server["rss_bytes"]?.number == 2_048)
        #expect(server["syscalls_per_message"] == .null)
    }

    @Test("Conditions know how much the server's memory and descriptors have grown, and fail where they could not be counted.")
    func growth() throws {
        var result = sample()
        result.server = ServerReport(pid: 7, residentBytesBefore: 4_096, residentBytes: 3_072)
        let memory = try FailCondition("rss_growth>1MiB")
        let open = try FailCondition("descriptors_growth>0")
        let uncounted = try #require(JSONTree(result.json.utf8))
        #expect(memory.verdict(on: uncounted, baseline: nil) == .passed)
        guard case .unknown = open.verdict(on: uncounted, baseline: nil) else { return #expect(Bool(false), "not counted") }
        result.server?.descriptorsBefore = 12
        result.server?.descriptors = 13
        result.server?.residentBytes = 2 << 20
        let leaking = try #require(JSONTree(result.json.utf8))
        guard case .failed = memory.verdict(on: leaking, baseline: nil) else { return #expect(Bool(false), "memory has grown") }
        guard case .failed = open.verdict(on: leaking, baseline: nil) else { return #expect(Bool(false), "one is left open") }
        #expect(try FailCondition("descriptors>13").verdict(on: leaking, baseline: nil) == .passed)
    }

    @Test("Faults of every kind make a result fail, and the table names those that occurred.")
    func faults() {
        #expect(BenchResult().faults == 0)
        #expect(BenchResult().table.contains("none"))
        #expect(sample().faults == 4)
        #expect(sample().table.contains("3 errors, 1 unanswered"))
    }

    @Test("A comparison has the figures of both runs, their ratios, and the differences in their settings.")
    func comparison() throws {
        let now = try #require(JSONTree(sample().json.utf8))
        var earlier = sample()
        earlier.latency.p50 = 250
        earlier.clients = 8
        let comparison = Comparison(baseline: try #require(JSONTree(earlier.json.utf8)), result: now)
        #expect(comparison.differences == ["clients was 8, is 4"])
        let row = try #require(comparison.rows.first { $0.metric.name == "p50" })
        #expect(row.before == 250 && (row.ratio ?? 0) > 1.9 && (row.ratio ?? 0) < 2.1)
        #expect(comparison.table.contains("2.00 ×"))
        #expect(!comparison.rows.contains { $0.metric.name == "wrong" })
    }

    private func count(_ mark: String, in text: String) -> Int {
        let (mark, text) = (Array(mark.utf8), Array(text.utf8))
        return text.indices.filter { text[$0...].starts(with: mark) }.count
    }

    @Test("The page is complete in one file: plots as SVG, no scripts, nothing loaded, and texts from outside escaped.")
    func page() throws {
        let html = BenchReport(sample(), baseline: JSONTree(sample().json.utf8)).html
        #expect(html.hasPrefix("<!DOCTYPE html>") && html.contains("</html>"))
        #expect(count("<svg ", in: html) == 3 && count("<polyline ", in: html) == 5)
        for forbidden in ["<script", "src=", "href=", "url(", "@import", "<b>"] { #expect(!html.contains(forbidden), "\(forbidden)") }
        #expect(!html.contains("NaN") && !html.contains("inf,"))
        let empty = BenchReport(BenchResult()).html
        #expect(empty.contains("no plots") && !empty.contains("<svg"))
    }

    @Test("The plot uses the decimal logarithm, and numbers keep their decimals.")
    func numbers() {
        for (value, log) in [(1.0, 0.0), (10, 1), (1_000, 3), (0.01, -2), (2, 0.30103), (5_000_000, 6.69897)] {
            #expect(abs(BenchReport.log(value) - log) < 1e-5, "\(value)")
        }
        #expect(abs(BenchReport.nines(99.9) - 3) < 1e-4)
        #expect(1.005.fixed(1) == "1.0" && (-0.26).fixed(1) == "-0.3" && 0.05.fixed(2) == "0.05" && 1234.5.fixed(0) == "1235")
    }

    @Test("JSON is read correctly, and what is not JSON is refused.")
    func tree() {
        #expect(JSONTree("[1,-2.5e2,\"a\\u00e9\\ud83d\\ude00\\n\",true,null,{}]".utf8)?.elements.count == 6)
        #expect(JSONTree("\"\\ud83d\\ude00\"".utf8)?.string == "😀")
        for text in ["", "[", "[1,]", "{\"a\"}", "{\"a\":1", "tru", "1 2", "\"a", "nan", String(repeating: "[", count: 200)] {
            #expect(JSONTree(text.utf8) == nil, "\(text)")
        }
    }

    @Test("Calls of the read and write families are added up from what the kernel writes.")
    func calls() {
        #expect(ServerFigures.calls(Array("nonsense".utf8)) == nil)
        #expect(ServerFigures.calls(Array("rchar: 1\nwchar: 2\nsyscr: 30\nsyscw: 12\n".utf8)) == 42)
    }
}
