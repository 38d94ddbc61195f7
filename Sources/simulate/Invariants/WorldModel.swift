// What has passed between the router and its world, as models of sessions, devices and lanes; writes and ends are checked as they come.
// Must not look inside the router: it sees messages, writes and requests, as clients and devices do.

import Buttplug
import Host
import Router
import SimHost

/// What a run amounted to.
struct RunCounts {
    var sessions: UInt64 = 0
    var messages: UInt64 = 0
    var replies: UInt64 = 0
    var events: UInt64 = 0
    var writes: UInt64 = 0
    var refusedWrites: UInt64 = 0
    var readings: UInt64 = 0
    var deviceChanges: UInt64 = 0
    var operatorActions: UInt64 = 0
    var leaps: UInt64 = 0
    var closes = [UInt64](repeating: 0, count: CloseReason.allCases.count)
}

/// The models of everything, fed in the order in which the router is told.
class WorldModel {
    var counts = RunCounts()
    var checks = [UInt64](repeating: 0, count: Invariant.allCases.count)
    var hash = TraceHash()
    /// The first broken promise. The run stops there.
    private(set) var violation: Violation?
    /// Lines of what happened, from an instant on, for people.
    var trace: ((String) -> Void)?
    var now = Instant.zero
    /// What the operator has answered for good.
    var remembered: [ConsentKey: Bool] = [:]
    /// Set where strangers come.
    var entrance: EntranceModel?
    /// Which router this is about, where there are several.
    var name = ""

    /// By client-visible index.
    var devices: [DeviceModel] = []
    var byHandle: [Int] = []
    /// By slot.
    var sessions: [SessionModel?] = []
    /// Those with a connection, in order of connecting.
    var live: [SessionModel] = []
    var settings: RouterSettings
    var isStopped = false
    private(set) var stoppedAt = Instant.never
    var masks: [(holder: String, level: UInt8)] = []
    var isEnding = false
    /// Somebody has raised the emergency stop.
    var stopHook: (() -> Void)?

    var touched: [LaneModel] = []
    var active: [SessionModel] = []
    var outstanding: [OutstandingWrite] = []
    /// The router has asked for a scan and not for its end.
    var isScanning = false
    var scanEndedAt = Instant.never
    /// The operator wants a scan, too.
    var operatorVotes = false
    /// The latest moment at which somebody began to want a scan.
    var votedAt = Instant.never
    /// The places that scan (with upstreams there are several), and since when others have been done.
    var scanning: Set<Int> = []
    var scannedAt: [Int: Instant] = [:]
    var changeNumber: UInt64 = 0
    var listsChanged = false
    var sensorsChanged = false
    /// The end of the last jump of time: deadlines count from there.
    var leapEnd = Instant.zero

    init(_ settings: RouterSettings) { self.settings = settings }

    /// For a router that replaces one that was killed: what was counted goes on, what was known is gone.
    convenience init(_ settings: RouterSettings, after old: WorldModel) {
        self.init(settings)
        counts = old.counts
        checks = old.checks
        hash = old.hash
        trace = old.trace
        violation = old.violation
    }

    // MARK: Verdicts

    func check(_ invariant: Invariant, _ holds: Bool, _ text: @autoclosure () -> String) {
        checks[invariant.rawValue] &+= 1
        if !holds, violation == nil {
            violation = Violation(invariant: invariant, at: now, text: name.isEmpty ? text() : "\(name): \(text())")
            trace?("BROKEN \(invariant): \(text())")
        }
    }

    func note(_ text: @autoclosure () -> String) {
        if let trace { trace("\(now.nanoseconds / 1000) µs  \(name.isEmpty ? "" : name + "  ")\(text())") }
    }

    // MARK: Lookups

    func device(_ index: UInt32) -> DeviceModel? {
        guard Int(index) < devices.count, devices[Int(index)].isPresent else { return nil }
        return devices[Int(index)]
    }

