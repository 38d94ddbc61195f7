// One run with upstreams: a front router without devices, rear routers that have them, and applications that use the client library.
// Must not check anything; it connects all parts and lets time pass.

import Buttplug
import Devices
import Host
import Router
import SimHost

/// A world with a router in front of others.
final class FrontedSimulation: SimActor, SimulatedWorld, OperatedWorld {
    enum Wake: UInt32 { case audit, operate, happen, clearStop, clearMask }

    static let front = Endpoint.webSocket(host: "front", port: 12_345, path: "/")

    let plan: SimulationPlan
    let host: SimHost
    let world: SimWorld
    /// The front's.
    let monitor: Monitor
    private let router: ObservedRouter
    private(set) var runner: RouterRunner!
    private(set) var admin: SimulatedOperator?
    private(set) var rears: [RearRouter] = []
    private(set) var upstreams: [ObservedUpstream] = []
    private(set) var apps: [LibraryApp] = []
    var random: SimRandom
    private var attachment: SimActorID?
    private var sessionsMade: UInt32 = 0
    var isClosing = false
    /// By the front's index: the name that clients have been told.
    private var names: [String?] = []
    private var accidents = 0
    private let accidentEvery: Interval
    private let operatorEvery: Interval

    init(_ plan: SimulationPlan) {
        self.plan = plan
        random = SimRandom(seed: plan.seed)
        host = SimHost(seed: random.next())
        host.alarmGranularity = .milliseconds(1)
        // Each run has its own rate of faults.
        accidentEvery = random.within(.seconds(20) ... .seconds(300))
        operatorEvery = random.within(.seconds(120) ... .seconds(1_800))
        host.network.conditions.latency = random.within(.milliseconds(1) ... .milliseconds(20))
        host.network.conditions.jitter = random.within(.zero ... .milliseconds(5))
        host.network.faults = plan.linkFaults
        host.network.faults.lasting = .milliseconds(20) ... .seconds(25)
        let faultEvery = random.within(.seconds(15) ... .seconds(200))
        if plan.hasLinkFaults { host.network.faults.every = faultEvery }
        let lifeEvery = random.within(.seconds(100) ... .seconds(1_800))
        world = SimWorld(host)
        let settings = Rulebook.settings(0)
        monitor = Monitor(settings)
        monitor.name = "front"
        monitor.now = host.now
        let specs = Rulebook.devices(plan.devices)
        for index in 0..<plan.upstreams {
            let own = specs.indices.filter { $0 % plan.upstreams == index }.map { specs[$0] }
            rears.append(RearRouter(index, own, lifeEvery: plan.hasDeviceFaults ? lifeEvery : nil, seed: random.next(), on: host))
        }
        for rear in rears {
            var link = UpstreamSettings()
            link.clientName = "front"
            link.seed = random.next()
            let upstream = UpstreamBackend(rear.endpoint, link, on: host)
            upstreams.append(ObservedUpstream(upstream, index: rear.index, of: plan.upstreams, monitor))
        }
        router = ObservedRouter(monitor, host)
        runner = RouterRunner(settings, backends: upstreams, host: host)
        router.runner = runner
        host.listen(at: Self.front, owner: router)
        attachment = host.enlist(self)
        if plan.isOperated { admin = SimulatedOperator(host, monitor, runner, upstreams, seed: plan.seed ^ 0x5eed_ad71) }
        listen()
        for number in 0..<plan.libraryClients {
            let app = LibraryApp(self, number: number, seed: random.next())
            apps.append(app)
            app.begin()
        }
        // Some are started only when applications have scanned for a while.
        for rear in rears where plan.hasLinkFaults && random.happens(1, of: 3) {
            rear.cut(silently: false)
            host.at(host.now + random.around(.seconds(60))) { rear.open() }
        }
        ask(.audit, in: .seconds(5))
        ask(.operate, in: random.around(operatorEvery))
        if plan.hasLinkFaults { ask(.happen, in: random.around(accidentEvery)) }
    }

