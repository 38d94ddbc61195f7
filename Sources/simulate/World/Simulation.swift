// One run: the product's router and devices in a simulated world, with clients, an operator and accidents.
// Must not check anything; it connects all parts and lets time pass.

import Buttplug
import Devices
import Host
import Router
import SimHost

/// A world with a router in it.
final class Simulation: SimActor, SimulatedWorld, OperatedWorld {
    enum Wake: UInt32 { case audit, operate, leap, clearStop, clearMask }

    let plan: SimulationPlan
    let host: SimHost
    let monitor: Monitor
    let limits: Limits
    private(set) var router: ObservedRouter!
    private(set) var runner: RouterRunner!
    private(set) var backend: ObservedBackend!
    private var files: SimulatedFiles!
    private(set) var admin: SimulatedOperator?
    private var tokens: SimulatedTokens?
    private(set) var entrance: SimulatedEntrance?
    private(set) var strangers: SimulatedStrangers?
    private var consents: SimulatedConsents?
    private let embedded: EmbeddedBackend
    private var clients: [SimulatedClient] = []
    var random: SimRandom
    private var attachment: SimActorID?
    private var connecting: [(origin: String, session: SessionModel)] = []
    private var sessionsMade: UInt32 = 0
    private(set) var isClosing = false

    init(_ plan: SimulationPlan) {
        self.plan = plan
        random = SimRandom(seed: plan.seed)
        host = SimHost(seed: random.next())
        host.alarmGranularity = .milliseconds(1)
        let settings = Rulebook.settings(0, asksConsent: plan.asksConsent)
        limits = settings.limits
        monitor = Monitor(settings)
        monitor.now = host.now
        var options = SimulatedSetOptions()
        options.presentAtStart = true
        options.seed = random.next()
        embedded = EmbeddedBackend(Rulebook.devices(plan.devices), options: options)
        backend = ObservedBackend(embedded, monitor, seed: random.next(), lifeEvery: plan.deviceLifeEvery, start: host.now)
        router = ObservedRouter(monitor, host) { [unowned self] peer in takeConnecting(peer) }
        runner = RouterRunner(settings, backends: [backend], host: host)
        router.runner = runner
        files = SimulatedFiles(host, monitor, runner, seed: plan.seed ^ 0x5eed_f11e, hasFaults: plan.hasDeviceFaults)
        runner.add(files)
        if plan.isOperated {
            admin = SimulatedOperator(host, monitor, runner, asksConsent: plan.asksConsent, seed: plan.seed ^ 0x5eed_ad71)
        }
        addTokens()
        if plan.asksConsent { consents = SimulatedConsents(host, monitor, runner, seed: plan.seed ^ 0x5eed_c045) }
        host.turnHook = { [unowned self] in
            monitor.now = host.now
            monitor.turnEnded(host)
            entrance?.turnEnded()
            admin?.watchers.turnEnded()
        }
        attachment = host.enlist(self)
        // The operator clears every emergency stop before long.
        monitor.stopHook = { [unowned self] in ask(.clearStop, in: random.within(.zero ... .seconds(120))) }
        for number in 0..<plan.clients {
            let client = SimulatedClient(self, number: number, seed: random.next())
            clients.append(client)
            client.begin(at: host.now)
        }
        ask(.audit, in: plan.auditEvery)
        ask(.operate, in: random.around(plan.operatorEvery))
        if let every = plan.leapEvery { ask(.leap, in: random.around(every)) }
    }

    private func addTokens() {
        guard plan.hasTokens else { return }
        if plan.hasStrangers {
            monitor.entrance = EntranceModel(
                monitor, strangersMax: SimulatedEntrance.strangersMax, addressesMax: SimulatedEntrance.addressesMax)
        }
        let tokens = SimulatedTokens(host, monitor, runner, seed: plan.seed ^ 0x5eed_70c3)
        self.tokens = tokens
        router.entry = tokens
        guard let model = monitor.entrance else { return }
        let entrance = SimulatedEntrance(host, monitor, model, tokens, seed: plan.seed ^ 0x5eed_e74a)
        self.entrance = entrance
        router.entry = entrance
        strangers = SimulatedStrangers(host, monitor, entrance, tokens, seed: plan.seed ^ 0x5eed_57a4)
    }

    var monitors: [Monitor] { [monitor] }
    var asksConsent: Bool { plan.asksConsent }
    var hash: TraceHash { monitor.hash }
    var remarks: [String] {
        entrance?.remarks ?? tokens.map { ["connections refused for their token: \($0.refused)"] } ?? []
    }

    private func ask(_ wake: Wake, in span: Interval) { host.wake(attachment!, at: host.now + span, code: wake.rawValue) }
    func askToClearMask(in span: Interval) { ask(.clearMask, in: span) }

    // MARK: Sessions

    /// A model for a client that is about to connect, and the peer by which its connection is known.
    func newSession(name: String, version: SpecVersion) -> (SessionModel, Peer) {
        sessionsMade += 1
        let origin = String(sessionsMade)
        let peer = entrance?.connects(origin) ?? Peer(address: "127.0.0.1", listener: "ws://127.0.0.1:12345", origin: origin)
        let session = SessionModel(number: sessionsMade, version: version, name: name, peer: peer)
        connecting.append((origin, session))
        if entrance == nil { tokens?.connects(peer) }
        return (session, peer)
    }

    private func takeConnecting(_ peer: Peer) -> SessionModel? {
        guard let index = connecting.firstIndex(where: { $0.origin == peer.origin }) else { return nil }
        return connecting.remove(at: index).session
    }

    // MARK: The operator, and time

    func woken(_ code: UInt32, at now: Instant) {
        monitor.now = now
        switch Wake(rawValue: code)! {
        case .audit:
            monitor.audit()
            ask(.audit, in: plan.auditEvery)
            // A client whose connection broke before it opened is never taken.
            if connecting.count > plan.clients * 4 { connecting.removeFirst(plan.clients) }
        case .operate:
            if !isClosing { operate() }
            ask(.operate, in: random.around(plan.operatorEvery))
        case .leap:
            if !isClosing { leap() }
            ask(.leap, in: random.around(plan.leapEvery ?? .seconds(3_600)))
        case .clearMask: clearMask()
        case .clearStop: clearStop()
        }
    }

    private func leap() {
        monitor.counts.leaps += 1
        let distance = random.within(.seconds(1) ... .seconds(900))
        host.leap(distance)
        monitor.leapEnd = host.now + distance
        monitor.note("the clock leaps by \(distance.nanoseconds / 1_000_000_000) s")
    }

    // MARK: Running

    /// Runs until the time is over, everybody has left and every output rests, or a promise is broken.
    func run() -> Violation? {
        let end = host.now + plan.span
        runTurns(until: end)
        guard monitor.violation == nil else { return monitor.violation }
        isClosing = true
        admin?.isClosing = true
        tokens?.isClosing = true
        strangers?.isClosing = true
        for client in clients { client.dismiss(at: host.now) }
        runTurns(until: host.now + .seconds(60))
        monitor.now = host.now
        backend.calm(at: host.now)
        runTurns(until: host.now + .seconds(700))
        guard monitor.violation == nil else { return monitor.violation }
        monitor.now = host.now
        monitor.audit()
        monitor.checkEnd { embedded.value($0, feature: $1, type: $2) }
        admin?.checkEnd()
        monitor.entrance?.checkEnd()
        shutDown()
        return monitor.violation
    }

    private func shutDown() {
        monitor.isEnding = true
        runner.shutDown()
        runTurns(until: host.now + .seconds(5))
        runner.detach()
    }
}
