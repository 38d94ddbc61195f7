// The figures that conditions and comparisons can name, as a table: its name, its key in a result, its unit.
// Must not know how a figure is measured.

import JSON

/// A figure of a result.
public struct Metric: Hashable, Sendable {
    public enum Unit: Hashable, Sendable { case microseconds, bytes, number, perSecond }

    public var name: String
    /// Keys in the result's JSON, from the outside in.
    public var path: [String]
    public var unit: Unit
    /// Whether less is better; nil when it is neither.
    public var lessIsBetter: Bool?
    /// What a run needs for it.
    public var needs: String?

    /// Every figure there is.
    public static let all: [Metric] =
        latencies("", "latency_us", needs: "messages that were answered")
        + [
            Metric(name: "rate", path: ["rate"], unit: .perSecond, lessIsBetter: false),
            counts("sent", lessIsBetter: nil), counts("answered", lessIsBetter: nil), counts("errors"), counts("unanswered"),
            counts("duplicated"), counts("wrong"), counts("unsent"), counts("lost_sessions"), counts("events", lessIsBetter: nil),
            server("cpu", "cpu_us_per_message", .microseconds),
            server("cpu_per_event", "cpu_us_per_event", .microseconds, needs: "--pid and something that comes unasked"),
            server("rss", "rss_bytes", .bytes),
            server("rss_growth", "rss_bytes_growth", .bytes),
            server("descriptors", "descriptors", .number, needs: "--pid of a process that this user may look into"),
            server("descriptors_growth", "descriptors_growth", .number, needs: "--pid of a process that this user may look into"),
            server("rss_per_session", "rss_bytes_per_session", .bytes, needs: "--pid and --profile idle"),
            server("syscalls", "syscalls_per_message", .number, needs: "--pid, and a kernel that lets this user count them"),
        ] + latencies("stop_", "stop_us", needs: "--profile stop")
        + [Metric(name: "stops_missed", path: ["stops_missed"], unit: .number, lessIsBetter: true, needs: "--profile stop")]
        + latencies("fan_out_", "fan_out_us", needs: "--profile sensors")
        + latencies("fan_out_last_", "fan_out_last_us", needs: "--profile sensors")

    private static func latencies(_ prefix: String, _ key: String, needs: String) -> [Metric] {
        ["p50", "p90", "p99", "p999", "max", "mean"].map {
            Metric(name: prefix + $0, path: [key, $0], unit: .microseconds, lessIsBetter: true, needs: needs)
        }
    }

    private static func counts(_ name: String, lessIsBetter: Bool? = true) -> Metric {
        Metric(name: name, path: [name], unit: .number, lessIsBetter: lessIsBetter)
    }

    private static func server(_ name: String, _ key: String, _ unit: Unit, needs: String = "--pid") -> Metric {
        Metric(name: name, path: ["server", key], unit: unit, lessIsBetter: true, needs: needs)
    }

    /// The figure in a result's JSON; nil when that has none.
    public func value(in result: JSONTree) -> Double? {
        var node: JSONTree? = result
        // Percentiles of nothing are no figures.
        if path.count == 2, let count = result[path[0]]?["count"]?.number, count == 0 { return nil }
        for key in path { node = node?[key] }
        return node?.number
    }

    /// A value for people.
    public func words(_ value: Double) -> String {
        switch unit {
        case .microseconds: BenchResult.time(value)
        case .bytes: BenchResult.bytes(UInt64(max(0, value)))
        case .number: value == value.rounded() ? value.fixed(0) : value.fixed(3)
        case .perSecond: "\(value.fixed(0)) msg/s"
        }
    }
}