    /// Lets everybody's events come here and to the monitors.
    private func listen() {
        router.arriving = { [unowned self] peer in
            sessionsMade += 1
            return SessionModel(number: sessionsMade, version: .v4, name: "", peer: peer)
        }
        router.observe = { [unowned self] request, session in
            if case .handshake = request.kind { refuseOldGreeting(session, runner, monitor) }
        }
        for (rear, upstream) in zip(rears, upstreams) {
            rear.observe = { [unowned self] request, session in observe(request, from: session, rear, upstream) }
        }
        host.turnHook = { [unowned self] in
            for monitor in monitors {
                monitor.now = host.now
                monitor.turnEnded(host)
            }
            admin?.watchers.turnEnded()
            for upstream in upstreams where upstream.isUnasked {
                monitor.check(.scans, !monitor.isScanning, "upstream \(upstream.index) is back and was not asked to scan")
            }
        }
        // The operator clears every emergency stop before long.
        monitor.stopHook = { [unowned self] in ask(.clearStop, in: random.within(.zero ... .seconds(120))) }
    }

    private func ask(_ wake: Wake, in span: Interval) { host.wake(attachment!, at: host.now + span, code: wake.rawValue) }
    func askToClearMask(in span: Interval) { ask(.clearMask, in: span) }

    // MARK: SimulatedWorld

    var monitors: [Monitor] { [monitor] + rears.map(\.monitor) }
    /// Upstream routers have no operator to ask.
    let asksConsent = false

    var hash: TraceHash {
        var hash = TraceHash()
        for monitor in monitors { hash.add(monitor.hash.value) }
        for app in apps { hash.add(app.outcomes) }
        return hash
    }

    var remarks: [String] {
        let calls = apps.reduce(into: CallCounts()) { $0.add($1.counts) }
        let rear = rears.map { "\($0.monitor.counts.writes) writes, \($0.monitor.counts.sessions) sessions" }
        return [
            "upstreams: \(rear.joined(separator: "; ")); accidents \(accidents)",
            "visits \(calls.visits), calls \(calls.calls): \(calls.outcomes); readings \(calls.readings), events \(calls.events)",
        ]
    }

    // MARK: What the operator is told

    /// A client whose link broke in its handshake tries version 3 next, which the monitors cannot read: the operator kicks it.
    private func refuseOldGreeting(_ session: SessionModel, _ runner: RouterRunner, _ monitor: Monitor) {
        guard session.version != .v4 else { return }
        host.at(host.now) { [unowned self] in
            guard session.state != .ended else { return }
            monitor.now = host.now
            monitor.kicked(session)
            runner.kick(session.id)
        }
    }

    /// The front has asked a rear for something.
    private func observe(_ request: SimulatedRequest, from session: SessionModel, _ rear: RearRouter, _ upstream: ObservedUpstream) {
        switch request.kind {
        case .handshake:
            refuseOldGreeting(session, rear.runner, rear.monitor)
            // A greeting that was under way when the front gave that link up is nobody's session.
            guard session.link?.isDeserted == false else { return }
            let others = rear.attended.filter { $0 !== session }
            rear.monitor.check(.fronting, others.isEmpty, "the front has a second session: #\(session.number)")
            if host.now < rear.flapsUntil { host.at(host.now) { if session.state != .ended { rear.kick(session) } } }
        case .stop:
            upstream.stopsOwed -= 1
            rear.monitor.check(.fronting, upstream.stopsOwed >= 0, "the front sends a stop that it was not asked for: \(request.kind)")
        case .startScanning:
            upstream.scansOwed -= 1
            rear.monitor.check(.fronting, upstream.scansOwed + Int(upstream.inner.searches) >= 0, "the front scans without a vote")
        case .disconnect: rear.monitor.check(.fronting, false, "the front passes on a Disconnect")
        default: break
        }
    }

