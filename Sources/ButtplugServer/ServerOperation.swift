// What an operator sees of a server and does to it, apart from stops and settings.
// Must not know who asks: a command line, a page, a test.

import Host
import Router

extension ButtplugServer {
    /// Everything there is to see at this instant. It costs as much as the server is large; ask a few times a second at most.
    public var snapshot: RouterSnapshot { runner.snapshot }

    /// The same without lanes.
    public var outline: RouterSnapshot { runner.outline }

    /// Its state in numbers.
    public var summary: RouterSummary { runner.summary }

    /// What has changed since the last look with this watch.
    public func look(_ watch: inout RouterWatch, _ scope: WatchScope) -> RouterChanges { runner.look(&watch, scope) }

    /// Notes the last write of every lane, and who drives it.
    public func lookAtLevels(_ watch: inout LevelWatch) { runner.lookAtLevels(&watch) }

    /// What only monitoring asks.
    public var figures: RouterFigures { runner.figures }

    /// Tells `observer` of every transition from now on.
    public func tell(_ observer: any RouterObserver) { runner.add(observer) }

    /// How many sessions and devices there are.
    public var sessionCount: Int { runner.sessionCount }
    public var deviceCount: Int { runner.deviceCount }

    /// One session that has not ended.
    public func session(_ id: LinkID) -> SessionSnapshot? { runner.session(id) }

    /// Commands that got this verdict, and sessions that ended for this reason, since the start.
    public func count(_ verdict: Verdict) -> UInt64 { runner.count(verdict) }
    public func count(_ reason: CloseReason) -> UInt64 { runner.count(reason) }

    /// Ends a session. One that has ended already is left alone.
    public func kick(_ id: LinkID) { runner.kick(id) }

    /// Sessions that have shown the token of this name.
    public func sessionCount(ofToken name: String) -> Int { runner.sessionCount(ofToken: name) }

    /// Ends every session that has shown the token of this name.
    public func revoke(token name: String) { runner.revoke(token: name) }

    /// Every session that has shown the token of this name ends then.
    public func tokenEnds(_ name: String, at instant: Instant) { runner.tokenEnds(name, at: instant) }

    /// Changes a session's rights until it ends; nothing rises by it. False when the session has ended or has no handshake yet.
    public func patch(_ id: LinkID, _ patch: SessionPatch) -> Bool { runner.patch(id, patch) }

    /// Ends everybody's values on one device, and keeps everybody off it as long as a global stop does. False when there is no such device.
    public func stopDevice(_ index: UInt32) -> Bool { runner.stopDevice(index) }

    /// Asks for a scan on the operator's behalf, or withdraws that; others' requests stay.
    public func setOperatorScan(_ isWanted: Bool) { runner.setOperatorScan(isWanted) }

    /// The upstreams, in the order of the configuration: dialled ones first.
    public var upstreamBackends: [UpstreamBackend] { upstreams }
}
