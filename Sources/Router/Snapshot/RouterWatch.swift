// What has changed in a router since somebody looked the last time, found without making a picture of what has not.
// Must not know who looks. What is stored here belongs to the watcher, and costs the router nothing.

import Buttplug
import Host

/// What a watcher has seen.
public struct RouterWatch: Sendable {
    fileprivate var sessions = SessionWatch()
    fileprivate var devices = DeviceWatch()
    fileprivate var lanes = LaneWatch()

    public init() {}

    /// All lanes are reported again.
    public mutating func forgetLanes() { lanes = LaneWatch() }

    mutating func look(at core: borrowing RouterCore, _ scope: WatchScope, at now: Instant) -> RouterChanges {
        var changes = RouterChanges(summary: RouterSummary(core))
        sessions.look(at: core, into: &changes)
        devices.look(at: core, scope, at: now, into: &changes)
        changes.consents = core.consents.snapshot(core.tables)
        changes.lanes = core.outputs.arbiter.changedLanes(&lanes, room: scope.room, at: now) { core.tables.sessions.id(Int($0)) }
        return changes
    }
}

/// How much one look reports.
public struct WatchScope: Hashable, Sendable {
    /// Lanes and contributions together; what does not fit comes with the next looks.
    public var room: Int
    /// How long a device's counters and readings wait after the device was reported.
    public var countersEvery: Interval
    /// A reading that has changed does not wait.
    public var isWhole: Bool

    public init(room: Int, countersEvery: Interval, isWhole: Bool) {
        self.room = room
        self.countersEvery = countersEvery
        self.isWhole = isWhole
    }
}

/// What a look has found.
public struct RouterChanges: Sendable {
    /// A device that came, changed or went.
    public struct Device: Sendable {
        /// As it was reported last; nil: never.
        public var before: DeviceSnapshot?
        /// nil: it is gone.
        public var now: DeviceSnapshot?
    }

    public var summary: RouterSummary
    /// New or changed ones.
    public var sessions: [SessionSnapshot] = []
    public var sessionsGone: [LinkID] = []
    /// All that wait to be let in now.
    public var consents: [ConsentSnapshot] = []
    /// In the order of their indices.
    public var devices: [Device] = []
    /// New or changed ones. Those whose device is gone are not among them.
    public var lanes: [LaneSnapshot] = []
}

/// The sessions as they were reported last, by slot.
private struct SessionWatch {
    /// The same as before: the session is as it was. Everything else of a session stays the same until it ends.
    private struct Mark: Hashable {
        var id: LinkID
        var isReady: Bool
        var rights: Rights
        var rule: Int
        var isPatched: Bool
    }

    private var reported: [Mark?] = []

    mutating func look(at core: borrowing RouterCore, into changes: inout RouterChanges) {
        let count = core.tables.sessions.rows.count
        while reported.count < count { reported.append(nil) }
        for slot in reported.indices {
            let present = slot < count ? Self.mark(of: slot, core) : nil
            guard present != reported[slot] else { continue }
            if present != nil, let session = core.tables.session(slot) { changes.sessions.append(session) }
            if let id = reported[slot]?.id, id != present?.id { changes.sessionsGone.append(id) }
            reported[slot] = present
        }
    }

    private static func mark(of slot: Int, _ core: borrowing RouterCore) -> Mark? {
        let state = core.tables.sessions.rows[slot].state
        // Part by part: a copy of all details costs far more.
        guard state.isOpen, let rights = core.tables.sessions.details[slot]?.rights, let rule = core.tables.sessions.details[slot]?.rule,
            let isPlain = core.tables.sessions.details[slot]?.patch.isEmpty
        else { return nil }
        return Mark(id: core.tables.sessions.id(slot), isReady: state == .ready, rights: rights, rule: rule, isPatched: !isPlain)
    }
}

/// The devices as they were reported last, by index.
private struct DeviceWatch {
    /// Beside the device and not with it: most looks need no more than this, and a copy of a device costs far more.
    private struct Seen {
        var at: Instant
        var mark: Mark
    }

    /// The same as before: the device is as it was.
    private struct Mark: Hashable {
        var traffic: DeviceTraffic
        var latency: RecentHistogram.Mark?
        var readings: UInt64
    }

    private var reported: [DeviceSnapshot?] = []
    private var seen: [Seen?] = []
    /// Which table of devices that was.
    private var generation: UInt64?

    mutating func look(at core: borrowing RouterCore, _ scope: WatchScope, at now: Instant, into changes: inout RouterChanges) {
        let isOtherTable = generation != core.tables.devices.generation
        generation = core.tables.devices.generation
        while reported.count < Int(core.tables.devices.indexLimit) {
            reported.append(nil)
            seen.append(nil)
        }
        for index in reported.indices {
            let number = UInt32(index)
            let isThere = isOtherTable ? core.tables.devices.contains(number) : seen[index] != nil
            guard isThere else {
                if let device = reported[index] { changes.devices.append(RouterChanges.Device(before: device, now: nil)) }
                reported[index] = nil
                seen[index] = nil
                continue
            }
            if let at = seen[index]?.at, !isOtherTable, !scope.isWhole, now - at < scope.countersEvery { continue }
            let mark = Self.mark(of: number, core, at: now)
            if !isOtherTable, mark == seen[index]?.mark { continue }
            guard let device = DeviceSnapshot(number, of: core, at: now) else { continue }
            if let known = reported[index], let at = seen[index]?.at {
                guard Self.isDue(known, device, scope, after: now - at) else { continue }
                if known == device {
                    seen[index]?.mark = mark
                    continue
                }
            }
            changes.devices.append(RouterChanges.Device(before: reported[index], now: device))
            reported[index] = device
            seen[index] = Seen(at: now, mark: mark)
        }
    }

    /// Traffic only ever grows, so a change of it is reported some time; a reading may be what it was again by then.
    private static func isDue(_ known: DeviceSnapshot, _ device: DeviceSnapshot, _ scope: WatchScope, after pause: Interval) -> Bool {
        known.info != device.info || known.backend != device.backend || pause >= scope.countersEvery
            || (scope.isWhole && known.readings != device.readings)
    }

    private static func mark(of device: UInt32, _ core: borrowing RouterCore, at now: Instant) -> Mark {
        Mark(
            traffic: core.outputs.arbiter.traffic(of: device), latency: core.outputs.arbiter.latencyMark(of: device, at: now),
            readings: core.sensors.readingsMark)
    }
}
