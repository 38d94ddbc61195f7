// Conditions on results: what users write is understood or refused with a reason, and the outcome follows the arithmetic.

import JSON
import Testing

@testable import Bench

struct FailConditionTests {
    private func result(_ change: (inout BenchResult) -> Void = { _ in }) -> JSONTree {
        var result = BenchResult()
        result.seconds = 10
        result.tally.sent = 1_000
        result.tally.answered = 1_000
        result.tally.arrived = 1_000
        result.latency.count = 1_000
        result.latency.p99 = 2_000
        change(&result)
        return JSONTree(result.json.utf8) ?? .null
    }

    private func hasFailed(_ text: String, _ baseline: JSONTree? = nil) throws -> Bool {
        if case .failed = try FailCondition(text).verdict(on: result(), baseline: baseline) { true } else { false }
    }

    @Test("A condition holds exactly when the figure is on the named side of the limit, in any unit.")
    func verdicts() throws {
        for text in ["p99>1ms", "p99>=2ms", "p99 >= 2000 us", "p99<3ms", "p99<=0.002s", "rate<101", "errors<=0", "p99>1999999ns"] {
            #expect(try hasFailed(text), "\(text)")
        }
        for text in ["p99>2ms", "p99<2ms", "p99>=2.001ms", "rate<100", "rate>100/s", "errors>0", "unanswered>0"] {
            #expect(try !hasFailed(text), "\(text)")
        }
    }

    @Test("A limit in x is a multiple of the baseline's figure.")
    func relative() throws {
        let baseline = result { $0.latency.p99 = 1_500 }
        #expect(try hasFailed("p99>1.3x", baseline))
        #expect(try !hasFailed("p99>1.4x", baseline))
        #expect(try FailCondition("p99>1.3x").isRelative)
    }

    @Test("A figure that the run does not have fails the check, and says what it needs.")
    func unknown() throws {
        guard case .unknown(let why) = try FailCondition("cpu>3us").verdict(on: result(), baseline: nil) else {
            Issue.record("a run without --pid has no cpu")
            return
        }
        #expect(why.contains("--pid"))
        let silent = result { $0.latency.count = 0 }
        if case .unknown = try FailCondition("p99<1s").verdict(on: silent, baseline: nil) {} else { Issue.record("percentiles of nothing") }
    }

    @Test(
        "A condition that cannot be understood is refused, and the message says what to write.",
        arguments: [
            ("", "like p99>2ms"), ("p99", "like p99>2ms"), ("p99=2ms", "like p99>2ms"), ("p98>2ms", "there is p50, p90"),
            ("p99>", "does not begin with a number"), ("p99>fast", "does not begin with a number"), ("p99>2", "500us, 2ms or 1s"),
            ("p99>2MB", "500us, 2ms or 1s"), ("rss>2ms", "16MB"), ("errors>1ms", "a plain number"),
            ("p99>-2ms", "does not begin with a number"),
            ("p99=>2ms", "there is no figure \"p99=\""), ("p99><2ms", "does not begin with a number"),
        ])
    func refusals(text: String, says: String) {
        #expect(throws: BenchProblem.self) { try FailCondition(text) }
        do throws(BenchProblem) { _ = try FailCondition(text) } catch { #expect(error.description.contains(says), "\(error)") }
    }
}
