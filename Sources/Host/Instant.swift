// Time as the cores see it: a point on a monotonic clock and a distance between two of them.
// Must not know where the time comes from; a core is always told `now`.

/// A point on a host's monotonic clock, in nanoseconds since an origin the host chose.
public struct Instant: Hashable, Comparable, Sendable {
    /// Nanoseconds since the host's origin.
    public let nanoseconds: UInt64

    @inlinable public init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    /// The origin of the host's clock.
    @inlinable public static var zero: Instant { Instant(nanoseconds: 0) }

    /// Later than every event: the deadline of somebody who waits for nothing.
    @inlinable public static var never: Instant { Instant(nanoseconds: .max) }

    @inlinable public static func < (a: Instant, b: Instant) -> Bool { a.nanoseconds < b.nanoseconds }

    /// The instant `interval` later; `never` stays `never`.
    @inlinable public static func + (a: Instant, interval: Interval) -> Instant {
        let (sum, overflow) = a.nanoseconds.addingReportingOverflow(UInt64(bitPattern: interval.nanoseconds))
        return overflow && interval.nanoseconds >= 0 ? .never : Instant(nanoseconds: sum)
    }

    /// How much later `a` is than `b`.
    @inlinable public static func - (a: Instant, b: Instant) -> Interval {
        Interval(nanoseconds: Int64(bitPattern: a.nanoseconds &- b.nanoseconds))
    }

    /// Seconds since the origin, for journals and people.
    public var seconds: Double { Double(nanoseconds) / 1e9 }
}

/// A distance between two instants, in nanoseconds.
public struct Interval: Hashable, Comparable, Sendable {
    public let nanoseconds: Int64

    @inlinable public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    public static let zero = Interval(nanoseconds: 0)
    /// Some 292 years: a limit that is never reached.
    public static let forever = Interval(nanoseconds: .max)

    @inlinable public static func milliseconds(_ n: Int64) -> Interval { Interval(nanoseconds: n &* 1_000_000) }
    @inlinable public static func seconds(_ n: Int64) -> Interval { Interval(nanoseconds: n &* 1_000_000_000) }
    /// Whole milliseconds, rounded down.
    @inlinable public var milliseconds: Int64 { nanoseconds / 1_000_000 }

    @inlinable public static func < (a: Interval, b: Interval) -> Bool { a.nanoseconds < b.nanoseconds }
    @inlinable public static func + (a: Interval, b: Interval) -> Interval { Interval(nanoseconds: a.nanoseconds &+ b.nanoseconds) }
    @inlinable public static func - (a: Interval, b: Interval) -> Interval { Interval(nanoseconds: a.nanoseconds &- b.nanoseconds) }
    @inlinable public static func * (a: Interval, n: Int64) -> Interval { Interval(nanoseconds: a.nanoseconds &* n) }
}
