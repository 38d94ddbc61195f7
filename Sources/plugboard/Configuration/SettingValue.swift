// Values as an operator writes them: "2s", "1MiB", 0.7, a list of names. Read from text, rendered as TOML or JSON.
// Must not know which key a value belongs to, nor where it was written.

import Host
import Router

/// A checked value of one key.
enum SettingValue: Hashable, Sendable {
    case text(String)
    case texts([String])
    case integer(Int)
    case size(Int)
    case interval(Interval)
    case fraction(Fraction)
    case number(Double)
    case boolean(Bool)

    /// The value as a configuration file has it.
    var toml: String {
        switch self {
        case .text(let text): quoted(text)
        case .texts(let texts): "[" + texts.map(quoted).joined(separator: ", ") + "]"
        case .integer(let n): String(n)
        case .size(let n): n >= 1024 && n % 1024 == 0 ? quoted(Self.render(bytes: n)) : String(n)
        case .interval(let interval): quoted(Self.render(interval))
        case .fraction(let fraction): "\(Double(fraction.tenThousandths) / 10_000)"
        case .number(let number): "\(number)"
        case .boolean(let value): value ? "true" : "false"
        }
    }

    /// The value as JSON; written as in TOML, which shares these forms with JSON.
    var json: String { toml }

    static func render(bytes: Int) -> String {
        for (unit, factor) in [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)] where bytes >= factor && bytes % factor == 0 {
            return "\(bytes / factor)\(unit)"
        }
        return "\(bytes)"
    }

    static func render(_ interval: Interval) -> String {
        let milliseconds = interval.milliseconds
        for (unit, factor) in [("h", Int64(3_600_000)), ("m", 60_000), ("s", 1_000)]
        where milliseconds >= factor && milliseconds % factor == 0 {
            return "\(milliseconds / factor)\(unit)"
        }
        return milliseconds == 0 ? "0s" : "\(milliseconds)ms"
    }
}

/// A value as a file, a variable or a flag gives it, before a key has checked it.
indirect enum RawValue: Hashable, Sendable {
    case text(String)
    case integer(Int)
    case number(Double)
    case boolean(Bool)
    case list([RawValue])
    case table
    /// A date or a time: no key wants one.
    case date

    /// What to call it in a message.
    var name: String {
        switch self {
        case .text: "a string"
        case .integer: "an integer"
        case .number: "a number with a fraction"
        case .boolean: "a boolean"
        case .list: "a list"
        case .table: "a table"
        case .date: "a date"
        }
    }
}
