// The admin interface's part in the loop: a tick now and then while somebody watches, and a slow one for deadlines.
// Must not know what happens in a tick.

import Host
import UVHost

/// Wakes the admin interface; it owns no links.
final class AdminClock: TurnOwner {
    var onTick: () -> Void = {}
    private let host: UVHost
    private var alarm: (any Alarm)?
    private var nextAt = Instant.never
    private var isDue = false

    /// Deadlines of connections are looked at so often.
    private static let slow = Interval.seconds(1)

    init(on host: UVHost) {
        self.host = host
        alarm = host.attach(self)
        set(host.now + Self.slow)
    }

    func wantsTicks(_ isWanted: Bool, pace: Interval) {
        let wanted = host.now + (isWanted ? pace : Self.slow)
        if wanted < nextAt || nextAt <= host.now { set(wanted) }
    }

    func close() {
        alarm?.set(.never)
        alarm = nil
        host.detach(self)
    }

    private func set(_ instant: Instant) {
        nextAt = instant
        alarm?.set(instant)
    }

    func deadlinePassed(at now: Instant) {
        nextAt = .never
        isDue = true
    }

    func turnEnded(at now: Instant) {
        guard isDue else { return }
        isDue = false
        set(now + Self.slow)
        onTick()
    }
}
