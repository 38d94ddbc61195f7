// The kinds a key's value may have, each with its range: what it accepts, and how a refusal reads.
// Must not know any key by name.

import Host
import Router

/// Why a value is not acceptable: a sentence's second half ("must be …").
struct Refusal: Error, Hashable {
    var reason: String
    /// Which element of a list it is about.
    var element: Int?

    init(_ reason: String, element: Int? = nil) {
        self.reason = reason
        self.element = element
    }
}

/// The kind and the range of a key.
enum SettingKind: Hashable, Sendable {
    case text(longest: Int)
    case texts(longest: Int)
    case choice([String])
    case integer(ClosedRange<Int>)
    case size(ClosedRange<Int>)
    case interval(ClosedRange<Interval>)
    case fraction(ClosedRange<Fraction>)
    case number(ClosedRange<Double>)
    case boolean

    /// Kind and range in words, with the forms a value may have, for refusals.
    var description: String {
        switch self {
        case .size: range + " (\"64KiB\", \"1MiB\", or a number of bytes)"
        case .interval: range + " (\"500ms\", \"2s\", \"1m\", or a number of milliseconds)"
        default: range
        }
    }

    /// Kind and range in words, for the reference.
    var range: String {
        switch self {
        case .text(let longest): "a string of at most \(longest) bytes"
        case .texts(let longest): "a list of strings of at most \(longest) bytes each"
        case .choice(let names): "one of " + names.map(quoted).joined(separator: ", ")
        case .integer(let range): "an integer from \(range.lowerBound) to \(range.upperBound)"
        case .size(let range):
            "a size from \(SettingValue.render(bytes: range.lowerBound)) to \(SettingValue.render(bytes: range.upperBound))"
        case .interval(let range):
            "a duration from \(SettingValue.render(range.lowerBound)) to \(SettingValue.render(range.upperBound))"
        case .fraction(let range):
            "a fraction from \(Self.plain(Double(range.lowerBound.tenThousandths) / 10_000))"
                + " to \(Self.plain(Double(range.upperBound.tenThousandths) / 10_000))"
        case .number(let range): "a number from \(Self.plain(range.lowerBound)) to \(Self.plain(range.upperBound))"
        case .boolean: "true or false"
        }
    }

    private static func plain(_ number: Double) -> String { number == number.rounded() ? "\(Int(number))" : "\(number)" }

    /// Checks a value from a configuration file.
    func value(of raw: RawValue) throws(Refusal) -> SettingValue {
        switch (self, raw) {
        case (.text(let longest), .text(let text)):
            return .text(try Self.checked(text, longest: longest))
        case (.texts(let longest), .list(let elements)):
            return .texts(try texts(elements, longest: longest))
        case (.choice(let names), .text(let text)):
            if names.contains(text) { return .text(text) }
            throw Refusal("must be \(description), and \(quoted(text)) is not; nearest: \(quoted(nearest(to: text, in: names) ?? ""))")
        case (.integer(let range), .integer(let n)):
            return .integer(try within(range, n, raw))
        case (.size(let range), .integer(let n)):
            return .size(try within(range, n, raw))
        case (.size(let range), .text(let text)):
            guard let n = Self.bytes(text) else { break }
            return .size(try within(range, n, raw))
        case (.interval(let range), .integer(let n)):
            let (nanoseconds, overflow) = Int64(n).multipliedReportingOverflow(by: 1_000_000)
            return .interval(try within(range, overflow ? .forever : Interval(nanoseconds: nanoseconds), raw))
        case (.interval(let range), .text(let text)):
            guard let interval = Self.interval(text) else { break }
            return .interval(try within(range, interval, raw))
        case (.fraction(let range), .integer(let n)):
            return .fraction(try fraction(Double(n), range, raw))
        case (.fraction(let range), .number(let n)):
            return .fraction(try fraction(n, range, raw))
        case (.number(let range), .integer(let n)):
            return .number(try within(range, Double(n), raw))
        case (.number(let range), .number(let n)):
            return .number(try within(range, n, raw))
        case (.boolean, .boolean(let value)):
            return .boolean(value)
        default: break
        }
        throw Refusal("must be \(description), not \(raw.shown)")
    }

