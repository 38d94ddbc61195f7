// A look at the calendar once a second, while a token has an end that may come.
// Must not know what is looked at.

import Host
import UVHost

/// Wakes the keeper of tokens; it owns no links.
final class TokenClock: TurnOwner {
    var onTick: () -> Void = {}
    private let host: UVHost
    private var alarm: (any Alarm)?
    private var isDue = false

    private static let pace = Interval.seconds(1)

    init(on host: UVHost) {
        self.host = host
        alarm = host.attach(self)
    }

    var isWanted = false {
        didSet { if isWanted != oldValue { alarm?.set(isWanted ? host.now + Self.pace : .never) } }
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
        if isWanted { alarm?.set(now + Self.pace) }
        onTick()
    }
}
