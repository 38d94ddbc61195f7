// Runs one plan and tells people what came of it.
// Must not know what is checked, nor how.

import Foundation
import Host

/// The words around a run.
enum SimulationReport {
    /// How much of the time before a broken promise is told.
    private static let before = Interval.seconds(5)

    /// Runs a plan and prints its summary. False when a promise was broken; then what led to it is told, too.
    static func run(_ plan: SimulationPlan, traces: Bool, listsChecks: Bool) -> Bool {
        let start = ContinuousClock.now
        let simulation = Simulation(plan)
        if traces { simulation.monitor.trace = tell }
        let violation = simulation.run()
        let wall = (ContinuousClock.now - start) / .milliseconds(1)
        print(summary(simulation, wall: wall))
        if listsChecks { print(checks(simulation.monitor)) }
        guard let violation else { return true }
        print("BROKEN: \(violation.invariant.sentence)")
        print("  at \(violation.at.seconds) s: \(violation.text)")
        if !traces { tellAgain(plan, from: violation.at) }
        print("replay: \(plan.replayLine)")
        return false
    }

    /// Runs it again, for what happened shortly before the end.
    private static func tellAgain(_ plan: SimulationPlan, from end: Instant) {
        let simulation = Simulation(plan)
        var lines: [String] = []
        simulation.monitor.trace = { [unowned simulation] line in
            if end - simulation.monitor.now < before { lines.append(line) }
        }
        _ = simulation.run()
        for line in lines.suffix(60) { tell(line) }
    }

    private static func tell(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }

    private static func summary(_ simulation: Simulation, wall: Double) -> String {
        let (monitor, plan) = (simulation.monitor, simulation.plan)
        let counts = monitor.counts
        let hours = plan.milliseconds / 3_600_000
        let closes = zip(CloseReason.allCases, counts.closes).filter { $0.1 > 0 }.map { "\($0.0.rawValue) \($0.1)" }
        let checks = monitor.checks.reduce(0, +)
        return """
            seed \(plan.seed): \(monitor.violation == nil ? "all promises held" : "A PROMISE WAS BROKEN"), hash \(monitor.hash.text)
              \(hours) h, \(plan.clients) clients, \(plan.devices) devices; \(simulation.host.turns) turns, \(Int(wall)) ms of wall time
              sessions \(counts.sessions), messages \(counts.messages), replies \(counts.replies), events \(counts.events), readings \(counts.readings)
              writes \(counts.writes), refused \(counts.refusedWrites), device changes \(counts.deviceChanges), operator \(counts.operatorActions), leaps \(counts.leaps)
              ends: \(closes.joined(separator: ", "))
              checks \(checks)
            """
    }

    private static func checks(_ monitor: Monitor) -> String {
        Invariant.allCases.map { "  \(monitor.checks[$0.rawValue]) × \($0.sentence)" }.joined(separator: "\n")
    }
}
