// A router with simulated serial ports, programs that dial in and Bluetooth devices, apps that come and go, and faults; then rest, and a
// look at every device. Must not know how the router drives them.

import Hardware
import Host
import Router
import SimHost

/// One seed of hardware.
final class HardwareSimulation {
    let host: SimHost
    let monitor = HardwareMonitor()
    private var random: SimRandom
    private let configuration: HardwareConfiguration
    private let canary: HardwareCanary?
    private var router: HardwareRouter!
    private var hardware: [any SimulatedHardware] = []
    private var bluetooth: SimulatedBluetooth!
    private var apps: [HardwareApp] = []
    private(set) var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    private(set) var lines = 0
    private(set) var deaths = 0
    /// An app's wish that the router gets while it cannot carry it out must not count when it can again.
    private var quietUntil = Instant.zero
    var trace: ((String) -> Void)?

    init(seed: UInt64, ports: Int, programs: Int, toys: Int, canary: HardwareCanary? = nil) {
        self.canary = canary
        host = SimHost(seed: seed)
        random = SimRandom(seed: seed ^ 0x5741_5245)
        var configuration = HardwareConfiguration()
        configuration.serial = (0..<ports).map { SerialPort("/dev/port\($0)") }
        configuration.sockets = [SocketDevice("Stroker", protocolName: "tcode-v03", model: "L0,V0,V1")]
        configuration.bluetooth = .automatic
        configuration.bus = SimulatedBluetooth.path
        self.configuration = configuration
        monitor.wake = { [unowned self] instant in host.at(instant) { [unowned self] in monitor.check(at: host.now) } }
        for port in 0..<ports {
            hardware.append(SimulatedStroker(at: "/dev/port\(port)", on: host, monitor) { [unowned self] in note("port \(port): \($0)") })
        }
        for program in 0..<programs {
            hardware.append(SimulatedProgram("\(program)", on: host, monitor) { [unowned self] in note("program \(program): \($0)") })
        }
        bluetooth = SimulatedBluetooth(toys, on: host, monitor) { [unowned self] in note($0) }
        hardware += bluetooth.toys
        for place in 0...1 {
            apps.append(
                HardwareApp(place, on: host, monitor, identity: { [unowned self] in router.identity(of: $0) }) { [unowned self] in note($0)
                })
        }
        start(RouterState())
    }

    private func note(_ text: String) {
        lines += 1
        for byte in "\(host.now.nanoseconds) \(text)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        trace?("\(host.now.nanoseconds / 1_000_000) ms: \(text)")
    }

    /// A router begins, with what the one before has kept.
    private func start(_ state: RouterState) {
        let process = RouterProcess(on: host, canary: canary)
        router = HardwareRouter(configuration, state, on: process, in: host, monitor) { [unowned self] in note($0) }
        if !router.server.isStopped { monitor.cleared() }
        for app in apps { app.owner = router.apps }
        for one in hardware { one.routerChanged(to: router.programs) }
    }

    // MARK: Time

    /// Faults for a minute or two, rest, a look; again and again.
    func run(for span: Interval) throws(HardwareViolation) {
        let end = host.now + span
        while host.now < end {
            try runFaults(for: .seconds(Int64(20 + random.below(100))))
            try rest()
        }
    }

    private func pass(_ span: Interval) throws(HardwareViolation) {
        host.run(for: span)
        if let complaint = host.complaints.first { monitor.broken(.seam, complaint) }
        if let violation = monitor.violation { throw violation }
    }

    private func runFaults(for span: Interval) throws(HardwareViolation) {
        let end = host.now + span
        while host.now < end {
            try step()
            try pass(.milliseconds(Int64(1 + random.below(random.below(10) == 0 ? 4_000 : 60))))
        }
    }

    private func step() throws(HardwareViolation) {
        let app = apps[Int(random.below(UInt64(apps.count)))]
        switch random.below(44) {
        case 0: app.leave(inGoodOrder: random.below(2) == 0)
        case 1, 2: app.connect()
        case 3: app.stop()
        case 4, 5: hardware[Int(random.below(UInt64(hardware.count)))].suffer(&random)
        case 6 where random.below(10) == 0: bluetooth.suffer(&random)
        case 7 where random.below(20) == 0: raise()
        case 8: try clear()
        case 9: app.scan()
        case 10 where random.below(30) == 0: try end()
        case 11 where random.below(60) == 0: router.killWatchdog()
        default:
            guard host.now >= quietUntil, let device = app.devices.isEmpty ? nil : random.pick(app.devices) else { return app.connect() }
            if random.below(12) == 0 { return app.askBattery(of: device) }
            app.vibrate(device, random.below(4) == 0 ? 0 : Int(random.below(UInt64(device.most + 1))))
        }
    }

