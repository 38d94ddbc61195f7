// The rows of the table of keys: a name, a kind with its range, a meaning, and where the value is stored.
// Must not know any key by name; `…Keys.swift` are the tables, and everything else is driven by them.

import Host
import Router

/// One key that writes into a `Target`.
struct SettingKey<Target>: Sendable {
    /// Within its section: "max_ping_time", or "match.client" in a rule.
    let name: String
    let kind: SettingKind
    /// What the value does, for the reference: one sentence or two, without the range and the default.
    let meaning: String
    /// For keys without a default: what a value may look like, as TOML.
    let example: String?
    /// Says why a value is refused although its kind allows it.
    let check: (@Sendable (SettingValue) throws(Refusal) -> Void)?
    /// nil: not set.
    let read: @Sendable (Target) -> SettingValue?
    let write: @Sendable (inout Target, SettingValue) -> Void
    /// A running router keeps the value it started with.
    private(set) var isFixed = false

    /// The same key, for a value that a running router keeps.
    var afterRestart: Self {
        var key = self
        key.isFixed = true
        return key
    }

    /// Where a value is stored.
    private struct Access {
        var read: @Sendable (Target) -> SettingValue?
        var write: @Sendable (inout Target, SettingValue) -> Void
    }

    private init(
        _ name: String, _ kind: SettingKind, _ meaning: String, example: String? = nil,
        check: (@Sendable (SettingValue) throws(Refusal) -> Void)? = nil, _ access: Access
    ) {
        self.name = name
        self.kind = kind
        self.meaning = meaning
        self.example = example
        self.check = check
        read = access.read
        write = access.write
    }

    /// Checks and writes a value.
    func set(_ value: SettingValue, in target: inout Target) throws(Refusal) {
        try check?(value)
        write(&target, value)
    }
}

/// One constructor per kind; each takes the path of the value in the target.
extension SettingKey {
    typealias Path<Value> = any WritableKeyPath<Target, Value> & Sendable
    typealias TextCheck = @Sendable (String) throws(Refusal) -> Void

    static func text(
        _ name: String, _ path: Path<String>, longest: Int = 256, _ meaning: String, check: TextCheck? = nil
    ) -> Self {
        Self(
            name, .text(longest: longest), meaning, check: each(check),
            Access(read: { .text($0[keyPath: path]) }, write: { if case .text(let text) = $1 { $0[keyPath: path] = text } }))
    }

    static func text(
        _ name: String, ifSet path: Path<String?>, longest: Int = 256, example: String, _ meaning: String, check: TextCheck? = nil
    ) -> Self {
        Self(
            name, .text(longest: longest), meaning, example: example, check: each(check),
            Access(read: { $0[keyPath: path].map { .text($0) } }, write: { if case .text(let text) = $1 { $0[keyPath: path] = text } }))
    }

    static func texts(
        _ name: String, _ path: Path<[String]>, longest: Int = 256, example: String? = nil, _ meaning: String, check: TextCheck? = nil
    ) -> Self {
        Self(
            name, .texts(longest: longest), meaning, example: example, check: each(check),
            Access(read: { .texts($0[keyPath: path]) }, write: { if case .texts(let texts) = $1 { $0[keyPath: path] = texts } }))
    }

    static func texts(
        _ name: String, ifSet path: Path<[String]?>, longest: Int = 256, example: String, _ meaning: String
    ) -> Self {
        Self(
            name, .texts(longest: longest), meaning, example: example,
            Access(
                read: { $0[keyPath: path].map { .texts($0) } }, write: { if case .texts(let texts) = $1 { $0[keyPath: path] = texts } }))
    }

    static func choice<Value: RawRepresentable<String> & CaseIterable & Sendable>(
        _ name: String, _ path: Path<Value>, _ meaning: String
    ) -> Self {
        Self(
            name, .choice(Value.allCases.map(\.rawValue)), meaning,
            Access(
                read: { .text($0[keyPath: path].rawValue) },
                write: { if case .text(let text) = $1, let value = Value(rawValue: text) { $0[keyPath: path] = value } }))
    }

    static func choice<Value: RawRepresentable<String> & CaseIterable & Sendable>(
        _ name: String, ifSet path: Path<Value?>, example: String, _ meaning: String
    ) -> Self {
        Self(
            name, .choice(Value.allCases.map(\.rawValue)), meaning, example: example,

            Access(
                read: { $0[keyPath: path].map { .text($0.rawValue) } },
                write: { if case .text(let text) = $1, let value = Value(rawValue: text) { $0[keyPath: path] = value } }))
    }

    /// A choice whose names are not a type's raw values.
    static func choice(_ name: String, ifSet path: Path<String?>, of names: [String], example: String, _ meaning: String) -> Self {
        Self(
            name, .choice(names), meaning, example: example,
            Access(read: { $0[keyPath: path].map { .text($0) } }, write: { if case .text(let text) = $1 { $0[keyPath: path] = text } }))
    }

