// Event streams, and an operator who uses every verb: that all is well in whole worlds, and that what is not well is found.
// Must not look inside a feed.

import Admin
import Buttplug
import Host
import JSON
import Router
import SimHost
import Testing

@testable import simulate

@Suite struct WatchedTests {
    private func plan(_ seed: UInt64, minutes: Int64) -> SimulationPlan {
        var plan = SimulationPlan()
        plan.seed = seed
        plan.milliseconds = minutes * 60_000
        plan.clients = 12
        plan.devices = 9
        plan.isOperated = true
        return plan
    }

    @Test("Every promise holds while an operator uses every verb and streams come and go", arguments: [UInt64(31), 32])
    func operated(_ seed: UInt64) {
        let simulation = Simulation(plan(seed, minutes: 60))
        let violation = simulation.run()
        #expect(violation == nil, "\(violation?.text ?? ""); \(simulation.plan.replayLine)")
        #expect(simulation.monitor.checks[Invariant.watched.rawValue] > 100)
        #expect(simulation.monitor.checks[Invariant.steered.rawValue] > 100)
    }

    @Test("Every promise holds under an operator with a router in front of others", arguments: [UInt64(33)])
    func fronted(_ seed: UInt64) {
        var plan = plan(seed, minutes: 20)
        plan.upstreams = 2
        plan.libraryClients = 6
        let simulation = FrontedSimulation(plan)
        let violation = simulation.run()
        #expect(violation == nil, "\(violation?.text ?? "")")
        #expect(simulation.monitor.checks[Invariant.watched.rawValue] > 20)
    }

    @Test("A feed that loses events of one kind is found", arguments: ["session", "lane", "status"])
    func losesEvents(_ lost: String) {
        let simulation = Simulation(plan(34, minutes: 600))
        simulation.admin?.watchers.path = { text in
            let events = String(decoding: text, as: UTF8.self).split(separator: "\n\n")
            return Array(events.filter { !$0.hasPrefix("event: \(lost)\n") }.map { $0 + "\n\n" }.joined().utf8)
        }
        #expect(simulation.run()?.invariant == .watched)
    }

    @Test("A feed that sends an old event is found")
    func sendsOldEvent() {
        let simulation = Simulation(plan(35, minutes: 600))
        var before: [UInt8] = []
        simulation.admin?.watchers.path = { text in
            guard !text.starts(with: "event: snapshot".utf8) else { return text }
            defer { before = text }
            return text + before
        }
        #expect(simulation.run()?.invariant == .watched)
    }
}

/// A router without sessions, one device, and its admin interface.
private final class WatchedRouter {
    let host = SimHost()
    let backend = ScriptBackend([])
    let runner: RouterRunner
    let target: SimulatedAdmin
    let service: AdminService
    var streams = EventStreams()

    init() {
        let settings = RouterSettings()
        runner = RouterRunner(settings, backends: [backend], host: host)
        target = SimulatedAdmin(host, Monitor(settings), runner, [])
        service = AdminService(target)
        host.run(for: .seconds(1))
    }

    /// A stream's number, and what its reader knows.
    func open(levels: Interval? = nil) -> (UInt64, ReplayedState) {
        var state = ReplayedState()
        if case .events(let response, _) = service.answer(.init("GET", "/v1/events"), from: AdminOrigin(isUnix: true)) {
            #expect(state.apply(response.body, at: host.now) == nil)
        }
        return (streams.open(levels: levels, service), state)
    }

    func advance(_ number: UInt64, queued: Int = 0) -> EventStreams.Word? {
        streams.advance(service) { _ in queued }.first { $0.number == number }?.word
    }

    func appear() {
        let features = [Feature(index: 0, outputs: [OutputRange(.vibrate, steps: 20)])]
        backend.say(.appeared(0, DeviceDescription(identity: "a", name: "Device", features: features)))
        runner.wake()
        host.run(for: .milliseconds(20))
    }
}

@Suite struct EventStreamTests {
    private func bytes(_ word: EventStreams.Word?) -> [UInt8] { if case .push(let bytes) = word { bytes } else { [] } }

    private func text(_ word: EventStreams.Word?) -> String { String(decoding: bytes(word), as: UTF8.self) }

    @Test("What began before somebody watched and ended before anybody was told is told to the newcomer")
    func undone() {
        let router = WatchedRouter()
        _ = router.open()
        router.target.setOperatorScan(true)
        router.host.run(for: .milliseconds(10))
        var (number, state) = router.open()
        #expect(state.status["scanning"] == .bool(true))
        router.target.setOperatorScan(false)
        router.host.run(for: .milliseconds(10))
        #expect(state.apply(bytes(router.advance(number)), at: router.host.now) == nil)
        #expect(state.status["scanning"] == .bool(false))
    }

    @Test("A device that comes and goes between two looks leaves no lane at a reader that saw it")
    func passing() {
        let router = WatchedRouter()
        _ = router.open()
        router.appear()
        var (number, state) = router.open()
        #expect(state.lanes.count == 1)
        router.backend.say(.disappeared(0))
        router.runner.wake()
        router.host.run(for: .milliseconds(20))
        #expect(state.apply(bytes(router.advance(number)), at: router.host.now) == nil)
        #expect(state.lanes.isEmpty && state.devices.isEmpty)
    }

