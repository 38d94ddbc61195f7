// `--fail-if`: a condition on a result, read from what a user writes and checked when the figures are there.
// Must not know exit codes.

import JSON

/// Something that must not be: `p99>2ms`, `rate<19000`, `cpu>1.2x`.
public struct FailCondition: Hashable, Sendable {
    enum Comparison: String, CaseIterable, Sendable {
        // The longer ones first: the first that fits is taken.
        case atMost = "<="
        case atLeast = ">="
        case below = "<"
        case above = ">"

        func holds(_ value: Double, _ limit: Double) -> Bool {
            switch self {
            case .atMost: value <= limit
            case .atLeast: value >= limit
            case .below: value < limit
            case .above: value > limit
            }
        }
    }

    /// What was found.
    public enum Verdict: Hashable, Sendable {
        /// The condition does not hold: all is well.
        case passed
        /// It holds; why, in words.
        case failed(String)
        /// The run has no such figure; why, in words. Counts as failed: a check that checks nothing is none.
        case unknown(String)
    }

    let text: String
    let metric: Metric
    let comparison: Comparison
    /// In the metric's own unit, or times the baseline's figure.
    let limit: Double
    /// Whether the limit is a multiple of the baseline's figure.
    public let isRelative: Bool

    /// Reads METRIC, one of < <= > >=, and a number with its unit.
    public init(_ text: String) throws(BenchProblem) {
        self.text = text
        func wrong(_ why: String) -> BenchProblem { .badOption("--fail-if '\(text)': \(why)") }
        let bare = text.filter { $0 != " " }
        guard let sign = bare.firstIndex(where: { $0 == "<" || $0 == ">" }) else {
            throw wrong("a condition is a figure, < or >, and a limit, like p99>2ms")
        }
        let name = String(bare[..<sign])
        let rest = bare[sign...]
        guard let comparison = Comparison.allCases.first(where: { rest.hasPrefix($0.rawValue) }) else {
            throw wrong("between figure and limit must be one of < <= > >=")
        }
        guard let metric = Metric.all.first(where: { $0.name == name }) else {
            throw wrong("there is no figure \"\(name)\"; there is \(Metric.all.map(\.name).joined(separator: ", "))")
        }
        let limit = rest.dropFirst(comparison.rawValue.count)
        let number = limit.prefix { $0.isNumber || $0 == "." || $0 == "-" }
        guard let value = Double(number), value >= 0 else { throw wrong("\"\(limit)\" does not begin with a number") }
        let unit = String(limit.dropFirst(number.count))
        self.metric = metric
        self.comparison = comparison
        isRelative = unit == "x"
        guard !isRelative else {
            self.limit = value
            return
        }
        guard let scale = Self.scale(unit, metric.unit) else {
            throw wrong("\"\(unit)\" is no unit of \(name); write \(Self.example(metric.unit)), or 1.2x for 1.2 times the baseline's")
        }
        self.limit = value * scale
    }

    private static func scale(_ unit: String, _ kind: Metric.Unit) -> Double? {
        switch (kind, unit) {
        case (.microseconds, "us"), (.microseconds, "µs"), (.microseconds, "μs"): 1
        case (.microseconds, "ns"): 1e-3
        case (.microseconds, "ms"): 1e3
        case (.microseconds, "s"): 1e6
        case (.bytes, ""), (.bytes, "B"): 1
        case (.bytes, "kB"): 1e3
        case (.bytes, "MB"): 1e6
        case (.bytes, "GB"): 1e9
        case (.bytes, "KiB"): 1024
        case (.bytes, "MiB"): 1_048_576
        case (.bytes, "GiB"): 1_073_741_824
        case (.number, ""), (.perSecond, ""), (.perSecond, "/s"), (.perSecond, "msg/s"): 1
        default: nil
        }
    }

    private static func example(_ kind: Metric.Unit) -> String {
        switch kind {
        case .microseconds: "a time like 500us, 2ms or 1s"
        case .bytes: "a size like 16MB or 8MiB"
        case .number: "a plain number"
        case .perSecond: "a plain number of messages a second"
        }
    }

    /// Checks a result, in its JSON, against a baseline's where the condition is relative.
    public func verdict(on result: JSONTree, baseline: JSONTree?) -> Verdict {
        guard let value = metric.value(in: result) else {
            return .unknown("--fail-if '\(text)': this run has no \(metric.name)" + (metric.needs.map { "; it needs \($0)" } ?? ""))
        }
        var limit = limit
        if isRelative {
            guard let before = baseline.flatMap({ metric.value(in: $0) }) else {
                return .unknown("--fail-if '\(text)': the baseline has no \(metric.name)")
            }
            limit *= before
        }
        guard comparison.holds(value, limit) else { return .passed }
        return .failed("--fail-if '\(text)' holds: \(metric.name) is \(metric.words(value)), the limit \(metric.words(limit))")
    }
}
