// Whole runs: seeds that must hold, seeds that once did not, and that a run repeats itself.
// Must not look inside a run; the monitor does.

import Testing

@testable import simulate

/// A run that once broke a promise, and what was wrong.
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
    /// What they found, as a story each, is in `FoundTests`: changed rates move what a seed does, a story stays.
    static let kept = [
        KeptSeed(seed: 1, minutes: 100, found: "a client that sent Disconnect and hung up at once was sent its Ok on a dead link"),
        KeptSeed(seed: 3, minutes: 340, found: "a command given during a hold-off waited for its rate token and started after it"),
        KeptSeed(seed: 4, minutes: 1_060, found: "a subscription answered too late left the device subscribed for nobody"),
        KeptSeed(seed: 49, minutes: 952, found: "the monitor took a late answer to a zero for doubt about a rest that was proved since"),
        KeptSeed(
            seed: 127, minutes: 21, found: "a move waited without end, and unanswered, behind a zero that a stalled upstream did not take",
            clients: 12, devices: 8, upstreams: 2),
        KeptSeed(
            seed: 83, minutes: 496, found: "the monitor ended a subscription to a device that was denied only while it was away",
            clients: 8, devices: 6, upstreams: 2),
    ]

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
        let simulation = Simulation(plan)
        let violation = simulation.run()
        #expect(violation == nil, "\(violation?.text ?? ""); \(plan.replayLine)")
        #expect(simulation.monitor.counts.sessions > 5)
        #expect(simulation.monitor.counts.writes > 100)
    }

    @Test("A run that is repeated does the same, to the byte; another seed does something else")
    func repeats() {
        func hash(_ seed: UInt64) -> UInt64 {
            var plan = SimulationPlan()
            plan.seed = seed
            plan.milliseconds = 2 * 3_600_000
            plan.clients = 20
            let simulation = Simulation(plan)
            #expect(simulation.run() == nil)
            return simulation.monitor.hash.value
        }
        let first = hash(5)
        #expect(first == hash(5))
        #expect(first != hash(6))
    }

    @Test("The replay line names everything that is not the default, and nothing that is")
    func replayLine() {
        var plan = SimulationPlan()
        plan.seed = 42
        plan.milliseconds = 100 * 3_600_000
        #expect(plan.replayLine == "simulate --seed 42 --hours 100 --clients 50 --devices 20")
        plan.milliseconds = 5_400_000
        plan.faults = .links
        #expect(plan.replayLine == "simulate --seed 42 --hours 1.500000 --clients 50 --devices 20 --faults links")
    }
}
