// A call every so often, while it is wanted: for what is to be compared with the calendar.
// Must not know what is looked at.

import Host
import UVHost

/// Wakes its owner at the end of a turn; it owns no links.
final class Ticker: TurnOwner {
    var onTick: () -> Void = {}
    private let host: UVHost
    private var alarm: (any Alarm)?
    private var isDue = false

    private let pace: Interval

    init(on host: UVHost, every pace: Interval) {
        self.host = host
        self.pace = pace
        alarm = host.attach(self)
    }

    var isWanted = false {
        didSet { if isWanted != oldValue { alarm?.set(isWanted ? host.now + pace : .never) } }
    }

    func close() {
        guard alarm != nil else { return }
        alarm?.set(.never)
        alarm = nil
        host.detach(self)
    }

    func deadlinePassed(at now: Instant) { isDue = true }

    func turnEnded(at now: Instant) {
        guard isDue else { return }
        isDue = false
        if isWanted { alarm?.set(now + pace) }
        onTick()
    }
}
