// What all watchers are told together: made once for all of them.
// Must not know who watches.

import Host
import Router

/// The state that was told last, and how to get from there to now.
public struct AdminFeed {
    private var events = EventFeed()

    public init() {}

    /// Begins at the present state.
    public init(at service: AdminService) {
        _ = events.advance(to: service.target.outline, service.target, rate: service.rate.perSecond)
        _ = events.levels(service.target)
    }

    /// Somebody has begun to watch whose first snapshot may have been without lanes.
    public mutating func joined(_ service: AdminService) { if EventFeed.needsRounds(service.target) { events.tellLanesAgain() } }

    /// What has changed since the last call: events for everybody, and levels for those who want them.
    public mutating func advance(_ service: AdminService, withLevels: Bool) -> (events: [UInt8], levels: [UInt8]) {
        let news = events.advance(to: service.target.outline, service.target, rate: service.rate.perSecond)
        return (Array(news.utf8), withLevels ? Array(events.levels(service.target).utf8) : [])
    }
}
