// What the operator reads: one log line per transition of the router, as far as the pace allows, and the state of everything on request.
// Must not know how lines are written or escaped; a session's or device's name is passed on as data.

import Buttplug
import Host
import Logging
import Router

/// Turns the router's events into log lines.
final class ServerLog: RouterObserver {
    var logger: Logger?
    private let directory: SessionDirectory
    private let pace: PacedLog
    /// Everything is written, as it was asked for.
    private var isReporting = false
    private var devices: [DeviceInfo?] = []
    /// Beginnings of the identities of upstreams that are away, and what has left together with one.
    private var away: Set<String> = []
    private var absent: Set<String> = []

    init(_ logger: Logger?, _ directory: SessionDirectory, on host: any Host) {
        self.logger = logger
        self.directory = directory
        pace = PacedLog(on: host)
        pace.write = { [unowned self] in write($0) }
    }

    var wantsWinners: Bool { logger.map { $0.logLevel <= .debug } ?? false }

    func happened(_ event: RouterEvent, at now: Instant) {
        switch event {
        case .connectionRefused(let peer, let reason):
            log(
                .warning, "connections are refused", equalBy: reason.rawValue,
                [("address", peer.address), ("listener", peer.listener), ("reason", reason.rawValue)])
        case .sessionOpened, .handshaken, .handshakeRefused, .consentAsked, .consentAnswered, .sessionClosed: sessionHappened(event)
        case .deviceAppeared, .deviceRefused, .deviceDisappeared, .winnerChanged, .stopFailed,
            .limitFitsNothing:
            deviceHappened(event)
        case .emergencyStop(true): log(.critical, "emergency stop raised")
        case .emergencyStop(false): log(.notice, "emergency stop cleared")
        case .scanStarted: log(.info, "scan started")
        case .scanEnded: log(.info, "scan ended")
        case .ended: log(.info, "outputs are zero, sessions are closed")
        case .stateChanged: break
        }
    }

    /// A listener turned a connection away before it became a session.
    func refused(_ address: String, _ why: String, _ kind: String) {
        let reason = Redaction.redacted(why)
        log(.notice, "connection refused", kind: kind, equalBy: reason, [("address", address), ("reason", reason)])
    }

    private func sessionHappened(_ event: RouterEvent) {
        switch event {
        case .sessionOpened(let id, let peer): log(.debug, "connection opened", Self.facts(id, peer))
        case .handshaken(let id, _, _, let maxPingTime): log(.info, "session up", facts(id) + [("max_ping_time", "\(maxPingTime)")])
        case .handshakeRefused(let id, let failure):
            let reason = "\(failure)"
            log(.notice, "handshake refused", equalBy: reason, facts(id) + [("reason", reason)])
        case .consentAsked(let id, _, _): log(.notice, "a client waits to be let in", facts(id))
        case .consentAnswered(let id, let answer):
            let isForGood = ("always", "\(answer.isRemembered)")
            let message: Logger.Message = answer.isGiven ? "the operator lets a client in" : "the operator does not let a client in"
            log(.notice, message, facts(id) + [isForGood])
        case .sessionClosed(let id, let reason): log(.info, "session down", facts(id) + [("reason", reason.rawValue)])
        default: break
        }
    }

    private func deviceHappened(_ event: RouterEvent) {
        switch event {
        case .deviceAppeared(let device):
            while devices.count <= Int(device.index) { devices.append(nil) }
            devices[Int(device.index)] = device
            // Back with its upstream, whose line says it for all.
            let isBack = absent.remove(device.description.identity) != nil
            log(isBack ? .debug : .info, "device up", Self.facts(device))
        case .deviceDisappeared(let device):
            if Int(device.index) < devices.count { devices[Int(device.index)] = nil }
            let isAway = away.contains { device.description.identity.hasPrefix($0) }
            if isAway { absent.insert(device.description.identity) }
            log(isAway ? .debug : .info, "device down", Self.facts(device))
        case .deviceRefused(let identity, let reason):
            log(.warning, "device refused", equalBy: identity, [("identity", identity), ("reason", reason)])
        case .limitFitsNothing(let limit): log(.warning, "a limit fits no device so far", facts(limit))
        case .winnerChanged(let device, let feature, let session):
            var facts = [("device", "\(device)"), ("feature", "\(feature)"), ("session", session.map { "\($0)" } ?? "none")]
            if let slot = session, let client = directory.entry(slot: slot)?.client { facts.append(("client", client)) }
            log(.debug, "winner changed", facts)
        case .stopFailed(let device, let feature):
            log(.error, "a device does not stop: three zeros in a row failed", [("device", "\(device)"), ("feature", "\(feature)")])
        default: break
        }
    }

    // MARK: Upstreams

    func happened(_ event: UpstreamEvent, at endpoint: Endpoint) {
        let upstream = ("upstream", "\(endpoint)")
        switch event {
        case .up: away.remove("upstream:\(endpoint):")
        case .down, .unsteady: away.insert("upstream:\(endpoint):")
        case .unreachable, .refused, .tooManyDevices: break
        }
        switch event {
        case .up(let name, let version): log(.info, "upstream up", [upstream, ("name", name), ("version", "\(version)")])
        case .down(let reason): log(.warning, "upstream down; trying again", [upstream, ("reason", reason.rawValue)])
        case .unreachable(let text):
            log(
                .warning, "upstream cannot be reached; trying again", equalBy: "\(endpoint) \(text)", [upstream, ("reason", text)])
        case .tooManyDevices(let limit):
            log(
                .warning, "upstream shows too many devices; further ones are left out",
                [upstream, ("reason", "limits.upstream_devices"), ("limit", "\(limit)")])
        case .unsteady:
            log(.warning, "upstream hangs up again and again; trying less often, and telling when it works", [upstream])
        case .refused(let text):
            log(.warning, "upstream refuses; trying again", equalBy: "\(endpoint) \(text)", [upstream, ("reason", text)])
        }
    }

