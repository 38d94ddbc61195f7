// A running router as the admin interface sees it.
// Must not answer requests; it only names what the server returns.

import Admin
import ButtplugServer
import Host
import Platform
import Router
import UVHost

/// The server, its listeners and its configuration, for `AdminService`.
final class RouterAdmin: AdminTarget {
    private let host: UVHost
    private let server: ButtplugServer
    private let clientListeners: [UVListener]
    private unowned let `operator`: Operator
    private let measures: RouterMeasures
    private let startedAt: Instant

    init(_ host: UVHost, _ server: ButtplugServer, _ listeners: [UVListener], _ operator: Operator) {
        self.host = host
        self.server = server
        clientListeners = listeners
        self.operator = `operator`
        measures = RouterMeasures(host, server)
        startedAt = host.now
    }

    var identity: AdminIdentity {
        AdminIdentity(
            name: `operator`.settings.router.serverName, version: Version.number, commit: Version.commit, pid: Launch.processNumber,
            startedAt: startedAt)
    }
    var now: Instant { host.now }
    var snapshot: RouterSnapshot { server.snapshot }
    var outline: RouterSnapshot { server.outline }
    var summary: RouterSummary { server.summary }
    func look(_ watch: inout RouterWatch, _ scope: WatchScope) -> RouterChanges { server.look(&watch, scope) }
    func lookAtLevels(_ watch: inout LevelWatch) { server.lookAtLevels(&watch) }
    var listeners: [String] { clientListeners.flatMap(\.addresses) }
    var backends: [String] { ["simulated"] + server.upstreamBackends.map { "\($0.endpoint)" } }

    func upstreams(in summary: RouterSummary) -> [UpstreamStatus] {
        server.upstreamBackends.enumerated().map { number, upstream in
            UpstreamStatus(
                address: "\(upstream.endpoint)", state: upstream.isUp ? .connected : upstream.isConnecting ? .connecting : .waiting,
                devices: summary.devicesByBackend[number + 1], reconnects: upstream.reconnects)
        }
    }

    var figures: AdminFigures {
        var figures = measures.figures
        figures.certificateExpires = `operator`.certificates.context?.expires
        figures.clientAuthoritiesExpire = `operator`.certificates.context?.clientAuthoritiesExpire
        return figures
    }
    func count(_ verdict: Verdict) -> UInt64 { server.count(verdict) }
    func count(_ reason: CloseReason) -> UInt64 { server.count(reason) }
    func session(_ id: LinkID) -> SessionSnapshot? { server.session(id) }
    func raiseEmergencyStop() { server.raiseEmergencyStop() }
    func clearEmergencyStop() { server.clearEmergencyStop() }
    func kick(_ id: LinkID) { server.kick(id) }
    func patch(_ id: LinkID, _ patch: SessionPatch) -> Bool { server.patch(id, patch) }
    func stopDevice(_ index: UInt32) -> Bool { server.stopDevice(index) }
    func setOperatorScan(_ isWanted: Bool) { server.setOperatorScan(isWanted) }
    func answerConsent(_ id: LinkID, _ answer: ConsentAnswer) -> Bool { server.answer(id, answer) }
    var rememberedConsents: [RememberedConsent] { server.rememberedConsents }
    func forgetConsents() { server.forgetConsents() }
    func reload(_ answer: @escaping (ReloadOutcome) -> Void) { `operator`.reload(answer) }
    var configuration: String { `operator`.configurationText }
    var rules: [String] { `operator`.ruleTexts }
    var tokens: (any AdminTokens)? { `operator`.tokens }
}