    /// Checks a value from an environment variable or a flag: the same, but everything arrives as text and commas divide a list.
    func value(ofText text: String) throws(Refusal) -> SettingValue {
        switch self {
        case .text, .choice: return try value(of: .text(text))
        case .texts:
            if text.isEmpty { return .texts([]) }
            let parts = text.split(separator: ",", omittingEmptySubsequences: false).map {
                RawValue.text(trimmed($0))
            }
            return try value(of: .list(parts))
        case .integer, .size, .interval:
            if let n = Int(text) { return try value(of: .integer(n)) }
        case .fraction, .number:
            if let n = Double(text) { return try value(of: .number(n)) }
        case .boolean:
            if let value = Bool(text) { return .boolean(value) }
        }
        return try value(of: .text(text))
    }

    private func texts(_ elements: [RawValue], longest: Int) throws(Refusal) -> [String] {
        var result: [String] = []
        for (index, element) in elements.enumerated() {
            guard case .text(let text) = element else {
                throw Refusal("must be \(description), and this element is \(element.name)", element: index)
            }
            do { result.append(try Self.checked(text, longest: longest)) } catch { throw Refusal(error.reason, element: index) }
        }
        return result
    }

    private static func checked(_ text: String, longest: Int) throws(Refusal) -> String {
        guard text.utf8.count <= longest else { throw Refusal("must be at most \(longest) bytes long, not \(text.utf8.count)") }
        guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
            throw Refusal("must not contain control characters")
        }
        return text
    }

    private func within<T: Comparable>(_ range: ClosedRange<T>, _ value: T, _ raw: RawValue) throws(Refusal) -> T {
        guard range.contains(value) else { throw Refusal("is out of range: must be \(description), not \(raw.shown)") }
        return value
    }

    private func fraction(_ n: Double, _ range: ClosedRange<Fraction>, _ raw: RawValue) throws(Refusal) -> Fraction {
        guard n >= 0, n <= 1 else { throw Refusal("is out of range: must be \(description), not \(raw.shown)") }
        return try within(range, Fraction(n), raw)
    }

    /// "2s", "1.5s", "500ms", "10m", "1h"; nil when it is none of these.
    static func interval(_ text: String) -> Interval? {
        guard let (number, unit) = split(text) else { return nil }
        let factors = ["ms": 1e6, "s": 1e9, "m": 60e9, "h": 3600e9]
        guard let factor = factors[unit] else { return nil }
        let nanoseconds = (number * factor).rounded()
        return nanoseconds < 9e18 ? Interval(nanoseconds: Int64(nanoseconds)) : .forever
    }

    /// "64KiB", "1MiB", "2GiB", "10MB", "512B"; nil when it is none of these.
    static func bytes(_ text: String) -> Int? {
        guard let (number, unit) = split(text) else { return nil }
        let factors: [String: Double] = [
            "B": 1, "KiB": 1024, "MiB": 1_048_576, "GiB": 1_073_741_824, "kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9,
        ]
        guard let factor = factors[unit] else { return nil }
        let bytes = (number * factor).rounded()
        return bytes < 9e18 ? Int(bytes) : Int.max
    }

    /// A decimal number and the unit after it. A sign or an exponent belongs to neither.
    private static func split(_ text: String) -> (Double, String)? {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard digits.first != ".", let number = Double(digits) else { return nil }
        return (number, trimmed(text.dropFirst(digits.count)))
    }
}

extension RawValue {
    /// What it is and, when that is short, what it says.
    fileprivate var shown: String {
        switch self {
        case .text(let text) where text.utf8.count <= 40: quoted(text)
        case .integer(let n): String(n)
        case .number(let n): "\(n)"
        case .boolean(let value): "\(value)"
        default: name
        }
    }
}

/// The name that `text` begins, or that differs least from it (Levenshtein distance; the first of several).
/// - Parameter most: Names that differ by more are not meant; nil: any may be.
func nearest(to text: String, in names: [String], within most: Int? = nil) -> String? {
    if text.count > 2, let longer = names.first(where: { $0.hasPrefix(text) }) { return longer }
    let wanted = Array(text.lowercased().prefix(64))
    var best: (name: String, distance: Int)?
    for name in names {
        let other = Array(name.lowercased())
        var row = Array(0...other.count)
        for (i, a) in wanted.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, b) in other.enumerated() {
                let change = diagonal + (a == b ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(change, row[j] + 1, diagonal + 1)
            }
        }
        if best == nil || row[other.count] < best!.distance { best = (name, row[other.count]) }
    }
    guard let best, best.distance <= most ?? .max else { return nil }
    return best.name
}
