// A line plot as SVG, with axes and a legend, in colours that follow the reader's light or dark setting.
// Must not know what the numbers mean.

/// One curve.
struct Curve: Sendable {
    var name: String
    /// A class of the page's style: "a" or "b".
    var style: String
    var points: [(x: Double, y: Double)]
}

/// A mark on an axis.
struct Tick: Sendable {
    var at: Double
    var label: String
}

/// Curves over two axes. Values are where they are to be drawn: for a logarithmic axis the caller takes logarithms.
struct Plot: Sendable {
    var title: String
    var xTicks: [Tick]
    var yTicks: [Tick]
    var xTitle: String
    var yTitle: String
    var curves: [Curve]

    private static let width = 860.0
    private static let height = 330.0
    private static let left = 84.0
    private static let right = 36.0
    private static let top = 34.0
    private static let bottom = 52.0

    /// The SVG element.
    var svg: String {
        let xs = Self.range(xTicks.map(\.at) + curves.flatMap { $0.points.map(\.x) })
        let ys = Self.range(yTicks.map(\.at) + curves.flatMap { $0.points.map(\.y) })
        func x(_ value: Double) -> String { (Self.left + (value - xs.low) / xs.span * (Self.width - Self.left - Self.right)).fixed(1) }
        func y(_ value: Double) -> String {
            (Self.height - Self.bottom - (value - ys.low) / ys.span * (Self.height - Self.top - Self.bottom)).fixed(1)
        }
        let (right, bottom) = (Self.width - Self.right, Self.height - Self.bottom)
        var parts = ["<svg viewBox=\"0 0 \(Self.width.short) \(Self.height.short)\" role=\"img\" aria-label=\"\(HTML.escaped(title))\">"]
        for tick in yTicks {
            parts.append("<line class=\"grid\" x1=\"\(Self.left.short)\" x2=\"\(right.short)\" y1=\"\(y(tick.at))\" y2=\"\(y(tick.at))\"/>")
            parts.append(Self.text(tick.label, (Self.left - 8).short, y(tick.at), "end", "middle"))
        }
        for tick in xTicks {
            parts.append("<line class=\"grid\" y1=\"\(Self.top.short)\" y2=\"\(bottom.short)\" x1=\"\(x(tick.at))\" x2=\"\(x(tick.at))\"/>")
            parts.append(Self.text(tick.label, x(tick.at), (bottom + 18).short, "middle", "auto"))
        }
        parts.append(Self.text(xTitle, ((Self.left + right) / 2).short, (Self.height - 12).short, "middle", "auto"))
        parts.append(Self.text(yTitle, "8", "16", "start", "auto"))
        for (index, curve) in curves.enumerated() {
            let line = curve.points.map { "\(x($0.x)),\(y($0.y))" }.joined(separator: " ")
            parts.append("<polyline class=\"curve \(curve.style)\" points=\"\(line)\"/>")
            if curve.points.count == 1, let point = curve.points.first {
                parts.append("<circle class=\"dot \(curve.style)\" cx=\"\(x(point.x))\" cy=\"\(y(point.y))\" r=\"3\"/>")
            }
            let start = right - Double(curves.count - index) * 130
            parts.append("<line class=\"curve \(curve.style)\" x1=\"\(start.short)\" x2=\"\((start + 24).short)\" y1=\"12\" y2=\"12\"/>")
            parts.append(Self.text(curve.name, (start + 30).short, "16", "start", "auto"))
        }
        return parts.joined(separator: "\n") + "\n</svg>"
    }

    private static func text(_ text: String, _ x: String, _ y: String, _ anchor: String, _ baseline: String) -> String {
        "<text x=\"\(x)\" y=\"\(y)\" text-anchor=\"\(anchor)\" dominant-baseline=\"\(baseline)\">\(HTML.escaped(text))</text>"
    }

    private static func range(_ values: [Double]) -> (low: Double, span: Double) {
        let low = values.min() ?? 0
        return (low, max((values.max() ?? 1) - low, 1e-9))
    }

    /// Round values from 0 to at least `highest`, at most seven.
    static func ticks(to highest: Double, _ label: (Double) -> String) -> [Tick] {
        var step = 1e-3
        // 1, 2, 5, 10, 20, 50 …
        let factors = [2, 2.5, 2]
        var index = 0
        while step * 6 < highest {
            step *= factors[index % 3]
            index += 1
        }
        var ticks: [Tick] = []
        var number = 0.0
        repeat {
            ticks.append(Tick(at: number * step, label: label(number * step)))
            number += 1
        } while (number - 1) * step < highest
        return ticks
    }
}

enum HTML {
    /// Text with the characters that HTML treats specially escaped.
    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
