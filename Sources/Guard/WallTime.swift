// The time of day, as people agree on it: what a token's end is given in. It may be set, forwards and backwards.
// Must not read a clock; the caller gives the time in.

import Host

/// A point of civil time in UTC.
public struct WallTime: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Milliseconds since the beginning of 1970.
    public let milliseconds: Int64

    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// The last moment that four digits of a year can say.
    public static let last = WallTime(milliseconds: 253_402_300_799_999)

    public static func < (a: WallTime, b: WallTime) -> Bool { a.milliseconds < b.milliseconds }

    /// That much later; never later than `last`.
    public static func + (a: WallTime, interval: Interval) -> WallTime {
        WallTime(milliseconds: min(last.milliseconds, a.milliseconds + interval.milliseconds))
    }

    /// How much later `a` is than `b`; some 292 years at most.
    public static func - (a: WallTime, b: WallTime) -> Interval {
        let (nanoseconds, overflow) = (a.milliseconds - b.milliseconds).multipliedReportingOverflow(by: 1_000_000)
        return overflow ? (a > b ? .forever : Interval(nanoseconds: .min)) : Interval(nanoseconds: nanoseconds)
    }

    // MARK: Text

    /// RFC 3339 to the second: "2026-01-31T12:00:00Z".
    public var description: String {
        let seconds = Self.floor(milliseconds, 1_000)
        let day = Self.floor(seconds, 86_400)
        let rest = seconds - day * 86_400
        let (year, month, date) = Self.civil(day)
        func digits(_ number: Int64, _ count: Int = 2) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
        }
        let time = "\(digits(rest / 3_600)):\(digits(rest / 60 % 60)):\(digits(rest % 60))"
        return "\(digits(year, 4))-\(digits(month))-\(digits(date))T\(time)Z"
    }

    /// Reads RFC 3339: "2026-01-31T12:00:00Z", also with a fraction of a second or an offset; nil when the text is none.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        func number(_ start: Int, _ count: Int, _ range: ClosedRange<Int64>) -> Int64? {
            guard start + count <= bytes.count else { return nil }
            var value: Int64 = 0
            for byte in bytes[start..<start + count] {
                guard (0x30...0x39).contains(byte) else { return nil }
                value = value * 10 + Int64(byte - 0x30)
            }
            return range.contains(value) ? value : nil
        }
        guard bytes.count >= 20, bytes[4] == 0x2D, bytes[7] == 0x2D, bytes[10] == 0x54 || bytes[10] == 0x74 || bytes[10] == 0x20,
            bytes[13] == 0x3A, bytes[16] == 0x3A, let year = number(0, 4, 1970...9999), let month = number(5, 2, 1...12),
            let date = number(8, 2, 1...31), let hour = number(11, 2, 0...23), let minute = number(14, 2, 0...59),
            let second = number(17, 2, 0...59)
        else { return nil }
        let day = Self.day(year, month, date)
        // The 31st of a month that has 30 days is none.
        guard Self.civil(day) == (year, month, date) else { return nil }
        var at = 19
        if bytes[at] == 0x2E {
            at += 1
            let start = at
            while at < bytes.count, (0x30...0x39).contains(bytes[at]) { at += 1 }
            if at == start { return nil }
        }
        guard at < bytes.count else { return nil }
        var offset: Int64 = 0
        if bytes[at] == 0x5A || bytes[at] == 0x7A {
            at += 1
        } else if bytes[at] == 0x2B || bytes[at] == 0x2D {
            guard at + 6 <= bytes.count, bytes[at + 3] == 0x3A, let hours = number(at + 1, 2, 0...23),
                let minutes = number(at + 4, 2, 0...59)
            else { return nil }
            offset = (hours * 60 + minutes) * (bytes[at] == 0x2B ? 1 : -1)
            at += 6
        } else {
            return nil
        }
        guard at == bytes.count else { return nil }
        let seconds = day * 86_400 + hour * 3_600 + (minute - offset) * 60 + second
        guard seconds >= 0, seconds * 1_000 <= Self.last.milliseconds else { return nil }
        milliseconds = seconds * 1_000
    }

    private static func floor(_ a: Int64, _ b: Int64) -> Int64 { a >= 0 ? a / b : -((b - 1 - a) / b) }

    /// Days since 1970-01-01 of a date of the Gregorian calendar; years begin in March, so that a leap day is the last of one.
    private static func day(_ year: Int64, _ month: Int64, _ date: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = floor(year, 400)
        let ofEra = year - era * 400
        let ofYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + date - 1
        return era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719_468
    }

    private static func civil(_ day: Int64) -> (year: Int64, month: Int64, date: Int64) {
        let shifted = day + 719_468
        let era = floor(shifted, 146_097)
        let ofEra = shifted - era * 146_097
        let yearOfEra = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let part = (5 * ofYear + 2) / 153
        let month = part < 10 ? part + 3 : part - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, ofYear - (153 * part + 2) / 5 + 1)
    }
}
