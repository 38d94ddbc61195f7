// The text format of Prometheus, sample by sample.
// Must not know what is measured.

import Host

/// A page of metrics.
struct MetricsPage {
    enum Kind: String { case gauge, counter, histogram }
    typealias Labels = [(String, String)]
    private(set) var text = ""

    mutating func family(_ name: String, _ kind: Kind, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    }

    mutating func sample(_ name: String, _ labels: Labels, _ value: Double) {
        let list = labels.map { "\($0.0)=\"\($0.1.filter { $0 != "\"" && $0 != "\\" && $0 != "\n" })\"" }.joined(separator: ",")
        text += "\(name)\(list.isEmpty ? "" : "{\(list)}") \(Self.number(value))\n"
    }

    mutating func single(_ name: String, _ kind: Kind, _ help: String, _ value: Double) {
        family(name, kind, help)
        sample(name, [], value)
    }

    /// The samples of one histogram; its family has been begun.
    /// - Parameter steps: The upper end of each step, and how many were as large or smaller.
    mutating func histogram(_ name: String, _ labels: Labels, _ steps: [(end: Double, count: UInt64)], count: UInt64, sum: Double) {
        for step in steps { sample("\(name)_bucket", labels + [("le", Self.number(step.end))], Double(step.count)) }
        sample("\(name)_bucket", labels + [("le", "+Inf")], Double(count))
        sample("\(name)_sum", labels, sum)
        sample("\(name)_count", labels, Double(count))
    }

    mutating func histogram(_ name: String, _ durations: Histogram, _ labels: Labels = []) {
        let steps = zip(Histogram.bounds, durations.cumulative).map { (end: $0.seconds, count: $1) }
        histogram(name, labels, steps, count: durations.count, sum: durations.seconds)
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
    }
}
