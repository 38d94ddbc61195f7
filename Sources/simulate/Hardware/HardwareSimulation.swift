// A router with simulated serial ports and programs that dial in, apps that come and go, and faults; then rest, and a look at every device.
// Must not know how the router drives them.

import ButtplugServer
import Hardware
import Host
import SimHost

/// One seed of hardware.
final class HardwareSimulation {
    let seed: UInt64
    let host: SimHost
    private var random: SimRandom
    private let server: ButtplugServer
    private var hardware: [any SimulatedHardware] = []
    private var apps: [HardwareApp] = []
    private(set) var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    private(set) var lines = 0
    private(set) var looks = 0
    var trace: ((String) -> Void)?

    /// What went wrong.
    struct Broken: Error { var text: String }

    init(seed: UInt64, ports: Int, programs: Int) {
        self.seed = seed
        host = SimHost(seed: seed)
        random = SimRandom(seed: seed ^ 0x5741_5245)
        var configuration = ServerConfiguration()
        configuration.hardware.serial = (0..<ports).map { SerialPort("/dev/port\($0)") }
        configuration.hardware.sockets = [SocketDevice("Stroker", protocolName: "tcode-v03", model: "L0,V0,V1")]
        server = ButtplugServer(configuration, on: host)
        for port in 0..<ports {
            hardware.append(SimulatedStroker(at: "/dev/port\(port)", on: host) { [unowned self] in note("port \(port): \($0)") })
        }
        guard let owner = server.deviceSocketOwner else { preconditionFailure("programs may dial in") }
        for program in 0..<programs {
            hardware.append(SimulatedProgram("\(program)", to: owner, on: host) { [unowned self] in note("program \(program): \($0)") })
        }
        // Features 1 and 2 are V0 and V1.
        for feature in 1...2 { apps.append(HardwareApp(feature, to: server.owner, on: host) { [unowned self] in note($0) }) }
    }

    private func note(_ text: String) {
        lines += 1
        for byte in "\(host.now.nanoseconds) \(text)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        trace?("\(host.now.seconds) s: \(text)")
    }

    /// Faults for a minute or two, rest, a look; again and again.
    func run(for span: Interval) throws(Broken) {
        let end = host.now + span
        while host.now < end {
            runFaults(for: .seconds(Int64(20 + random.below(100))))
            try rest()
        }
        try checkComplaints()
    }

    private func runFaults(for span: Interval) {
        let end = host.now + span
        while host.now < end {
            step()
            host.run(for: .milliseconds(Int64(1 + random.below(random.below(10) == 0 ? 4_000 : 60))))
        }
    }

    private func step() {
        let app = apps[Int(random.below(UInt64(apps.count)))]
        switch random.below(40) {
        case 0: app.leave(inGoodOrder: random.below(2) == 0)
        case 1, 2: app.connect()
        case 3: app.stop()
        case 4: hardware[Int(random.below(UInt64(hardware.count)))].suffer(&random)
        case 5 where random.below(20) == 0: server.raiseEmergencyStop()
        case 6: server.clearEmergencyStop()
        default:
            guard let device = app.devices.isEmpty ? nil : app.devices[Int(random.below(UInt64(app.devices.count)))] else {
                return app.connect()
            }
            app.vibrate(device.index, random.below(4) == 0 ? 0 : Int(random.below(10_000)))
        }
    }

    /// Everything is mended and comes back; then apps want something, and each device has to have it; then they go, and it has to stop.
    private func rest() throws(Broken) {
        server.clearEmergencyStop()
        for one in hardware { one.mend() }
        for app in apps { app.leave(inGoodOrder: false) }
        // Longer than the longest wait before a device is tried again.
        host.run(for: .seconds(45))
        try look("every app is gone") { _, _ in 0 }
        for app in apps { app.connect() }
        host.run(for: .seconds(2))
        for app in apps {
            guard app.isUp, app.devices.count == hardware.count else {
                throw Broken(text: "an app sees \(app.devices.count) of \(hardware.count) devices that are there")
            }
            for device in app.devices { app.vibrate(device.index, 1 + 100 * device.index + app.feature) }
        }
        host.run(for: .seconds(3))
        guard apps.allSatisfy({ $0.open.isEmpty }) else { throw Broken(text: "a request has no answer") }
        var wanted: [Set<Int>] = [[], []]
        for (place, app) in apps.enumerated() { wanted[place] = Set(app.told.values) }
        // Which index a device has is the router's; each value was told to one device.
        for place in 0...1 {
            let values = Set(hardware.map { $0.memory.values["V\(place)"] ?? -1 })
            looks += hardware.count
            if values != wanted[place] { throw Broken(text: "devices have \(values.sorted()), and \(wanted[place].sorted()) is wanted") }
        }
        if random.below(2) == 0 {
            apps[0].leave(inGoodOrder: random.below(2) == 0)
            host.run(for: .seconds(2))
            try look("the first app is gone") { place, value in place == 0 ? 0 : value }
        }
        for app in apps { app.leave(inGoodOrder: random.below(2) == 0) }
        host.run(for: .seconds(2))
        try look("every app is gone") { _, _ in 0 }
    }

    private func look(_ why: String, _ expected: (_ place: Int, _ value: Int) -> Int) throws(Broken) {
        for (number, one) in hardware.enumerated() {
            for place in 0...1 {
                looks += 1
                let value = one.memory.values["V\(place)"] ?? -1
                if value != expected(place, value) { throw Broken(text: "device \(number) has V\(place) = \(value) although \(why)") }
            }
        }
    }

    private func checkComplaints() throws(Broken) {
        if let complaint = host.complaints.first { throw Broken(text: complaint) }
    }

    /// Runs a seed and says how it went. False when something was broken.
    static func report(seed: UInt64, hours: Double, devices: Int, traces: Bool, tell: @escaping (String) -> Void) -> Bool {
        let simulation = HardwareSimulation(seed: seed, ports: max(1, devices / 2), programs: max(1, devices - devices / 2))
        if traces { simulation.trace = tell }
        var broken: Broken?
        do throws(Broken) { try simulation.run(for: .milliseconds(Int64(hours * 3_600_000))) } catch { broken = error }
        let hash = String(simulation.hash, radix: 16)
        print(
            "seed \(seed): \(broken == nil ? "all promises held" : "A PROMISE WAS BROKEN"), hash \(hash); \(simulation.lines) lines, "
                + "\(simulation.looks) looks, \(simulation.host.turns) turns")
        guard let broken else { return true }
        print("BROKEN at \(simulation.host.now.seconds) s: \(broken.text)")
        print("replay: simulate --kind hardware --seed \(seed) --hours \(hours) --devices \(devices) --trace")
        return false
    }
}