    func session(_ id: LinkID) -> SessionModel? {
        guard Int(id.slot) < sessions.count, let session = sessions[Int(id.slot)], session.id == id else { return nil }
        return session
    }

    var maskLevel: UInt8 { masks.reduce(0) { max($0, $1.level) } }

    func touch(_ lane: LaneModel) {
        lane.changeNumber = now
        guard !lane.isListed else { return }
        lane.isListed = true
        touched.append(lane)
    }

    /// Calls `body` with every lane of the scope: one feature, one device, or everything that is there.
    func forEachLane(device: UInt32?, feature: UInt32?, _ body: (DeviceModel, LaneModel) -> Void) {
        for model in devices where model.isPresent && (device == nil || model.index == device) {
            for lane in model.lanes where device == nil || feature == nil || lane.feature.index == feature {
                body(model, lane)
            }
        }
    }

    /// Ends what a session may hold on a lane.
    func release(_ session: SessionModel, _ lane: LaneModel) {
        let before = lane.holdings.count + lane.passables.count
        lane.holdings.removeAll { $0.session === session }
        lane.passables.removeAll { $0.session === session }
        if lane.holdings.count + lane.passables.count != before { touch(lane) }
    }

    /// Ends what everybody holds on a lane.
    func clear(_ lane: LaneModel) {
        lane.holdings.removeAll()
        lane.passables.removeAll()
        touch(lane)
    }

    // MARK: Sessions

    func opened(_ session: SessionModel, _ id: LinkID) {
        counts.sessions += 1
        session.id = id
        session.state = .waiting
        session.openedAt = now
        while sessions.count <= Int(id.slot) { sessions.append(nil) }
        check(.seam, sessions[Int(id.slot)] == nil, "slot \(id.slot) was given to two sessions")
        sessions[Int(id.slot)] = session
        live.append(session)
        entrance?.began(session)
        note("#\(session.number) \(session.name) \(session.version) opened as slot \(id.slot)")
    }

    /// The session is over, regardless of who ended it: everything of it is gone from now on.
    func ended(_ session: SessionModel, _ reason: CloseReason, byRouter: Bool) {
        guard session.state != .ended else { return }
        note("#\(session.number) ended: \(reason.rawValue)\(byRouter ? " (by the router)" : "")")
        for (index, candidate) in CloseReason.allCases.enumerated() where candidate == reason { counts.closes[index] += 1 }
        hash.add(UInt64(session.number) << 8 | UInt64(reason.status))
        hash.add(now.nanoseconds)
        if byRouter { checkClose(session, reason) }
        forget(session)
        session.pending.removeAll()
        session.state = .ended
        sessions[Int(session.id.slot)] = nil
        live.removeAll { $0 === session }
        entrance?.ended(session)
    }

    /// Everything a session has in the models, apart from its connection and the answers that may still be under way to it.
    func forget(_ session: SessionModel) {
        for device in devices where device.isPresent {
            for lane in device.lanes { release(session, lane) }
        }
        session.votes = false
        if !session.subscriptions.isEmpty { sensorsChanged = true }
        session.subscriptions.removeAll()
    }

    private func checkClose(_ session: SessionModel, _ reason: CloseReason) {
        switch reason {
        case .pingMissed:
            let due = session.lastPingAt + patience(session)
            check(.closes, session.maxPingTime > 0, "#\(session.number) was closed for pings nobody asked for")
            check(.closes, now >= due, "#\(session.number) was closed for a ping that still had time")
            check(.closes, session.wasToldOfPing || session.isCongested, "#\(session.number) was not told Error 2 before its end")
        case .handshakeTimeout:
            let due = session.openedAt + settings.limits.handshakeTimeout
            check(.closes, session.state == .waiting && now >= due, "#\(session.number) still had time for its handshake")
        case .consentTimeout:
            let due = session.askedAt + settings.limits.consentTimeout
            check(.closes, session.state == .asking && now >= due, "#\(session.number) still had time to be let in")
        case .rateLimited:
            check(.closes, session.rule.rateLimit != nil, "#\(session.number) has no rate to pass")
        case .tokenExpired: check(.closes, isExpired(session), "#\(session.number) was closed for a token that still counts")
        case .tokenRevoked: check(.closes, session.isRevoked, "#\(session.number) was closed for a token that nobody has revoked")
        case .routerEnding:
            check(.closes, isEnding, "#\(session.number) was closed for an end that is none")
        default:
            let expected = session.mayBeClosedFor.contains(reason)
            check(.closes, expected, "#\(session.number) \(session.name) was closed by the router: \(reason.rawValue)")
        }
    }

