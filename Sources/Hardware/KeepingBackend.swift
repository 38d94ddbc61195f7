// Backends that keep something for a moment when their router has ended, because others still read from it.
// Must not know what that is.

import Buttplug
import Host

/// A backend that may keep something after `stop`, from which others still read what was written last.
package protocol KeepingBackend: Backend {
    /// After `stop`: until when something is kept. At that time `report` is called once more and lets go of it. `.never`: nothing is kept.
    var keepsUntil: Instant { get }
}

/// Keeps stopped backends on their host until each has let go of everything.
package final class BackendsEnd: TurnOwner {
    /// The most that a backend may keep something.
    private static let longest = Interval.seconds(1)

    private let backends: [any KeepingBackend]
    private let host: any Host
    private let ended: () -> Void
    private var alarm: (any Alarm)?
    private let alarmAt: Instant

    /// To be called when all have been stopped.
    /// - Parameter ended: Called when nothing is kept any more: from inside this call when nothing is kept at all, otherwise a second later
    ///   at most.
    package static func keep(_ backends: [any Backend], on host: any Host, _ ended: @escaping () -> Void = {}) {
        let keeping = backends.compactMap { $0 as? any KeepingBackend }.filter { $0.keepsUntil != .never }
        guard !keeping.isEmpty else { return ended() }
        let end = BackendsEnd(keeping, on: host, ended)
        end.alarm = host.attach(end)
        end.alarm?.set(end.alarmAt)
    }

    private init(_ backends: [any KeepingBackend], on host: any Host, _ ended: @escaping () -> Void) {
        (self.backends, self.host, self.ended) = (backends, host, ended)
        alarmAt = min(backends.reduce(Instant.zero) { max($0, $1.keepsUntil) }, host.now + Self.longest)
    }

    package func deadlinePassed(at now: Instant) {
        for backend in backends { backend.report(at: max(now, alarmAt)) }
        alarm = nil
        host.detach(self)
        ended()
    }
}
