// The runner's face for whoever watches and steers it.
// Must not decide anything; the core does.

import Host

extension RouterRunner {
    /// The state at this instant. It costs as much as the router is large; ask a few times a second at most.
    public var snapshot: RouterSnapshot { core.snapshot(withLanes: true, at: host.now) }

    /// The same without lanes.
    public var outline: RouterSnapshot { core.snapshot(withLanes: false, at: host.now) }

    /// The lanes that have changed since the last call with this watch; with more than `room` lanes and contributions the rest comes later.
    public func changedLanes(_ watch: inout LaneWatch, room: Int) -> [LaneSnapshot] {
        core.outputs.arbiter.changedLanes(&watch, room: room, at: host.now) { core.tables.sessions.id(Int($0)) }
    }

    /// The last write of every lane, and who drives it.
    public var levels: [LaneLevel] { core.outputs.arbiter.levels { core.tables.sessions.id(Int($0)) } }

    /// One session that has not ended.
    public func session(_ id: LinkID) -> SessionSnapshot? { core.tables.sessions.slot(id).flatMap { core.session($0) } }

    /// Changes a session's rights until it ends; nothing rises by it. False when the session has ended or has no handshake yet.
    public func patch(_ id: LinkID, _ patch: SessionPatch) -> Bool {
        defer { wake() }
        return core.patch(id, patch, at: host.now, into: &outbox)
    }

    /// Ends everybody's values on one device, and keeps everybody off it as long as a global stop does. False when there is no such device.
    public func stopDevice(_ index: UInt32) -> Bool {
        defer { wake() }
        return core.stopDevice(index, at: host.now, into: &outbox)
    }

    /// Asks for a scan on the operator's behalf, or withdraws that; others' wishes stay.
    public func setOperatorScan(_ isWanted: Bool) {
        core.setOperatorScan(isWanted, into: &outbox)
        wake()
    }
}
