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
        let snapshot = service.target.snapshot
        _ = events.advance(to: snapshot, service.target, rate: service.rate.perSecond)
        _ = events.levels(snapshot)
    }

    /// What has changed since the last call: events for everybody, and levels for those who want them.
    public mutating func advance(_ service: AdminService) -> (events: [UInt8], levels: [UInt8]) {
        let snapshot = service.target.snapshot
        let news = events.advance(to: snapshot, service.target, rate: service.rate.perSecond)
        return (Array(news.utf8), Array(events.levels(snapshot).utf8))
    }
}
