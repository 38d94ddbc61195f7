// What a lane's device was told last, and how writes have failed.
// Must not know what is wanted.

import Buttplug
import Host

/// The last write, as far as the device is believed to have it.
struct LastWrite {
    /// nil when nothing is known.
    private(set) var type: OutputType?
    private(set) var value: Int32 = 0
    private var duration: UInt32 = 0
    /// When anything was written last; nil when nothing was.
    private(set) var at: Instant?

    /// The lane hands this write out: from now on what is owed is compared with it. `issued` follows at once.
    mutating func set(_ type: OutputType, _ value: Int32) {
        self.type = type
        self.value = value
    }

    /// The write that was `set` is on its way to the device.
    mutating func issued(_ duration: UInt32, at now: Instant) {
        self.duration = duration
        at = now
    }

    /// Nobody knows any more what the device has.
    mutating func forget() {
        type = nil
        value = 0
        duration = 0
    }

    /// Whether this very move was written less than `interval` ago.
    func isMove(_ type: OutputType, _ value: Int32, _ duration: UInt32, within interval: Interval, of now: Instant) -> Bool {
        guard self.type == type, self.value == value, self.duration == duration, let at else { return false }
        return now - at < interval
    }

    /// Whether anything was written, and that so long ago.
    func isOlder(than interval: Interval, at now: Instant) -> Bool { at.map { now - $0 >= interval } ?? false }

    /// The magnitude the device has in this type and direction.
    func reached(towards wanted: Wanted) -> Int32 {
        type == wanted.type && (value < 0) == (wanted.value < 0) ? abs(value) : 0
    }
}

/// How writes of a lane have failed, and when the next try is due (`arbitration.md` §7).
struct Retry {
    /// In a row.
    private(set) var failures: UInt32 = 0
    private var isReported = false
    private(set) var at = Instant.zero

    /// Failures in a row after which a zero that fails is reported, and commands after it are refused.
    static var failuresReported: UInt32 { 3 }
    var isFailing: Bool { failures >= Self.failuresReported }

    mutating func succeeded() { self = Retry() }
    mutating func failed() { failures &+= 1 }

    /// True once in a row of failures, when a zero has failed too often.
    mutating func reportsZero() -> Bool {
        guard isFailing, !isReported else { return false }
        isReported = true
        return true
    }

    /// The next write need not wait.
    mutating func clear() { at = .zero }

    /// The wait doubles with each failure.
    mutating func wait(_ settings: borrowing ArbitrationSettings, at now: Instant) {
        let doublings = min(failures - 1, 16)
        at = now + min(settings.retry * (1 << Int64(doublings)), settings.retryMax)
    }
}
