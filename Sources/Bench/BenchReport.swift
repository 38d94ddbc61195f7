// The result as one HTML page that needs nothing else: figures, latency by percentile, throughput and latency over time.
// Must not fetch or run anything: no scripts, no addresses of other files.

import JSON

/// A page about a run.
public struct BenchReport: Sendable {
    private let result: BenchResult
    private let baseline: JSONTree?

    /// - Parameter baseline: An earlier result, drawn next to it.
    public init(_ result: BenchResult, baseline: JSONTree? = nil) {
        self.result = result
        self.baseline = baseline
    }

    /// The whole page.
    public var html: String {
        var body = "<h1>plugboard bench: \(result.profile.name)</h1>\n"
        body += "<p>\(HTML.escaped(result.profile.summary))</p>\n<pre>\(HTML.escaped(result.table))</pre>\n"
        if result.percentiles.isEmpty {
            body += "<p>No message was answered in the measured time, so there are no plots.</p>\n"
        } else {
            body += section("Latency by percentile", latencies.svg)
        }
        if !result.series.isEmpty {
            body += section("Throughput", throughput.svg) + section("Latency over time", overTime.svg)
        }
        if let baseline, let own = JSONTree(result.json.utf8) {
            body += "<h2>Compared with the baseline</h2>\n<pre>\(HTML.escaped(Comparison(baseline: baseline, result: own).table))</pre>\n"
        }
        body += "<h2>Result</h2>\n<pre class=\"json\">\(HTML.escaped(result.json))</pre>\n"
        return """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
            <title>plugboard bench: \(result.profile.name)</title>
            <style>\(Self.style)</style></head><body>
            \(body)</body></html>

            """
    }

    private func section(_ title: String, _ svg: String) -> String { "<h2>\(title)</h2>\n<figure>\(svg)</figure>\n" }

    private static let style = """
        :root{color-scheme:light dark;--a:#0b6bcb;--b:#c2410c;--grid:#8884}
        body{font:15px/1.5 system-ui,sans-serif;max-width:1000px;margin:2em auto;padding:0 1em}
        pre{overflow-x:auto;background:#8881;padding:1em;border-radius:6px}
        .json{white-space:pre-wrap;word-break:break-all;font-size:12px}
        figure{margin:0}svg{width:100%}text{font-size:12px;fill:currentColor}
        .grid{stroke:var(--grid)}.curve{fill:none;stroke-width:2}.curve.a{stroke:var(--a)}.curve.b{stroke:var(--b)}
        .dot.a{fill:var(--a)}.dot.b{fill:var(--b)}
        """

    // MARK: Plots

    /// Both axes logarithmic: to the right the share that is slower, upwards the time.
    private var latencies: Plot {
        let own = result.percentiles.map { ($0.percentile, $0.microseconds) }
        let earlier = (baseline?["percentiles"]?.elements ?? []).compactMap { pair -> (Double, Double)? in
            guard pair.elements.count == 2, let percentile = pair.elements[0].number, let time = pair.elements[1].number else { return nil }
            return (percentile, time)
        }
        // The slowest of all is at the end of what the curve resolves.
        let nines = (own + earlier).reduce(1.0) { $1.0 < 100 ? max($0, Self.nines($1.0)) : $0 }
        func points(_ curve: [(Double, Double)]) -> [(x: Double, y: Double)] {
            curve.map { (min(nines, Self.nines($0.0)), Self.log($0.1)) }
        }
        var curves = [Curve(name: "this run", style: "a", points: points(own))]
        if !earlier.isEmpty { curves.append(Curve(name: "baseline", style: "b", points: points(earlier))) }
        let logs = curves.flatMap { $0.points.map(\.y) }
        let low = Int((logs.min() ?? 0).rounded(.down))
        let high = max(low + 1, Int((logs.max() ?? 1).rounded(.up)))
        let labels = ["0", "90 %", "99 %", "99.9 %", "99.99 %", "99.999 %", "99.9999 %"]
        return Plot(
            title: "Latency by percentile",
            xTicks: (0...min(labels.count - 1, Int(nines.rounded(.up)))).map { Tick(at: Double($0), label: labels[$0]) },
            yTicks: (low...high).map { Tick(at: Double($0), label: BenchResult.time(Self.power($0))) }, xTitle: "percentile",
            yTitle: "latency", curves: curves)
    }

    private var throughput: Plot {
        let highest = result.series.reduce(0) { max($0, $1.rate) }
        return Plot(
            title: "Throughput", xTicks: seconds, yTicks: Plot.ticks(to: max(1, highest)) { $0.fixed($0 < 10 && $0 != 0 ? 1 : 0) },
            xTitle: "seconds", yTitle: "answers per second",
            curves: [Curve(name: "answers", style: "a", points: result.series.map { ($0.seconds, $0.rate) })])
    }

    private var overTime: Plot {
        let highest = result.series.reduce(0) { max($0, $1.p99) }
        return Plot(
            title: "Latency over time", xTicks: seconds, yTicks: Plot.ticks(to: max(1, highest)) { BenchResult.time($0) },
            xTitle: "seconds", yTitle: "latency",
            curves: [
                Curve(name: "p50", style: "a", points: result.series.map { ($0.seconds, $0.p50) }),
                Curve(name: "p99", style: "b", points: result.series.map { ($0.seconds, $0.p99) }),
            ])
    }

    private var seconds: [Tick] { Plot.ticks(to: result.series.last?.seconds ?? 1) { $0.short } }

    /// 90 % is one nine, 99 % two.
    static func nines(_ percentile: Double) -> Double { percentile >= 99.9999 ? 6 : -log((100 - percentile) / 100) }

    /// The decimal logarithm, without the mathematics library; values from a nanosecond to years.
    static func log(_ value: Double) -> Double {
        var (mantissa, whole) = (max(value, 1e-6), 0.0)
        while mantissa >= 10 { (mantissa, whole) = (mantissa / 10, whole + 1) }
        while mantissa < 1 { (mantissa, whole) = (mantissa * 10, whole - 1) }
        var (digit, result) = (0.5, whole)
        // Squaring doubles the logarithm: its bits, one by one.
        for _ in 0..<20 {
            mantissa *= mantissa
            if mantissa >= 10 {
                mantissa /= 10
                result += digit
            }
            digit /= 2
        }
        return result
    }

    private static func power(_ exponent: Int) -> Double {
        var result = 1.0
        for _ in 0..<exponent.magnitude { result = exponent < 0 ? result / 10 : result * 10 }
        return result
    }
}