    static func integer<Value: FixedWidthInteger & Sendable>(
        _ name: String, _ path: Path<Value>, _ range: ClosedRange<Int>, _ meaning: String
    ) -> Self {
        Self(
            name, .integer(range), meaning,
            Access(read: { .integer(Int($0[keyPath: path])) }, write: { if case .integer(let n) = $1 { $0[keyPath: path] = Value(n) } }))
    }

    static func integer<Value: FixedWidthInteger & Sendable>(
        _ name: String, ifSet path: Path<Value?>, _ range: ClosedRange<Int>, example: String, _ meaning: String
    ) -> Self {
        Self(
            name, .integer(range), meaning, example: example,
            Access(
                read: { $0[keyPath: path].map { .integer(Int($0)) } },
                write: { if case .integer(let n) = $1 { $0[keyPath: path] = Value(n) } }))
    }

    static func size(_ name: String, _ path: Path<Int>, _ range: ClosedRange<Int>, _ meaning: String) -> Self {
        Self(
            name, .size(range), meaning,
            Access(read: { .size($0[keyPath: path]) }, write: { if case .size(let n) = $1 { $0[keyPath: path] = n } }))
    }

    static func interval(_ name: String, _ path: Path<Interval>, _ range: ClosedRange<Interval>, _ meaning: String) -> Self {
        Self(
            name, .interval(range), meaning,
            Access(
                read: { .interval($0[keyPath: path]) }, write: { if case .interval(let interval) = $1 { $0[keyPath: path] = interval } }))
    }

    static func interval(
        _ name: String, ifSet path: Path<Interval?>, _ range: ClosedRange<Interval>, example: String, _ meaning: String
    ) -> Self {
        Self(
            name, .interval(range), meaning, example: example,
            Access(
                read: { $0[keyPath: path].map { .interval($0) } },
                write: { if case .interval(let interval) = $1 { $0[keyPath: path] = interval } }))
    }

    /// Whole milliseconds kept as a number.
    static func milliseconds(_ name: String, _ path: Path<UInt32>, _ range: ClosedRange<Interval>, _ meaning: String) -> Self {
        Self(
            name, .interval(range), meaning,
            Access(
                read: { .interval(.milliseconds(Int64($0[keyPath: path]))) },
                write: { if case .interval(let interval) = $1 { $0[keyPath: path] = UInt32(clamping: interval.milliseconds) } }))
    }

    static func milliseconds(
        _ name: String, ifSet path: Path<UInt32?>, _ range: ClosedRange<Interval>, example: String, _ meaning: String
    ) -> Self {
        Self(
            name, .interval(range), meaning, example: example,

            Access(
                read: { $0[keyPath: path].map { .interval(.milliseconds(Int64($0))) } },
                write: { if case .interval(let interval) = $1 { $0[keyPath: path] = UInt32(clamping: interval.milliseconds) } }))
    }

    static func fraction(
        _ name: String, _ path: Path<Fraction>, _ meaning: String
    ) -> Self {
        Self(
            name, .fraction(Fraction.zero...Fraction.one), meaning,
            Access(
                read: { .fraction($0[keyPath: path]) }, write: { if case .fraction(let fraction) = $1 { $0[keyPath: path] = fraction } }))
    }

    static func fraction(
        _ name: String, ifSet path: Path<Fraction?>, _ range: ClosedRange<Fraction>, example: String, _ meaning: String
    ) -> Self {
        Self(
            name, .fraction(range), meaning, example: example,
            Access(
                read: { $0[keyPath: path].map { .fraction($0) } },
                write: { if case .fraction(let fraction) = $1 { $0[keyPath: path] = fraction } }))
    }

    static func number(_ name: String, _ path: Path<Double>, _ range: ClosedRange<Double>, _ meaning: String) -> Self {
        Self(
            name, .number(range), meaning,
            Access(read: { .number($0[keyPath: path]) }, write: { if case .number(let n) = $1 { $0[keyPath: path] = n } }))
    }

    static func number(
        _ name: String, ifSet path: Path<Double?>, _ range: ClosedRange<Double>, example: String, _ meaning: String
    ) -> Self {
        Self(
            name, .number(range), meaning, example: example,
            Access(read: { $0[keyPath: path].map { .number($0) } }, write: { if case .number(let n) = $1 { $0[keyPath: path] = n } }))
    }

    static func boolean(_ name: String, _ path: Path<Bool>, _ meaning: String) -> Self {
        Self(
            name, .boolean, meaning,
            Access(read: { .boolean($0[keyPath: path]) }, write: { if case .boolean(let value) = $1 { $0[keyPath: path] = value } }))
    }

    /// A check of one text, made for a list of them too.
    private static func each(_ check: TextCheck?) -> (@Sendable (SettingValue) throws(Refusal) -> Void)? {
        guard let check else { return nil }
        return { (value: SettingValue) throws(Refusal) in
            switch value {
            case .text(let text): try check(text)
            case .texts(let texts):
                for (index, text) in texts.enumerated() {
                    do throws(Refusal) { try check(text) } catch { throw Refusal(error.reason, element: index) }
                }
            default: break
            }
        }
    }
}
