// A run of a fronted simulation: everybody leaves, everything comes to rest, the front ends, then its upstreams.
// Must not know who does what meanwhile.

import Buttplug
import Host
import Router

extension FrontedSimulation {
    // MARK: Running

    func run() -> Violation? {
        runTurns(until: host.now + plan.span)
        guard violation == nil else { return violation }
        isClosing = true
        admin?.isClosing = true
        runTurns(until: host.now + .seconds(120))
        for monitor in monitors { monitor.now = host.now }
        for rear in rears {
            rear.open()
            rear.backend.calm(at: host.now)
        }
        runTurns(until: host.now + .seconds(700))
        guard violation == nil else { return violation }
        for app in apps { app.checkEnd() }
        admin?.checkEnd()
        for monitor in monitors { monitor.now = host.now }
        audit(at: host.now)
        monitor.checkEnd { [upstreams, rears] handle, feature, type in
            let index = Int(handle) % rears.count
            let name = self.monitor.devices.first { $0.handle == handle && upstreams[index].has($0) }?.description.name
            guard let rear = rears[index].monitor.devices.first(where: { $0.description.name == name }) else { return nil }
            return rears[index].embedded.value(rear.handle, feature: feature, type: type)
        }
        shutDown()
        return violation
    }

    /// The front ends, then its upstreams.
    private func shutDown() {
        monitor.isEnding = true
        runner.onEnded = { [runner] in runner?.detach() }
        runner.shutDown()
        runTurns(until: host.now + .seconds(60))
        for rear in rears where violation == nil {
            rear.monitor.now = host.now
            rear.monitor.checkEnd { rear.embedded.value($0, feature: $1, type: $2) }
            rear.monitor.isEnding = true
            rear.runner.shutDown()
        }
        runTurns(until: host.now + .seconds(5))
        for rear in rears {
            rear.runner.detach()
            rear.router.detach()
        }
    }
}
