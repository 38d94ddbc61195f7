// A simulated router as the admin interface sees it: what is done to it, the monitor is told too.
// Must not answer requests; `AdminService` does.

import Admin
import Host
import Router
import SimHost

/// The router and its models, for `AdminService`.
final class SimulatedAdmin: AdminTarget {
    private let host: SimHost
    private let monitor: Monitor
    private unowned let runner: RouterRunner
    private let rears: [ObservedUpstream]
    /// Which of the rulebook's settings the next reload reads.
    var variant = 0
    private let asksConsent: Bool

    init(_ host: SimHost, _ monitor: Monitor, _ runner: RouterRunner, _ rears: [ObservedUpstream] = [], asksConsent: Bool = false) {
        self.asksConsent = asksConsent
        self.host = host
        self.monitor = monitor
        self.runner = runner
        self.rears = rears
    }

    let identity = AdminIdentity(name: "simulated", version: "0", commit: "", pid: 0, startedAt: .zero)
    let listeners = ["ws://127.0.0.1:12345"]
    let configuration = ""
    let rules: [String] = []
    var now: Instant { host.now }
    var snapshot: RouterSnapshot { runner.snapshot }
    var outline: RouterSnapshot { runner.outline }
    var summary: RouterSummary { runner.summary }
    func look(_ watch: inout RouterWatch, _ scope: WatchScope) -> RouterChanges { runner.look(&watch, scope) }
    func lookAtLevels(_ watch: inout LevelWatch) { runner.lookAtLevels(&watch) }
    var backends: [String] { rears.isEmpty ? ["simulated"] : rears.map { "\($0.inner.endpoint) \($0.index)" } }

    func upstreams(in summary: RouterSummary) -> [UpstreamStatus] {
        rears.enumerated().map { number, rear in
            UpstreamStatus(
                address: "\(rear.inner.endpoint) \(rear.index)",
                state: rear.inner.isUp ? .connected : rear.inner.isConnecting ? .connecting : .waiting,
                devices: summary.devicesByBackend[number], reconnects: rear.inner.reconnects)
        }
    }

    /// Monitoring asks real processes only.
    var figures: AdminFigures { AdminFigures(runner.figures) }
    func count(_ verdict: Verdict) -> UInt64 { runner.count(verdict) }
    func count(_ reason: CloseReason) -> UInt64 { runner.count(reason) }
    func session(_ id: LinkID) -> SessionSnapshot? { runner.session(id) }

    // MARK: Verbs

    func raiseEmergencyStop() {
        runner.raiseEmergencyStop()
        monitor.stopRaised()
    }

    func clearEmergencyStop() {
        runner.clearEmergencyStop()
        if monitor.isStopped { monitor.stopCleared() }
    }

    func kick(_ id: LinkID) {
        if let session = monitor.session(id) { monitor.kicked(session) }
        runner.kick(id)
    }

    func patch(_ id: LinkID, _ patch: SessionPatch) -> Bool {
        guard runner.patch(id, patch) else { return false }
        if let session = monitor.session(id) { monitor.patched(session, patch) }
        return true
    }

    func stopDevice(_ index: UInt32) -> Bool {
        guard runner.stopDevice(index) else { return false }
        monitor.deviceStopped(index)
        return true
    }

    func setOperatorScan(_ isWanted: Bool) {
        runner.setOperatorScan(isWanted)
        monitor.operatorScans(isWanted)
    }

    func answerConsent(_ id: LinkID, _ answer: ConsentAnswer) -> Bool {
        guard runner.answerConsent(id, answer) else { return false }
        monitor.session(id)?.isAnswered(answer, monitor)
        return true
    }

    var rememberedConsents: [RememberedConsent] { runner.rememberedConsents }
    func forgetConsents() {
        monitor.remembered = [:]
        runner.forgetConsents()
    }

    func reload(_ answer: @escaping (ReloadOutcome) -> Void) {
        let settings = Rulebook.settings(variant, asksConsent: asksConsent)
        host.at(host.now) { [self] in
            monitor.now = host.now
            runner.settingsChanged(settings)
            monitor.settingsChanged(settings)
            answer(.applied(later: []))
        }
    }
}
