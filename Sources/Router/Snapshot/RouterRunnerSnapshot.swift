// The runner's interface for code that observes and controls it.
// Must not decide anything; the core does.

import Host

extension RouterRunner {
    /// The state at this instant. It costs as much as the router is large; ask a few times a second at most.
    public var snapshot: RouterSnapshot { core.snapshot(withLanes: true, at: host.now) }

    /// The same without lanes.
    public var outline: RouterSnapshot { core.snapshot(withLanes: false, at: host.now) }

    /// What only monitoring asks.
    public var figures: RouterFigures { RouterFigures(core) }

    /// Its state in numbers.
    public var summary: RouterSummary { RouterSummary(core) }

    /// What has changed since the last look with this watch.
    public func look(_ watch: inout RouterWatch, _ scope: WatchScope) -> RouterChanges { watch.look(at: core, scope, at: host.now) }

    /// Notes the last write of every lane, and who drives it.
    public func lookAtLevels(_ watch: inout LevelWatch) { watch.look(at: core.outputs.arbiter) { core.tables.sessions.id(Int($0)) } }

    /// One session that has not ended.
    public func session(_ id: LinkID) -> SessionSnapshot? { core.tables.sessions.slot(id).flatMap { core.tables.session($0) } }

    /// Changes a session's rights until it ends; nothing rises by it. False when the session has ended or has no handshake yet.
    public func patch(_ id: LinkID, _ patch: SessionPatch) -> Bool {
        defer { wake() }
        return core.patch(id, patch, at: host.now, into: &outbox)
    }

    /// Answers a session that waits for consent. False when it does not wait.
    public func answerConsent(_ id: LinkID, _ answer: ConsentAnswer) -> Bool {
        defer { wake() }
        return core.answerConsent(id, answer, at: host.now, into: &outbox)
    }

    /// What has been answered for good, the oldest first.
    public var rememberedConsents: [RememberedConsent] { core.consents.memory.entries }

    /// Forgets it: all of them are asked about again. Sessions live on.
    public func forgetConsents() {
        core.consents.forgetAll(into: &outbox)
        wake()
    }

    /// Ends everybody's values on one device, and keeps everybody off it as long as a global stop does. False when there is no such device.
    public func stopDevice(_ index: UInt32) -> Bool {
        defer { wake() }
        return core.stopDevice(index, at: host.now, into: &outbox)
    }

    /// Asks for a scan on the operator's behalf, or withdraws that; others' requests stay.
    public func setOperatorScan(_ isWanted: Bool) {
        core.setOperatorScan(isWanted, into: &outbox)
        wake()
    }
}
