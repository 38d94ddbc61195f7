// One owner's deadline on a libuv timer, armed lazily.
// Must not know what the deadline is for.

import Host
import UV

/// An alarm that leaves its timer alone when the deadline moves later: the timer then fires too early once, and is set again.
///
/// A deadline is due only in a turn whose poll began after it had passed. What had arrived by then has been read: also when the process
/// was stopped for a while, and when libuv came back from an interrupted poll without having read anything.
final class UVAlarm: Alarm {
    @exclusivity(unchecked) private(set) var deadline = Instant.never
    /// What the timer is set to.
    @exclusivity(unchecked) private var armed = Instant.never
    /// When the timer last fired with the deadline passed (`fired`): the next poll begins at once and does not wait.
    @exclusivity(unchecked) private var pollBegan = Instant.zero
    /// The deadline waits for one more poll, because the process may have been stopped after the last one.
    private var isPutOff = false
    private unowned let host: UVHost
    private var timer: Timer?

    /// How long a poll that does not wait, and the turn after it, take at most unless the process was stopped.
    private static let standstill = Interval.milliseconds(10)

    init(_ host: UVHost) {
        self.host = host
        do {
            timer = try Timer(on: host.loop) { [unowned self] in fired() }
        } catch {
            preconditionFailure("libuv refuses a timer: \(error)")
        }
    }

    func set(_ deadline: Instant) {
        self.deadline = deadline
        if deadline < armed { arm() }
    }

    /// Whether the deadline has come and everything that had arrived by then has been read; if so it is spent.
    @inline(__always)
    func takeDue(at now: Instant) -> Bool { deadline <= now && takePolled(at: now) }

    @inline(never)
    private func takePolled(at now: Instant) -> Bool {
        // The deadline came only after the poll had begun: the timer fires in the next turn, and what has arrived is read before.
        guard pollBegan >= deadline else { return false }
        // That poll did not wait, so only a process that was stopped is this late: what has arrived since is read first, in one more turn.
        if now > pollBegan + Self.standstill, !isPutOff {
            isPutOff = true
            arm()
            return false
        }
        isPutOff = false
        deadline = .never
        return true
    }

    func close() {
        deadline = .never
        timer?.close()
        timer = nil
    }

    private func arm() {
        armed = deadline
        let now = host.now
        let wait = deadline <= now ? 0 : UInt64((deadline - now).nanoseconds)
        timer?.start(afterMilliseconds: wait / 1_000_000 + (wait % 1_000_000 == 0 ? 0 : 1))
    }

    private func fired() {
        armed = .never
        // A timer comes before the turn's poll; the deadline is looked at when what has arrived has been delivered.
        if deadline <= host.now {
            pollBegan = host.now
            host.loop.keepAwake()
        } else if deadline != .never {
            arm()
        }
    }
}
