// One owner's deadline on a libuv timer, armed lazily.
// Must not know what the deadline is for.

import Host
import UV

/// An alarm that leaves its timer alone when the deadline moves later: the timer then fires too early once, and is set again.
final class UVAlarm: Alarm {
    @exclusivity(unchecked) private(set) var deadline = Instant.never
    /// What the timer is set to.
    @exclusivity(unchecked) private var armed = Instant.never
    private unowned let host: UVHost
    private var timer: Timer?

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

    /// Whether the deadline has come; if so it is spent.
    func takeDue(at now: Instant) -> Bool {
        guard deadline <= now else { return false }
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
        // A timer comes before the turn's reads; the deadline is looked at when they have been delivered.
        if deadline <= host.now {
            host.loop.keepAwake()
        } else if deadline != .never {
            arm()
        }
    }
}
