// Whole runs: seeds that must hold, seeds that once failed, and runs that repeat exactly.
// Must not look inside a run; the monitor does.

import Testing

@testable import simulate

/// A run that once broke a promise, and the fault.
struct KeptSeed: Sendable, CustomTestStringConvertible {
    var seed: UInt64
    var minutes: Int64
    var found: String
    var clients = 50
    var devices = 20
    var upstreams = 0

    var testDescription: String { "seed \(seed): \(found)" }

    var plan: SimulationPlan {
        var plan = SimulationPlan()
        plan.seed = seed
        plan.milliseconds = minutes * 60_000
        plan.clients = clients
        plan.devices = devices
        plan.upstreams = upstreams
        plan.libraryClients = upstreams > 0 ? clients : 0
        return plan
    }
}

@Suite struct SeedTests {
    /// `FoundTests` has each of these faults as a case of its own: changed rates change what a seed does, but a case stays.
    static let kept = [
        KeptSeed(seed: 1, minutes: 100, found: "a client that sent Disconnect and closed at once was sent its Ok on a dead link"),
        KeptSeed(seed: 3, minutes: 340, found: "a command given during a hold-off waited for its rate token and started after it"),
        KeptSeed(seed: 4, minutes: 1_060, found: "a subscription answered too late left the device subscribed without a subscriber"),
        KeptSeed(seed: 49, minutes: 952, found: "the monitor took a late answer to a zero as a doubt about rest, which was proved since"),
        KeptSeed(
            seed: 127, minutes: 21, found: "a move waited without end, and unanswered, for a zero that a stalled upstream did not take",
            clients: 12, devices: 8, upstreams: 2),
        KeptSeed(
            seed: 83, minutes: 496, found: "the monitor ended a subscription to a device that was denied only while it was away",
            clients: 8, devices: 6, upstreams: 2),
    ]

    /// A run that must break no promise, when it is over.
    private func held(_ plan: SimulationPlan, _ location: SourceLocation = #_sourceLocation) -> Simulation {
        let simulation = Simulation(plan)
        let violation = simulation.run()
        #expect(violation == nil, "\(violation?.text ?? ""); \(plan.replayLine)", sourceLocation: location)
        return simulation
    }

    @Test("A token that ends while the clock leaps takes its sessions with it in the turn after the leap")
    func tokenInALeap() {
        var plan = SimulationPlan()
        plan.seed = 8
        plan.isOperated = true
        plan.hasTokens = true
        #expect(held(plan).monitor.counts.leaps == 1)
    }

    @Test("A client whose name the operator has answered for good is let in without a question")
    func answeredForGood() {
        var plan = SimulationPlan()
        plan.seed = 7
        plan.hasTokens = true
        plan.hasStrangers = true
        plan.asksConsent = true
        _ = held(plan)
    }

    @Test("A seed that once broke a promise breaks none", arguments: kept)
    func keptSeed(_ kept: KeptSeed) {
        let world: any SimulatedWorld = kept.upstreams > 0 ? FrontedSimulation(kept.plan) : Simulation(kept.plan)
        let violation = world.run()
        #expect(violation == nil, "\(violation?.text ?? "")")
    }

    @Test("Every promise holds in small worlds of every kind", arguments: SimulationPlan.Faults.allCases, [UInt64(11), 12, 13])
    func smallWorlds(_ faults: SimulationPlan.Faults, _ seed: UInt64) {
        var plan = SimulationPlan()
        plan.seed = seed
        plan.milliseconds = 90 * 60_000
        plan.clients = 12
        plan.devices = 9
        plan.faults = faults
        let simulation = held(plan)
        #expect(simulation.monitor.counts.sessions > 5)
        #expect(simulation.monitor.counts.writes > 100)
    }

    @Test("Every promise holds where rules ask the operator", arguments: [UInt64(21), 22, 23], [false, true])
    func consents(_ seed: UInt64, _ isOperated: Bool) {
        var plan = SimulationPlan()
        plan.seed = seed
        plan.milliseconds = 90 * 60_000
        plan.clients = 16
        plan.devices = 9
        plan.asksConsent = true
        plan.isOperated = isOperated
        let simulation = held(plan)
        let counts = simulation.runner.totals
        #expect(counts.consentsAsked > 10 && counts.consentsGiven > 3)
        #expect(simulation.runner.count(.consentDenied) > 0 && simulation.runner.count(.notAdmitted) > 0)
        #expect(simulation.monitor.counts.writes > 50)
    }

    @Test(
        "Every promise holds where strangers come, with and without a question to the operator", arguments: [UInt64(31), 32, 33],
        [false, true])
    func strangers(_ seed: UInt64, _ asksConsent: Bool) throws {
        var plan = SimulationPlan()
        plan.seed = seed
        plan.milliseconds = 3 * 3_600_000
        plan.clients = 16
        plan.devices = 9
        plan.hasTokens = true
        plan.hasStrangers = true
        plan.asksConsent = asksConsent
        let simulation = held(plan)
        let entrance = try #require(simulation.entrance)
        #expect(entrance.connected > 300 && entrance.displaced > 10)
        for status in [400, 401, 403, 429, 431] { #expect(entrance.refused[status, default: 0] > 2, "\(status)") }
        #expect(simulation.monitor.counts.sessions > 5 && simulation.monitor.counts.writes > 50)
    }

    @Test("A run repeats exactly; another seed gives another run")
    func repeats() {
        func hash(_ seed: UInt64) -> UInt64 {
            var plan = SimulationPlan()
            plan.seed = seed
            plan.milliseconds = 2 * 3_600_000
            plan.clients = 20
            return held(plan).monitor.hash.value
        }
        let first = hash(5)
        #expect(first == hash(5))
        #expect(first != hash(6))
    }

    @Test("The replay line names every setting that differs from the default, and no other")
    func replayLine() {
        var plan = SimulationPlan()
        plan.seed = 42
        plan.milliseconds = 100 * 3_600_000
        #expect(plan.replayLine == "simulate --seed 42 --hours 100 --clients 50 --devices 20")
        plan.milliseconds = 5_400_000
        plan.asksConsent = true
        #expect(plan.replayLine == "simulate --seed 42 --hours 1.500000 --clients 50 --devices 20 --consents")
        plan.asksConsent = false
        plan.faults = .links
        #expect(plan.replayLine == "simulate --seed 42 --hours 1.500000 --clients 50 --devices 20 --faults links")
    }
}
