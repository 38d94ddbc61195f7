// The time of day, as people write it; it may jump.
// Must not be used to measure or to wait; that is for the monotonic clock.

import LibC

/// CLOCK_REALTIME.
public enum WallClock {
    /// Now, in UTC, to the millisecond: "2026-01-31T12:00:00.000Z".
    public static var text: String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return text(seconds: now.tv_sec, milliseconds: now.tv_nsec / 1_000_000)
    }

    /// Milliseconds since the beginning of 1970.
    public static var milliseconds: Int64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000
    }

    /// That many seconds after the beginning of 1970.
    static func text(seconds: Int, milliseconds: Int) -> String {
        var seconds = seconds
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func digits(_ number: Int32, _ count: Int = 2) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
        }
        let date = "\(digits(parts.tm_year + 1900, 4))-\(digits(parts.tm_mon + 1))-\(digits(parts.tm_mday))"
        let time = "\(digits(parts.tm_hour)):\(digits(parts.tm_min)):\(digits(parts.tm_sec))"
        return "\(date)T\(time).\(digits(Int32(milliseconds), 3))Z"
    }
}