    func isSelf(_ endpoint: Endpoint) { log(.error, "upstream is this router itself and is left alone", [("upstream", "\(endpoint)")]) }

    // MARK: Hardware

    /// What is wrong with a device or a port, or that it is over. It may be out of reach, or only not be driven as it is set.
    func hardware(_ subject: String, _ problem: String?) {
        if let problem {
            log(.warning, "trouble with a device", equalBy: "\(subject) \(problem)", [("device", subject), ("reason", problem)])
        } else {
            log(.debug, "no trouble with a device", [("device", subject)])
        }
    }

    // MARK: The state of everything

    /// Writes sessions, devices and counters, one line each.
    func report(_ runner: RouterRunner) {
        isReporting = true
        defer { isReporting = false }
        log(
            .notice, "state",
            [
                ("sessions", "\(runner.sessionCount)"), ("devices", "\(runner.deviceCount)"),
                ("emergency_stop", runner.isStopped ? "raised" : "clear"),
            ])
        for entry in directory.all { log(.notice, "state of a session", Self.facts(entry)) }
        for device in devices.compactMap({ $0 }) { log(.notice, "state of a device", Self.facts(device)) }
        for limit in runner.unmetLimits { log(.notice, "state of a limit that fits no device so far", facts(limit)) }
        let totals = runner.totals
        log(
            .notice, "counts of messages",
            [
                ("frames", "\(totals.frames)"), ("malformed", "\(totals.malformed)"), ("invalid", "\(totals.invalid)"),
                ("denied_device", "\(totals.deniedDevice)"), ("rate_waits", "\(totals.rateWaits)"),
                ("rate_refused", "\(totals.rateRefused)"), ("writes", "\(totals.writes)"), ("handshakes", "\(totals.handshakes)"),
                ("coalesced", "\(totals.coalesced)"),
            ])
        log(.notice, "counts of commands", Verdict.allCases.map { ("\($0)", "\(runner.count($0))") })
        let ends = CloseReason.allCases.map { ($0.rawValue, "\(runner.count($0))") }.filter { $0.1 != "0" }
        log(.notice, "counts of ended sessions", ends)
    }

    // MARK: Lines

    private typealias Facts = LogEntry.Facts

    /// Writes a line, or counts the event where there are too many of its kind.
    /// - Parameters:
    ///   - message: With `kind` the kind of event; nothing from outside may be in them.
    ///   - detail: What makes two events equal; nil for transitions.
    private func log(
        _ level: Logger.Level, _ message: Logger.Message, kind: String = "", equalBy detail: String? = nil,
        _ facts: @autoclosure () -> Facts = []
    ) {
        guard let logger, logger.logLevel <= level else { return }
        // A logger that is set to details, or to everything, gets it.
        if isReporting || level < .info { return write(LogEntry(level: level, message: message, facts: facts())) }
        pace.offer(detail, LogEntry(level: level, message: message, facts: facts()), as: "\(message) \(kind)")
    }

    /// The server has ended: what was only counted so far is written.
    func finish() { pace.finish() }

    private func write(_ entry: LogEntry) {
        var metadata = Logger.Metadata()
        for (name, value) in entry.facts { metadata[name] = .string(value) }
        logger?.log(level: entry.level, entry.message, metadata: metadata)
    }

    private func facts(_ id: LinkID) -> Facts { directory.entry(id).map(Self.facts) ?? Self.facts(id, nil) }

    private static func facts(_ entry: SessionEntry) -> Facts {
        var facts = Self.facts(entry.id, entry.peer)
        if let client = entry.client { facts.append(("client", client)) }
        if let version = entry.version { facts.append(("version", "\(version)")) }
        return facts
    }

    private static func facts(_ id: LinkID, _ peer: Peer?) -> Facts {
        var facts = [("session", "\(id.slot)")]
        guard let peer else { return facts }
        facts += [("address", peer.address), ("listener", peer.listener)]
        if let origin = peer.origin { facts.append(("origin", Redaction.redacted(origin))) }
        if !peer.isLocal { facts.append(("from", "remote")) }
        if let token = peer.token { facts.append(("token", token)) }
        return facts
    }

    private static func facts(_ device: DeviceInfo) -> Facts {
        let shown = device.description.displayName.map { [("display_name", $0)] } ?? []
        return [("device", "\(device.index)"), ("name", device.description.name)] + shown + [("identity", device.description.identity)]
    }

    /// A pattern, and the names that it could have fitted.
    private func facts(_ limit: DeviceLimit) -> Facts {
        let known = devices.compactMap { $0?.description }.prefix(8).map {
            [$0.name, $0.displayName].compactMap { $0 }.joined(separator: " / ")
        }
        return [("limit", "\(limit)"), ("pattern", limit.pattern), ("devices", known.joined(separator: ", "))]
    }
}
