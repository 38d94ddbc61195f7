// What an operator does to a router now and then: stops, masks, kicks, reloads.
// Must not know which kind of simulation the router is in.

import Host
import Router
import SimHost

/// A world whose clients' router has an operator.
protocol OperatedWorld: AnyObject {
    var random: SimRandom { get set }
    var monitor: Monitor { get }
    var runner: RouterRunner! { get }
    /// Whether some rules ask the operator.
    var asksConsent: Bool { get }
    /// Calls `clearMask` after this time.
    func askToClearMask(in span: Interval)
}

extension OperatedWorld {
    /// Does one thing.
    func operate() {
        monitor.counts.operatorActions += 1
        switch random.below(9) {
        case 0:
            runner.raiseEmergencyStop()
            monitor.stopRaised()
        case 1, 2:
            let level = UInt8(random.within(60...180))
            runner.raiseMask(holder: "operator", level: level)
            monitor.maskRaised("operator", level)
            askToClearMask(in: random.within(.milliseconds(1) ... .seconds(300)))
        case 3, 4:
            guard !monitor.live.isEmpty else { return }
            let session = random.pick(monitor.live)
            monitor.kicked(session)
            runner.kick(session.id)
        default:
            let settings = Rulebook.settings(Int(random.below(UInt64(Rulebook.variants))), asksConsent: asksConsent)
            runner.settingsChanged(settings)
            monitor.settingsChanged(settings)
        }
    }

    func clearMask() {
        runner.clearMask(holder: "operator")
        monitor.maskCleared("operator")
    }

    func clearStop() {
        guard monitor.isStopped else { return }
        runner.clearEmergencyStop()
        monitor.stopCleared()
    }
}
