// Runs one plan and prints the result for people.
// Must not know what is checked, nor how.

import Foundation
import Host

/// The words around a run.
enum SimulationReport {
    /// How much of the time before a broken promise is printed.
    private static let before = Interval.seconds(5)

    /// Runs a plan and prints its summary. False when a promise was broken; then what led to it is printed, too.
    static func run(_ plan: SimulationPlan, traces: Bool, listsChecks: Bool) -> Bool {
        let start = ContinuousClock.now
        let simulation = world(plan)
        if traces { for monitor in simulation.monitors { monitor.trace = tell } }
        let violation = simulation.run()
        let wall = (ContinuousClock.now - start) / .milliseconds(1)
        print(summary(simulation, wall: wall))
        if listsChecks { print(checks(simulation)) }
        guard let violation else { return true }
        print("BROKEN: \(violation.invariant.sentence)")
        print("  at \(violation.at.seconds) s: \(violation.text)")
        if !traces { tellAgain(plan, from: violation.at) }
        print("replay: \(plan.replayLine)")
        return false
    }

    private static func world(_ plan: SimulationPlan) -> any SimulatedWorld { plan.isFronted ? FrontedSimulation(plan) : Simulation(plan) }

    /// Runs it again, for what happened shortly before the end.
    private static func tellAgain(_ plan: SimulationPlan, from end: Instant) {
        let simulation = world(plan)
        var lines: [String] = []
        for monitor in simulation.monitors {
            monitor.trace = { [unowned simulation] line in
                if end - simulation.host.now < before { lines.append(line) }
            }
        }
        _ = simulation.run()
        for line in lines.suffix(60) { tell(line) }
    }

    private static func tell(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }

    private static func summary(_ simulation: any SimulatedWorld, wall: Double) -> String {
        let plan = simulation.plan
        let counts = simulation.monitors[0].counts
        let hours = plan.milliseconds / 3_600_000
        let closes = zip(CloseReason.allCases, counts.closes).filter { $0.1 > 0 }.map { "\($0.0.rawValue) \($0.1)" }
        let checks = simulation.monitors.reduce(0) { $0 + $1.checks.reduce(0, +) }
        let size =
            plan.isFronted
            ? "\(counted(plan.upstreams, "upstream")), \(counted(plan.libraryClients, "library client"))" : counted(plan.clients, "client")
        let summary = """
            seed \(plan.seed): \(simulation.violation == nil ? "all promises held" : "A PROMISE WAS BROKEN"), hash \(simulation.hash.text)
              \(hours) h, \(size), \(counted(plan.devices, "device")); \(simulation.host.turns) turns, \(Int(wall)) ms of wall time
              sessions \(counts.sessions), messages \(counts.messages), replies \(counts.replies), events \(counts.events), readings \(counts.readings)
              writes \(counts.writes), refused \(counts.refusedWrites), device changes \(counts.deviceChanges), operator \(counts.operatorActions), leaps \(counts.leaps)
              ends: \(closes.joined(separator: ", "))
              checks \(checks)
            """
        return ([summary] + simulation.remarks.map { "  " + $0 }).joined(separator: "\n")
    }

    private static func checks(_ simulation: any SimulatedWorld) -> String {
        let monitors = simulation.monitors
        return Invariant.allCases.map { invariant in
            "  \(monitors.reduce(0) { $0 + $1.checks[invariant.rawValue] }) × \(invariant.sentence)"
        }.joined(separator: "\n")
    }
}
