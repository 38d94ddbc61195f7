// Values as an operator writes them: "2s", "1MiB", 0.7, a list of names. Read from text, rendered as TOML or JSON.
// Must not know which key a value belongs to, nor where it was written.

import Foundation
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

    /// The value as it stands in a configuration file.
    var toml: String {
        switch self {
        case .text(let text): quoted(text)
        case .texts(let texts): "[" + texts.map(quoted).joined(separator: ", ") + "]"
        case .integer(let n): String(n)
        case .size(let n): n >= 1024 && n % 1024 == 0 ? quoted(Self.render(bytes: n)) : String(n)
        case .interval(let interval): quoted(Self.render(interval))
        case .fraction(let fraction): Self.render(Double(fraction.tenThousandths) / 10_000)
        case .number(let number): Self.render(number)
        case .boolean(let value): value ? "true" : "false"
        }
    }

    /// The value as JSON; the same spelling as in TOML, which shares these forms with JSON.
    var json: String { toml }

    static func render(_ number: Double) -> String {
        number == number.rounded() && abs(number) < 1e15 ? String(format: "%.1f", number) : "\(number)"
    }

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

/// A value as a file, a variable or a flag gives it, before a key has judged it.
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

/// Text in double quotes; quotes, backslashes and control characters escaped in the way TOML and JSON share.
func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case "\n": result += "\\n"
        case "\r": result += "\\r"
        case "\t": result += "\\t"
        case _ where isUnprintable(scalar):
            // Everything unprintable lies below U+10000, so four digits are enough.
            result += String(format: "\\u%04x", scalar.value)
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}

/// Whether a character would disturb a line of a log: controls, line separators, marks that turn the writing direction.
func isUnprintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F...0x9F, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
    default: false
    }
}
