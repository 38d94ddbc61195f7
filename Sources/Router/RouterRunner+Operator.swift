// The operator's verbs, as a signal handler, a reload or an admin interface calls them: at any time on the host's thread.
// Must not decide anything; the core does. Each asks the host for a turn, in which its effects leave.

import Host

extension RouterRunner {
    /// What must survive a restart. Changes are told as `RouterEvent.stateChanged`.
    public var state: RouterState { core.state }

    /// Whether the emergency stop is raised.
    public var isStopped: Bool { core.outputs.arbiter.isStopped }

    /// Sessions there are, with and without handshake.
    public var sessionCount: Int { core.tables.sessions.count }

    /// Devices there are.
    public var deviceCount: Int { core.tables.devices.count }

    /// Patterns of the settings that have fitted no device so far.
    public var unmetLimits: [DeviceLimit] { core.limitWatch.unmet }

    /// Commands that got this verdict, and sessions that ended for this reason, since the start.
    public func count(_ verdict: Verdict) -> UInt64 { core.tables.counters.count(verdict) }
    public func count(_ reason: CloseReason) -> UInt64 { core.tables.counters.count(reason) }
    public var totals: RouterTotals { core.tables.counters.totals }

    /// Raises the emergency stop, or says it again.
    public func raiseEmergencyStop() {
        core.raiseEmergencyStop(at: host.now, into: &outbox)
        wake()
    }

    /// Clears it. Nothing starts by that.
    public func clearEmergencyStop() {
        core.clearEmergencyStop(at: host.now, into: &outbox)
        wake()
    }

    /// Sessions of a priority below `level` (1…200) drive nothing until `holder` lifts the mask. Raising it again moves it.
    public func raiseMask(holder: String, level: UInt8, releasesOnLoss: Bool = false) {
        core.raiseMask(holder: holder, level: level, releasesOnLoss: releasesOnLoss, at: host.now, into: &outbox)
        core.outputs.endMaskedForeign(into: &outbox)
        wake()
    }

    /// Lifts a mask. Nothing comes back by that.
    public func clearMask(holder: String) {
        core.clearMask(holder: holder, at: host.now, into: &outbox)
        wake()
    }

    /// The control client that raised a mask is gone; the mask stays unless it was to be released then.
    public func maskHolderLost(_ holder: String) {
        core.maskHolderLost(holder, at: host.now, into: &outbox)
        wake()
    }

    /// Ends a session; its id came with `RouterEvent.sessionOpened`. A session that has ended already is left alone.
    public func kick(_ id: LinkID) {
        core.kick(id, at: host.now, into: &outbox)
        wake()
    }

    /// Sessions that have shown the token of this name.
    public func sessionCount(ofToken name: String) -> Int { core.tables.sessions.count(ofToken: name) }

    /// Ends every session that has shown the token of this name.
    public func revoke(token name: String) {
        core.revoke(token: name, at: host.now, into: &outbox)
        wake()
    }

    /// Every session that has shown the token of this name ends then.
    public func tokenEnds(_ name: String, at instant: Instant) {
        core.tokenEnds(name, at: instant)
        wake()
    }

    /// Puts new settings in force: rules, lanes, limits. Sessions live on; `max_ping_time` keeps its announced value.
    public func settingsChanged(_ settings: RouterSettings) {
        core.settingsChanged(settings, at: host.now, into: &outbox)
        wake()
    }

    /// Ends the router: every output is zeroed and every backend stopped; once the devices have answered, or after `endTimeout`,
    /// every session is closed with `routerEnding` and `onEnded` is called. New connections are refused from now on.
    public func shutDown() {
        core.shutDown(at: host.now, into: &outbox)
        wake()
    }
}