    @Test("A slow reader gets no levels, but every event; one that is too slow is cut, and the others are not")
    func slow() {
        let router = WatchedRouter()
        let (slow, _) = router.open(levels: .milliseconds(100))
        router.appear()
        let late = text(router.advance(slow, queued: EventStreams.levelBytes))
        #expect(late.contains("event: device\n") && late.contains("event: lane\n") && !late.contains("event: levels"))
        let (quick, _) = router.open(levels: .milliseconds(100))
        router.runner.raiseEmergencyStop()
        router.host.run(for: .milliseconds(100))
        let words = router.streams.advance(router.service) { $0 == slow ? EventStreams.queuedBytes + 1 : 0 }
        let word = { (number: UInt64) in words.first { $0.number == number }?.word }
        #expect(word(slow) == .cut)
        #expect(text(word(quick)).contains("event: status\n"))
        #expect(router.advance(slow) == nil)
    }

    @Test("A stream that has nothing to say says so every fifteen seconds")
    func alive() {
        let router = WatchedRouter()
        let (number, _) = router.open()
        _ = router.advance(number)
        var words = 0
        var isAlive = false
        for _ in 0..<200 {
            router.host.run(for: .milliseconds(100))
            let said = text(router.advance(number))
            words += said.isEmpty ? 0 : 1
            isAlive = isAlive || said.hasPrefix(": alive")
        }
        // The status is told every second, so silence never lasts.
        #expect(words >= 19 && !isAlive)
    }
}

@Suite struct VerbTests {
    private func patch(_ change: (inout SessionPatch) -> Void) -> SessionPatch {
        var patch = SessionPatch()
        change(&patch)
        return patch
    }

    @Test(
        "An output that runs on for a muted session, one that was thrown out, an observer, or one below a lock is found", arguments: 0..<4)
    func runsOn(_ way: Int) {
        let stage = Stage()
        stage.drive(stage.first, 2, 40)
        stage.write(0, .vibrate, 40)
        stage.ok(stage.first, 2)
        stage.endTurn()
        switch way {
        case 0: stage.monitor.patched(stage.first, patch { $0.mute = true })
        case 1: stage.monitor.kicked(stage.first)
        case 2: stage.monitor.patched(stage.first, patch { $0.role = .observer })
        default:
            stage.monitor.maskRaised("a", 90)
            stage.monitor.patched(stage.first, patch { $0.priority = 80 })
        }
        #expect(stage.broken == nil)
        stage.endTurn()
        #expect(stage.broken == .zero)
    }

    @Test("A muted session that drives is found; when it is no longer muted it may")
    func muted() {
        let stage = Stage()
        stage.monitor.patched(stage.first, patch { $0.mute = true })
        stage.monitor.patched(stage.first, patch { $0.mute = false })
        stage.drive(stage.first, 2, 40)
        stage.write(0, .vibrate, 40)
        #expect(stage.broken == nil)
        stage.monitor.patched(stage.first, patch { $0.mute = true })
        stage.write(0, .vibrate, 0)
        stage.endTurn()
        stage.drive(stage.first, 3, 50)
        stage.write(0, .vibrate, 50)
        #expect(stage.broken == .zero)
    }

    @Test("A value over the cap that the operator set for a session is found")
    func capped() {
        let stage = Stage()
        stage.monitor.patched(stage.first, patch { $0.cap = Fraction(0.5) })
        stage.drive(stage.first, 2, 80)
        stage.write(0, .vibrate, 50)
        #expect(stage.broken == nil)
        stage.endTurn()
        stage.write(0, .vibrate, 51)
        #expect(stage.broken == .allowed)
    }

    @Test("A cap that does not bind what runs already is found")
    func capLater() {
        let stage = Stage()
        stage.drive(stage.first, 2, 80)
        stage.write(0, .vibrate, 80)
        stage.ok(stage.first, 2)
        stage.endTurn()
        stage.monitor.patched(stage.first, patch { $0.cap = Fraction(0.5) })
        stage.endTurn()
        stage.pass(.seconds(20))
        stage.monitor.audit()
        #expect(stage.broken == .settled)
    }

    @Test("A device that runs on after it was stopped, and one that starts during the pause, are found", arguments: [false, true])
    func stoppedDevice(_ isZeroed: Bool) {
        let stage = Stage()
        stage.drive(stage.first, 2, 40)
        stage.write(0, .vibrate, 40)
        stage.ok(stage.first, 2)
        stage.endTurn()
        stage.monitor.deviceStopped(0)
        if isZeroed {
            stage.write(0, .vibrate, 0)
            stage.endTurn()
            #expect(stage.broken == nil)
            stage.drive(stage.first, 3, 40)
            stage.write(0, .vibrate, 40)
        } else {
            stage.endTurn()
        }
        #expect(stage.broken == .zero)
    }

    @Test("A scan for the operator is one that somebody wants, and ends with that wish")
    func scans() {
        let stage = Stage()
        stage.monitor.operatorScans(true)
        stage.monitor.requested(.startScanning)
        stage.endTurn()
        #expect(stage.broken == nil)
        stage.monitor.operatorScans(false)
        stage.endTurn()
        #expect(stage.broken == .scans)
    }
}
