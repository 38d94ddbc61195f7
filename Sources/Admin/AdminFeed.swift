// What all watchers are told together: made once for all of them.
// Must not know who watches.

import Host
import Router

/// The state that was told last, and how to get from there to now.
struct AdminFeed {
    private var events = EventFeed()
    /// Events that everybody still has to be told.
    private var pending: [UInt8] = []

    init() {}

    /// Begins at the present state.
    init(at service: AdminService) { _ = events.advance(service.target, rate: service.rate.perSecond) }

    /// Somebody begins to watch, with a snapshot of this instant. The feed comes to the same instant, so that what is undone before the next
    /// call (a session that goes, a value that returns) is told to the newcomer too. A first snapshot may have been without lanes.
    mutating func joined(_ service: AdminService) {
        let isWhole = !EventFeed.needsRounds(service.target)
        pending += events.advance(service.target, rate: service.rate.perSecond, isWhole: isWhole)
        if !isWhole { events.tellLanesAgain() }
        lookAtLevels(service)
    }

    /// The events since the last call, for everybody.
    mutating func advance(_ service: AdminService) -> [UInt8] {
        let changes = events.advance(service.target, rate: service.rate.perSecond)
        guard !pending.isEmpty else { return changes }
        defer { pending = [] }
        return pending + changes
    }

    // MARK: Levels

    /// How often the levels were looked at: a reader is told what was seen first after the look that it knows.
    var levelLooks: UInt64 { events.levels.looks }

    mutating func lookAtLevels(_ service: AdminService) { events.lookAtLevels(service.target) }

    func levels(after look: UInt64) -> [UInt8] { events.levels(after: look) }
}
