// A result compared with an earlier one, figure by figure.
// Must not decide what is too much; conditions do.

import JSON

/// Two results as a table.
public struct Comparison: Sendable {
    public struct Row: Hashable, Sendable {
        public var metric: Metric
        public var before: Double
        public var now: Double
        /// nil when there was nothing to be a multiple of.
        public var ratio: Double? { before > 0 ? now / before : nil }
    }

    /// Figures that both have, but for those that are zero in both.
    public let rows: [Row]
    /// What was run differently, so that figures are less comparable.
    public let differences: [String]

    public init(baseline: JSONTree, result: JSONTree) {
        rows = Metric.all.compactMap { metric in
            guard let before = metric.value(in: baseline), let now = metric.value(in: result), before != 0 || now != 0 else { return nil }
            return Row(metric: metric, before: before, now: now)
        }
        differences = ["profile", "spec", "mode", "clients", "threads", "stays_awake", "in_flight", "target_rate", "messages", "burst"]
            .compactMap {
                key in
                // Before there were bursts everybody sent one message at a time.
                let before = baseline[key] ?? (key == "burst" ? .number(1) : .null)
                let now = result[key] ?? .null
                return before == now ? nil : "\(key) was \(Self.words(before)), is \(Self.words(now))"
            }
    }

    private static func words(_ value: JSONTree) -> String {
        if case .bool(let isSo) = value { return "\(isSo)" }
        return value.string ?? value.number?.short ?? "none"
    }

    /// Lines with a line end each.
    public var table: String {
        var lines = differences.map { "other run: \($0)\n" }
        let cells = rows.map { row in
            [row.metric.name, row.metric.words(row.before), row.metric.words(row.now), row.ratio.map { "\($0.fixed(2)) ×" } ?? ""]
        }
        let all = [["", "baseline", "now", ""]] + cells
        let widths = (0..<4).map { column in all.reduce(0) { max($0, $1[column].count) } }
        for row in all {
            let padded = row.enumerated().map { column, text in
                let space = String(repeating: " ", count: widths[column] - text.count)
                return column == 0 ? text + space : space + text
            }
            lines.append(padded.joined(separator: "  ") + "\n")
        }
        return lines.joined()
    }
}
