// A running router as the admin interface sees it.
// Must not answer requests; it only puts names to what the server says.

import Admin
import ButtplugServer
import Host
import Router
import UVHost

/// The server, its listeners and its configuration, for `AdminService`.
final class RouterAdmin: AdminTarget {
    private let host: UVHost
    private let server: ButtplugServer
    private let clientListeners: [UVListener]
    private unowned let `operator`: Operator
    private let startedAt: Instant

    init(_ host: UVHost, _ server: ButtplugServer, _ listeners: [UVListener], _ operator: Operator) {
        self.host = host
        self.server = server
        clientListeners = listeners
        self.operator = `operator`
        startedAt = host.now
    }

    var identity: AdminIdentity {
        AdminIdentity(
            name: `operator`.settings.router.serverName, version: Version.number, commit: Version.commit, startedAt: startedAt)
    }
    var now: Instant { host.now }
    var snapshot: RouterSnapshot { server.snapshot }
    var outline: RouterSnapshot { server.outline }
    func changedLanes(_ watch: inout LaneWatch, room: Int) -> [LaneSnapshot] { server.changedLanes(&watch, room: room) }
    var levels: [LaneLevel] { server.levels }
    var listeners: [String] { clientListeners.flatMap(\.addresses) }
    var backends: [String] { ["simulated"] + server.upstreamBackends.map { "\($0.endpoint)" } }

    var upstreams: [UpstreamStatus] {
        let devices = server.outline.devices
        return server.upstreamBackends.enumerated().map { number, upstream in
            UpstreamStatus(
                address: "\(upstream.endpoint)", state: upstream.isUp ? .connected : upstream.isConnecting ? .connecting : .waiting,
                devices: devices.filter { $0.backend == number + 1 }.count, reconnects: upstream.reconnects)
        }
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
    func reload(_ answer: @escaping (ReloadOutcome) -> Void) { `operator`.reload(answer) }
    var configuration: String { `operator`.configurationText }
    var rules: [String] { `operator`.ruleTexts }
}
