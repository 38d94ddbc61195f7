// A run of either kind, as the report sees it.
// Must not know what is in it.

import Host
import SimHost

/// A world that can be run once.
protocol SimulatedWorld: AnyObject {
    var plan: SimulationPlan { get }
    var host: SimHost { get }
    /// One per router; the first is the one that clients see.
    var monitors: [Monitor] { get }
    /// Stands for everything that has happened.
    var hash: TraceHash { get }
    /// What else there is to say of the run, in whole lines.
    var remarks: [String] { get }
    /// Runs it. The first broken promise, if there is one.
    func run() -> Violation?
}

extension SimulatedWorld {
    var violation: Violation? { monitors.lazy.compactMap(\.violation).first }

    /// Takes turns until `end`, or until a promise is broken.
    func runTurns(until end: Instant) {
        while violation == nil, host.turn(notAfter: end) {}
    }
}
