// One router that is an upstream of the front router, with devices of its own, a monitor of its own and accidents.
// Must not know who drives it: what its sessions ask is read off the wire, as with any router.

import Buttplug
import Devices
import Host
import Router
import SimHost

/// A rear router on the world's host.
final class RearRouter {
    let index: Int
    let endpoint: Endpoint
    /// Receives what the sessions ask.
    var observe: ((SimulatedRequest, SessionModel) -> Void)?
    // The present process.
    private(set) var monitor: Monitor
    private(set) var router: ObservedRouter!
    private(set) var runner: RouterRunner!
    private(set) var backend: ObservedBackend!
    private(set) var embedded: EmbeddedBackend!
    private let host: SimHost
    private var specs: [SimulatedDeviceSpec]
    private let lifeEvery: Interval?
    private var random: SimRandom
    /// Its devices have to be found by a scan, whenever it has been started.
    private let isScanned: Bool
    /// Until then it hangs up on every client after the handshake.
    var flapsUntil = Instant.zero
    private var sessionsMade: UInt32 = 0
    /// What was the case when the router was last looked at, and since when it has been.
    private var state: (session: UInt32?, changes: UInt64) = (nil, 0)
    private var steadySince: Instant

    init(_ index: Int, _ specs: [SimulatedDeviceSpec], lifeEvery: Interval?, seed: UInt64, on host: SimHost) {
        self.index = index
        self.specs = specs
        self.lifeEvery = lifeEvery
        self.host = host
        random = SimRandom(seed: seed)
        isScanned = random.happens(1, of: 3)
        endpoint = .webSocket(host: "rear-\(index)", port: 12_345, path: "/")
        steadySince = host.now
        monitor = Monitor(RouterSettings())
        start()
        open()
    }

    private func start() {
        var settings = RouterSettings()
        settings.serverName = "rear \(index)"
        // Every other one wants pings.
        if index % 2 == 1 {
            var rule = Rule()
            rule.maxPingTime = 4_000
            settings.rules = RuleTable([rule])
        }
        monitor = Monitor(settings, after: monitor)
        monitor.name = settings.serverName
        monitor.now = host.now
        var options = SimulatedSetOptions()
        options.presentAtStart = !isScanned
        options.seed = random.next()
        embedded = EmbeddedBackend(specs, options: options)
        backend = ObservedBackend(embedded, monitor, seed: random.next(), lifeEvery: lifeEvery, start: host.now)
        router = ObservedRouter(monitor, host) { [unowned self] peer in
            sessionsMade += 1
            return SessionModel(number: sessionsMade, version: .v4, name: "", peer: peer)
        }
        runner = RouterRunner(settings, backends: [backend], host: host)
        router.runner = runner
        router.observe = { [unowned self] request, session in observe?(request, session) }
    }

    // MARK: Accidents

    func open() { host.listen(at: endpoint, owner: router) }

    /// Nobody reaches it any more; connections break.
    func cut(silently: Bool) {
        monitor.note(silently ? "out of reach, silently" : "out of reach")
        if silently { host.listenSilently(at: endpoint) } else { host.stopListening(at: endpoint) }
        host.resetConnections(to: endpoint)
    }

    /// The process is killed: devices are left as they are, and nobody says anything. The next one, which has yet to be opened, counts its
    /// devices in another order.
    func kill() {
        monitor.note("killed")
        cut(silently: false)
        runner.detach()
        router.detach()
        specs.append(specs.removeFirst())
        start()
    }

    /// What a reference server does to a client that has missed its pings.
    func pingOut(_ session: SessionModel) {
        monitor.now = host.now
        router.pingOut(session)
    }

    func kick(_ session: SessionModel) {
        monitor.now = host.now
        monitor.kicked(session)
        runner.kick(session.id)
    }

    // MARK: Looking at it

    /// The sessions whose other end is still there.
    var attended: [SessionModel] { monitor.live.filter { $0.state == .ready && $0.link?.isDeserted == false } }

    /// Whether devices and link have been as they are for long enough that the front must show it.
    func isSteady(at now: Instant) -> Bool {
        let present = (session: attended.first?.number, changes: monitor.counts.deviceChanges)
        if present != state {
            state = present
            steadySince = now
        }
        return now - steadySince > .seconds(60)
    }

    /// The names of the devices that the front has to show: those there are, while somebody is connected.
    var shown: [String] { attended.isEmpty ? [] : monitor.devices.filter(\.isPresent).map(\.description.name).sorted() }
}
