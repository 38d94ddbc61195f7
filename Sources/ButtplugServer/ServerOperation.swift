// What an operator sees of a server and does to it, beside stops and settings.
// Must not know who asks: a command line, a page, a test.

import Host
import Router

extension ButtplugServer {
    /// Everything there is to see at this instant. It costs as much as the server is large; ask a few times a second at most.
    public var snapshot: RouterSnapshot { runner.snapshot }

    /// The same without lanes.
    public var outline: RouterSnapshot { runner.outline }

    /// The lanes that have changed since the last call with this watch; with more than `room` lanes and contributions the rest comes later.
    public func changedLanes(_ watch: inout LaneWatch, room: Int) -> [LaneSnapshot] { runner.changedLanes(&watch, room: room) }

    /// The last write of every lane, and who drives it.
    public var levels: [LaneLevel] { runner.levels }

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

    /// Changes a session's rights until it ends; nothing rises by it. False when the session has ended or has no handshake yet.
    public func patch(_ id: LinkID, _ patch: SessionPatch) -> Bool { runner.patch(id, patch) }

    /// Ends everybody's values on one device, and keeps everybody off it as long as a global stop does. False when there is no such device.
    public func stopDevice(_ index: UInt32) -> Bool { runner.stopDevice(index) }

    /// Asks for a scan on the operator's behalf, or withdraws that; others' wishes stay.
    public func setOperatorScan(_ isWanted: Bool) { runner.setOperatorScan(isWanted) }

    /// The upstreams, in the order of the configuration: dialled ones first.
    public var upstreamBackends: [UpstreamBackend] { upstreams }
}
