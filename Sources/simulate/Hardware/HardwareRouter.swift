// A router with hardware in a process of its own, with its watchdog; and what becomes of both when it is stopped or killed.
// Must not know devices.

import ButtplugServer
import Hardware
import Host
import Router
import SimHost

final class HardwareRouter {
    let process: RouterProcess
    let server: ButtplugServer
    /// Who gets apps, and programs that are devices.
    let apps: any LinkOwner
    let programs: (any LinkOwner)?
    private let backends: [ObservedHardware]
    private let watchdog: SimulatedWatchdog
    private let monitor: HardwareMonitor
    private let host: SimHost
    private let note: (String) -> Void
    private(set) var hasLeft = false

    init(
        _ configuration: HardwareConfiguration, _ state: RouterState, on process: RouterProcess, in host: SimHost,
        _ monitor: HardwareMonitor, note: @escaping (String) -> Void
    ) {
        (self.host, self.monitor, self.note) = (host, monitor, note)
        self.process = process
        let hardware = configuration.backends(on: process) { subject, problem, _ in note("\(subject): \(problem ?? "well")") }
        backends = hardware.backends.map { ObservedHardware($0, monitor, note: note) }
        server = ButtplugServer(ServerConfiguration(), backends: backends, state: state, on: process)
        apps = LinkGate(server.owner, in: process)
        programs = hardware.socketOwner.map { LinkGate($0, in: process) }
        watchdog = SimulatedWatchdog(process, on: host) { line in
            SimulatedKeeper(
                on: host, keepsAll: process.canary == .keepsDescriptors, onPosted: { line.posted() },
                onWrite: { note("letter \($0.count) \($1)") })
        }
        hardware.use(watchdog)
    }

    /// The device that has an index.
    func identity(of index: Int) -> String? { server.state.indices.entries.first { $0.index == index }?.identity }

    /// Rows that its backends have needed.
    var rowCount: Int { backends.reduce(0) { $0 + $1.rowCount } }

    /// Devices with a letter.
    private var watched: [String] {
        watchdog.keys.compactMap { backends.indices.contains(Int($0.transport)) ? backends[Int($0.transport)].identities[$0.device] : nil }
    }

    /// SIGKILL.
    func kill() {
        note("killed")
        let (watched, keeper) = (watched, watchdog.keeper)
        process.kill()
        monitor.routerEnded(at: host.now)
        keeper?.routerEnded()
        for identity in watched { monitor.letterPosted(identity, "its router was killed", at: host.now) }
    }

    /// SIGTERM; without a watchdog nobody else has the devices' descriptors.
    func end(hasWatchdog: Bool) {
        note("ends")
        if !hasWatchdog { watchdog.retire() }
        monitor.routerEnds(at: host.now)
        server.shutDown(left: { [self] in hasLeft = true })
    }

    /// The process is over: what it still had is closed.
    func exit() {
        note("over")
        process.kill()
        monitor.routerEnded(at: host.now)
        watchdog.finish()
    }

    /// SIGSTOP, for so long.
    func halt(for time: Interval) {
        note("stopped for \(time)")
        let watched = watched
        process.halt()
        // A beat before, the patience, and a moment.
        let patience = WillRules.patience + WillRules.beatPace + .milliseconds(50)
        if time > patience {
            host.at(host.now + patience) { [self] in
                for identity in watched { monitor.letterPosted(identity, "its router did not say that it lives", at: host.now) }
            }
        }
        host.at(host.now + time) { [self] in
            note("goes on")
            process.resume()
        }
    }

    func killWatchdog() {
        note("watchdog killed")
        watchdog.loseKeeper()
    }
}