    private func raise() {
        note("stop")
        router.server.raiseEmergencyStop()
        monitor.ends(nil, "the operator has stopped", byOperator: true, at: host.now)
    }

    private func clear() throws(HardwareViolation) {
        guard monitor.isStopped else { return }
        // What was sent before arrives before.
        try pass(.milliseconds(100))
        note("clear")
        router.server.clearEmergencyStop()
        monitor.cleared()
    }

    /// The router's process is stopped for a while, or ends, or is killed; and is started again.
    private func end() throws(HardwareViolation) {
        deaths += 1
        let way = random.below(4)
        if way < 2 {
            let time = Interval.milliseconds(Int64(random.below(12_000)))
            router.halt(for: time)
            return try pass(time + .milliseconds(200))
        }
        if way == 2 {
            router.end(hasWatchdog: random.below(2) == 0)
            // As long as an end may take.
            try pass(.seconds(4))
            monitor.expect(.bounds, router.hasLeft, "the router has not ended after four seconds")
        }
        let state = router.server.state
        if way == 2 { router.exit() } else { router.kill() }
        for app in apps {
            app.leave(inGoodOrder: false)
            app.owner = nil
        }
        for one in hardware { one.routerChanged(to: nil) }
        try pass(.milliseconds(Int64(random.below(4_000))))
        start(state)
    }

    // MARK: Rest

    /// Everything is mended and comes back; then apps want something, and each device has to have it; then they go, and it has to stop.
    private func rest() throws(HardwareViolation) {
        try clear()
        bluetooth.mend()
        for one in hardware { one.mend() }
        for app in apps { app.leave(inGoodOrder: false) }
        try pass(.seconds(1))
        apps[0].connect()
        try pass(.milliseconds(100))
        // What was given up after too many tries comes by a scan.
        apps[0].scan()
        try pass(.seconds(20))
        apps[0].leave(inGoodOrder: true)
        // Longer than the longest wait before a device is tried again.
        try pass(.seconds(45))
        monitor.checkRest("every app is gone")
        checkBounds()
        for app in apps { app.connect() }
        try pass(.seconds(2))
        for app in apps {
            let due = monitor.identities.count { monitor.motorCount($0) > app.place }
            monitor.expect(.ends, app.isUp && app.devices.count == due, "an app sees \(app.devices.count) of \(due) devices that are there")
            for device in app.devices { app.vibrate(device, 1 + (100 * device.index + app.place) % device.most) }
        }
        try pass(.seconds(3))
        monitor.checkRest("apps drive it")
        for app in apps { monitor.expect(.answers, app.open.isEmpty, "\(app.open.count) requests have no answer") }
        if random.below(2) == 0 {
            apps[0].leave(inGoodOrder: random.below(2) == 0)
            try pass(.seconds(2))
            monitor.checkRest("the first app is gone")
        }
        for app in apps { app.leave(inGoodOrder: random.below(2) == 0) }
        try pass(.seconds(2))
        monitor.checkRest("every app is gone again")
        try pass(.zero)
    }

    private func checkBounds() {
        let (open, due) = bluetooth.descriptors
        monitor.expect(.bounds, open == due, "\(open) descriptors are open, and \(due) belong to a connection")
        monitor.expect(.bounds, router.rowCount <= hardware.count, "\(router.rowCount) rows for \(hardware.count) devices")
        let indices = router.server.state.indices.entries.count
        monitor.expect(.bounds, indices <= hardware.count, "\(indices) indices for \(hardware.count) devices")
    }

    // MARK: The command

    /// Runs a seed and says how it went. False when something was broken.
    static func report(
        seed: UInt64, hours: Double, devices: Int, canary: HardwareCanary?, traces: Bool, tell: @escaping (String) -> Void
    ) -> Bool {
        let others = max(2, devices / 2)
        let simulation = HardwareSimulation(
            seed: seed, ports: others / 2, programs: others - others / 2, toys: max(1, devices - others), canary: canary)
        if traces { simulation.trace = tell }
        var broken: HardwareViolation?
        do throws(HardwareViolation) { try simulation.run(for: .milliseconds(Int64(hours * 3_600_000))) } catch { broken = error }
        let hash = String(simulation.hash, radix: 16)
        let checks = simulation.monitor.checks.values.reduce(0, +)
        print(
            "seed \(seed): \(broken == nil ? "all promises held" : "A PROMISE WAS BROKEN"), hash \(hash); \(simulation.lines) lines, "
                + "\(checks) checks, \(simulation.deaths) deaths and stops of the router, \(simulation.host.turns) turns")
        guard let broken else { return true }
        print("BROKEN: \(broken.promise.sentence)")
        print("  at \(simulation.host.now.nanoseconds / 1_000_000) ms: \(broken.text)")
        print("replay: simulate --kind hardware --seed \(seed) --hours \(hours) --devices \(devices) --trace")
        return false
    }
}
