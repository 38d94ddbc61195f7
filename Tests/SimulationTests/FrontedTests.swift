// Worlds with upstreams: small worlds that must hold, runs that repeat exactly, and each promise broken once.
// Must not look into routers; the monitors do.

import Buttplug
import Host
import SimHost
import Testing

@testable import simulate

/// A client that connects directly to an upstream router, beside the front router.
private final class Intruder: SimPeer {
    var link: SimLink!
    var words: [String]

    init(_ words: [String]) { self.words = words }

    func opened(at now: Instant) { for word in words { link.transmit(Array(word.utf8)) } }
    func received(_ message: RawSpan, at now: Instant) {}
    func closed(_ reason: CloseReason, at now: Instant) {}

    static let greeting = #"[{"RequestServerInfo":{"Id":1,"ClientName":"x","ProtocolVersionMajor":4,"ProtocolVersionMinor":0}}]"#
}

@Suite struct FrontedTests {
    private func plan(_ seed: UInt64, minutes: Int64, faults: SimulationPlan.Faults = .all) -> SimulationPlan {
        var plan = SimulationPlan()
        plan.seed = seed
        plan.milliseconds = minutes * 60_000
        plan.upstreams = 2
        plan.libraryClients = 8
        plan.devices = 6
        plan.faults = faults
        return plan
    }

    @Test("Every promise holds in small worlds with upstreams", arguments: SimulationPlan.Faults.allCases)
    func smallWorlds(_ faults: SimulationPlan.Faults) {
        let plan = plan(21, minutes: 12, faults: faults)
        let simulation = FrontedSimulation(plan)
        let violation = simulation.run()
        #expect(violation == nil, "\(violation?.text ?? ""); \(plan.replayLine)")
        #expect(simulation.monitor.counts.sessions > 5)
        // Devices that must be found by a scan are driven only in worlds where an application scans.
        #expect(simulation.rears.contains { $0.monitor.counts.writes > 20 })
        #expect(simulation.apps.contains { $0.counts.calls > 20 })
    }

    @Test("A run with upstreams repeats exactly; another seed gives another run")
    func repeats() {
        func hash(_ seed: UInt64) -> UInt64 {
            let simulation = FrontedSimulation(plan(seed, minutes: 6))
            #expect(simulation.run() == nil)
            return simulation.hash.value
        }
        let first = hash(5)
        #expect(first == hash(5))
        #expect(first != hash(6))
    }

    @Test("The replay line of a world with upstreams names them")
    func replayLine() {
        let line = "simulate --seed 9 --hours 0.500000 --upstreams 2 --library-clients 8 --devices 6"
        #expect(plan(9, minutes: 30).replayLine == line)
    }

    @Test("A second session of the front router at one upstream router is found")
    func secondSession() {
        let violation = intrude([Intruder.greeting], isAlone: false)
        #expect(violation?.text.contains("a second session") == true)
    }

    @Test(
        "A stop, a scan and a disconnect without a request by a client are found",
        arguments: [
            #"[{"StopCmd":{"Id":2}}]"#, #"[{"StartScanning":{"Id":2}}]"#, #"[{"Disconnect":{"Id":2}}]"#,
        ])
    func uncalledFor(_ word: String) {
        #expect(intrude([Intruder.greeting, word], isAlone: true)?.invariant == .fronting)
    }

    @Test("An output that no client of the front router holds is found")
    func unwanted() {
        let output = #"[{"OutputCmd":{"Id":2,"DeviceIndex":0,"FeatureIndex":0,"Command":{"Vibrate":{"Value":3}}}}]"#
        #expect(intrude([Intruder.greeting, output], isAlone: true)?.invariant == .rear)
    }

    /// Lets a client send to the first upstream router; alone, when the front router cannot reach it.
    private func intrude(_ words: [String], isAlone: Bool) -> Violation? {
        var plan = plan(3, minutes: 10, faults: .none)
        plan.libraryClients = 0
        let simulation = FrontedSimulation(plan)
        simulation.runTurns(until: simulation.host.now + .seconds(5))
        let rear = simulation.rears[0]
        if isAlone { rear.cut(silently: false) }
        simulation.runTurns(until: simulation.host.now + .seconds(5))
        let intruder = Intruder(words)
        intruder.link = simulation.host.connect(intruder, to: rear.router)
        return simulation.run()
    }