    /// An application knows a device by this index and name.
    func told(_ name: String, of index: UInt32) {
        while names.count <= Int(index) { names.append(nil) }
        let known = names[Int(index)]
        monitor.check(.shown, known == nil || known == name, "index \(index) was \(known ?? "") and is \(name)")
        names[Int(index)] = name
        let indices = names.indices.filter { names[$0] == name }
        monitor.check(.shown, indices.count == 1, "\(name) has had the indices \(indices)")
    }

    // MARK: The operator, accidents, and looking for what should have happened

    func woken(_ code: UInt32, at now: Instant) {
        for monitor in monitors { monitor.now = now }
        switch Wake(rawValue: code)! {
        case .audit:
            audit(at: now)
            ask(.audit, in: .seconds(5))
        case .operate:
            if !isClosing { operate() }
            ask(.operate, in: random.around(operatorEvery))
        case .happen:
            if !isClosing { happen() }
            ask(.happen, in: random.around(accidentEvery))
        case .clearStop: clearStop()
        case .clearMask: clearMask()
        }
    }

    private func happen() {
        accidents += 1
        let rear = random.pick(rears)
        switch random.below(9) {
        case 0, 1: if let session = rear.monitor.live.first { rear.kick(session) }
        case 2: host.resetConnections(to: rear.endpoint)
        case 7: if let session = rear.attended.first, session.state == .ready { rear.pingOut(session) }
        case 8:
            rear.flapsUntil = host.now + random.around(.seconds(30))
            host.resetConnections(to: rear.endpoint)
        case 6:
            // Those who are connected notice nothing.
            if random.happens(1, of: 2) { host.stopListening(at: Self.front) } else { host.listenSilently(at: Self.front) }
            host.at(host.now + random.around(.seconds(20))) { [unowned self] in host.listen(at: Self.front, owner: router) }
        case let kind:
            if kind == 3 { rear.kill() } else { rear.cut(silently: kind == 4) }
            let away = random.happens(1, of: 3) ? Interval.milliseconds(300) : .seconds(120)
            host.at(host.now + random.around(away)) { rear.open() }
        }
    }

    func audit(at now: Instant) {
        // A router that has ended repeats nothing.
        guard !monitor.isEnding else { return }
        for monitor in monitors { monitor.audit() }
        for app in apps { app.audit() }
        for (rear, upstream) in zip(rears, upstreams) {
            if rear.isSteady(at: now), let session = rear.attended.first, session.state == .ready {
                let isClear = now - max(monitor.votedAt, monitor.scanEndedAt) > .seconds(60)
                rear.monitor.check(
                    .fronting, !isClear || session.votes == monitor.isScanning,
                    "the front wants a scan: \(monitor.isScanning), asked: \(session.votes)")
            }
            if rear.isSteady(at: now) {
                let shown = monitor.devices.filter { $0.isPresent && upstream.has($0) }.map(\.description.name).sorted()
                monitor.check(.shown, shown == rear.shown, "of rear \(rear.index) it shows \(shown), there is \(rear.shown)")
            }
            for device in rear.monitor.devices where device.isPresent {
                let model = monitor.devices.first { $0.isPresent && upstream.has($0) && $0.description.name == device.description.name }
                for lane in device.lanes { audit(lane, of: rear, heldBy: model?.lane(lane.feature.index)) }
            }
        }
    }

    /// A rear finds out about a lost link from pings, within 20 s; a stalled link holds a zero back no longer than that.
    private func audit(_ lane: LaneModel, of rear: RearRouter, heldBy front: LaneModel?) {
        let runs = lane.heldTypes.contains { lane.issued[Int($0.rawValue)].value != 0 }
        guard runs, front?.holdings.isEmpty ?? true else {
            lane.unwantedSince = .never
            return
        }
        lane.unwantedSince = min(lane.unwantedSince, host.now)
        let span = host.now - lane.unwantedSince
        rear.monitor.check(.rear, span < .seconds(60), "lane \(lane.device).\(lane.feature.index) runs and nobody in front holds it")
    }
}