    func patience(_ session: SessionModel) -> Interval {
        let limit = Interval.milliseconds(Int64(session.maxPingTime))
        return limit + max(Interval(nanoseconds: limit.nanoseconds / 10), .milliseconds(50))
    }

    /// Its ping is missing: it ends in this turn, and its link is told last.
    func isOverdue(_ session: SessionModel) -> Bool { session.maxPingTime > 0 && now >= session.lastPingAt + patience(session) }

    // MARK: The operator

    /// The operator ends a session: nothing of it counts from now on. What it asked earlier in this turn may still be answered.
    func kicked(_ session: SessionModel) {
        note("kick #\(session.number)")
        session.mayBeClosedFor.append(.kicked)
        session.isLeaving = true
        forget(session)
    }

    func stopRaised() {
        stopHook?()
        note("emergency stop")
        (isStopped, stoppedAt) = (true, now)
        forEachLane(device: nil, feature: nil) { _, lane in
            clear(lane)
            lane.zeroOwedSince = now
        }
    }

    func stopCleared() {
        note("emergency stop cleared")
        isStopped = false
    }

    func maskRaised(_ holder: String, _ level: UInt8) {
        note("mask \(holder) at \(level)")
        masks.removeAll { $0.holder == holder }
        masks.append((holder, level))
        for session in live where session.state == .ready && session.rights.priority < maskLevel { releaseEverywhere(session) }
    }

    func maskCleared(_ holder: String) {
        note("mask \(holder) cleared")
        masks.removeAll { $0.holder == holder }
    }

    func releaseEverywhere(_ session: SessionModel) {
        forEachLane(device: nil, feature: nil) { _, lane in release(session, lane) }
    }

    /// New rules or lane settings are in force.
    func settingsChanged(_ fresh: RouterSettings) {
        note("settings changed")
        settings = fresh
        for session in live { session.meetsNewRules(self) }
        for device in devices {
            for lane in device.lanes { lane.apply(fresh.arbitration.lanes, deviceName: device.description.name) }
        }
        for session in live where session.state == .ready {
            session.rule = fresh.rules.rule(client: session.name, peer: session.peer)
            if session.rights.mute || session.rights.role == .observer || session.rights.priority < maskLevel {
                releaseEverywhere(session)
            }
            for device in devices where device.isPresent && !session.sees(device) {
                for lane in device.lanes { release(session, lane) }
            }
            for index in session.subscriptions.indices.reversed() {
                let device = devices[Int(session.subscriptions[index].device)]
                guard !session.sees(device) else { continue }
                // A device that is away is denied when it comes back, if it is denied then.
                if device.isPresent {
                    session.subscriptions.remove(at: index)
                } else {
                    session.subscriptions[index].isSure = false
                }
            }
        }
        forEachLane(device: nil, feature: nil) { _, lane in
            lane.holdings.removeAll { lane.limited($0.value, $0.type, $0.session.rights) == 0 }
            for position in lane.holdings.indices { lane.holdings[position].isSure = false }
            for position in lane.passables.indices { lane.passables[position].isLoose = true }
            touch(lane)
        }
        listsChanged = true
        sensorsChanged = true
    }
}