    @Test("An index that is given to another device is found")
    func reusedIndex() {
        let simulation = FrontedSimulation(plan(3, minutes: 1))
        simulation.told("a", of: 4)
        simulation.told("b", of: 5)
        simulation.told("a", of: 4)
        #expect(simulation.violation == nil)
        simulation.told("b", of: 4)
        #expect(simulation.violation?.invariant == .shown)
    }

    @Test("A device that comes back under another index is found")
    func movedIndex() {
        let simulation = FrontedSimulation(plan(3, minutes: 1))
        simulation.told("a", of: 4)
        simulation.told("a", of: 5)
        #expect(simulation.violation?.invariant == .shown)
    }

    @Test("An upstream that returns during a vote and is not asked for a scan is found")
    func unasked() {
        var plan = plan(3, minutes: 1, faults: .none)
        plan.libraryClients = 0
        let simulation = FrontedSimulation(plan)
        simulation.runTurns(until: simulation.host.now + .seconds(5))
        simulation.monitor.isScanning = true
        simulation.upstreams[0].isUnasked = true
        #expect(simulation.run()?.invariant == .scans)
    }

    @Test("A device that is there but not listed is found")
    func hidden() {
        var plan = plan(3, minutes: 10, faults: .none)
        plan.libraryClients = 0
        let simulation = FrontedSimulation(plan)
        simulation.runTurns(until: simulation.host.now + .seconds(5))
        simulation.monitor.devices[0].isPresent = false
        #expect(simulation.run()?.invariant == .shown)
    }

    @Test("A call that never ends is found, and so is one that ends late")
    func lateCalls() {
        #expect(run(callTaking: .seconds(50))?.text.contains("is open since") == true)
        #expect(run(callTaking: .milliseconds(2_003))?.text.contains("took 2003 ms") == true)
    }

    /// A world in which an application makes a call with a limit of two seconds.
    private func run(callTaking span: Interval) -> Violation? {
        let simulation = FrontedSimulation(plan(3, minutes: 1, faults: .none))
        let app = simulation.apps[0]
        simulation.world.run { await app.call("x", within: .seconds(2), deadline: nil) { await app.pause(span) } }
        return simulation.run()
    }

    @Test("The monitor reads exactly what the product's client side writes")
    func requests() {
        let part = RequestPart(feature: 1, type: .hwPositionWithDuration, value: 70, duration: 300)
        let kinds: [SimulatedRequest.Kind] = [
            .handshake(name: "a b"), .ping, .startScanning, .stopScanning, .deviceList, .disconnect,
            .outputs(device: 3, [part], legacyForm: .single),
            .outputs(device: 3, [RequestPart(feature: 0, type: .rotate, value: -5)], legacyForm: .single),
            .stop(device: 2, feature: nil, inputs: false, outputs: true), .stop(device: nil, feature: nil, inputs: true, outputs: true),
            .read(device: 2, feature: 1, .battery), .subscribe(device: 2, feature: 1, .pressure),
            .unsubscribe(device: 0, feature: 1, .rssi),
        ]
        for kind in kinds {
            var writer = RequestWriter(.v4)
            writer.write(SimulatedRequest(id: 7, kind: kind))
            let read = writer.finished().withUnsafeBytes { RequestReader.read($0) }
            #expect(read?.request.id == 7)
            #expect("\(read?.request.kind ?? .ping)" == "\(kind)")
            #expect(read?.version == .v4)
        }
        let old = Array(#"[{"RequestServerInfo":{"Id":1,"ClientName":"a","MessageVersion":3}}]"#.utf8)
        #expect(old.withUnsafeBytes { RequestReader.read($0)?.version } == .v3)
        for text in [#"[{"Ok":{"Id":1}}]"#, #"[{"VibrateCmd":{"Id":1,"DeviceIndex":0,"Speeds":[]}}]"#, "[]", #"[{"Ping":{}}]"#] {
            #expect(Array(text.utf8).withUnsafeBytes { RequestReader.read($0) } == nil)
        }
    }
}
