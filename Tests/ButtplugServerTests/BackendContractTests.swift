// The duties of every backend, checked for each one: its life cycle, one answer per write, its own number in every event.
// Must not test what a backend does; each has tests of its own.

import Buttplug
import ButtplugServer
import Devices
import Hardware
import Host
import Router
import SimHost
import Testing

/// Records a backend's events, and calls it at the end of a turn as the router does.
private final class ContractOwner: BackendOwner, TurnOwner {
    var answers: [UInt32: [WriteOutcome]] = [:]
    var devices: [BackendDevice: DeviceDescription] = [:]
    var numbers: Set<BackendNumber> = []
    var requests: [UInt32] = []
    private var callers = 0
    private let backend: any Backend

    init(_ backend: any Backend) { self.backend = backend }

    func answered(ticket: UInt32, _ outcome: WriteOutcome, at now: Instant) { answers[ticket, default: []].append(outcome) }
    func reportIsDue(from backend: BackendNumber) {
        numbers.insert(backend)
        callers += 1
    }

    func happened(_ event: BackendEvent, from backend: BackendNumber, at now: Instant) {
        numbers.insert(backend)
        switch event {
        case .appeared(let device, let description): devices[device] = description
        case .disappeared(let device): devices[device] = nil
        case .readAnswered(let request, _), .requestFailed(let request, _), .subscriptionAnswered(let request): requests.append(request)
        case .reading, .scanningFinished, .returned: break
        }
    }

    func turnEnded(at now: Instant) {
        if callers > 0 || backend.deadline <= now {
            callers = 0
            backend.report(at: now)
        }
        backend.turnEnded(at: now)
    }
    func deadlinePassed(at now: Instant) {}

    func write(_ ticket: UInt32, to device: BackendDevice, _ value: Int32, at now: Instant) {
        let target = DeviceTarget(backend: 3, device: device, deviceIndex: 0, feature: 0)
        let write = DeviceWrite(to: target, type: .vibrate, value: value, ticket: ticket)
        withUnsafePointer(to: write) { backend.perform(UnsafeBufferPointer(start: $0, count: 1), at: now) }
    }
}

/// Answers every write only on request, like a device on a slow bus.
private final class SlowMotor: DeviceDriver {
    let device = DeviceDescription(
        identity: "test:motor", name: "Motor", features: [Feature(index: 0, outputs: [OutputRange(.vibrate, steps: 20)])])
    var owed: [@Sendable (WriteOutcome) -> Void] = []
    func write(_ write: OutputWrite, answer: @escaping @Sendable (WriteOutcome) -> Void) { owed.append(answer) }
}

/// Takes what it is told and says nothing.
private final class Listener: SimWireDevice {
    func opened(at now: Instant) {}
    func received(_ bytes: [UInt8], at now: Instant) {}
    func closed(at now: Instant) {}
}

@Suite struct BackendContractTests {
    enum Kind: CaseIterable { case simulated, drivers, upstream, serial }

    /// A backend in a world where time passes when `run` is called.
    private struct Ground {
        let host = SimHost()
        let backend: any Backend
        let owner: ContractOwner
        private let motor = SlowMotor()
        private let rear: ButtplugServer?

        init(_ kind: Kind) throws {
            let world = SimWorld(host)
            switch kind {
            case .simulated:
                var options = SimulatedSetOptions()
                options.presentAtStart = true
                backend = EmbeddedBackend(try SimulatedDeviceSpec.list("plug"), options: options)
                rear = nil
            case .drivers:
                backend = DriverBackend([motor], in: world)
                rear = nil
            case .serial:
                _ = host.plug(Listener(), at: "/dev/port")
                var configuration = HardwareConfiguration()
                var port = SerialPort("/dev/port")
                port.axes = "V0"
                configuration.serial = [port]
                backend = try #require(configuration.backends(on: host) { _, _, _ in }.backends.first)
                rear = nil
            case .upstream:
                var configuration = ServerConfiguration()
                configuration.devices = try SimulatedDeviceSpec.list("plug")
                configuration.deviceOptions.presentAtStart = true
                let server = ButtplugServer(configuration, on: host)
                let endpoint = Endpoint.webSocket(host: "rear", port: 1, path: "/")
                host.listen(at: endpoint, owner: server.owner)
                backend = UpstreamBackend(endpoint, on: host)
                rear = server
            }
            owner = ContractOwner(backend)
            _ = host.attach(owner)
            backend.start(for: owner, as: 3, at: host.now)
            run()
        }

        func run(for seconds: Int = 30) {
            for _ in 0..<seconds * 10 {
                host.at(host.now + .milliseconds(100)) {}
                host.run(for: .milliseconds(100))
                for answer in motor.owed { answer(.done) }
                motor.owed = []
            }
        }

        var now: Instant { host.now }
    }

    @Test("A backend announces its devices by itself, with the number that it was given.", arguments: Kind.allCases)
    func shows(_ kind: Kind) throws {
        let ground = try Ground(kind)
        #expect(ground.owner.devices.count == 1)
        #expect(ground.owner.numbers == [3])
    }

    @Test("Every write is answered once, and a write to a device that does not exist fails.", arguments: Kind.allCases)
    func answersOnce(_ kind: Kind) throws {
        let ground = try Ground(kind)
        let device = try #require(ground.owner.devices.keys.first)
        for ticket in 1...5 { ground.owner.write(UInt32(ticket), to: device, Int32(ticket), at: ground.now) }
        ground.owner.write(6, to: 77, 1, at: ground.now)
        ground.run()
        let lost = ground.owner.answers.removeValue(forKey: 6)
        #expect(lost?.count == 1 && lost != [.done])
        #expect(ground.owner.answers == [1: [.done], 2: [.done], 3: [.done], 4: [.done], 5: [.done]])
    }

    @Test("Every read and subscription is answered once, also for devices that do not exist.", arguments: Kind.allCases)
    func answersRequests(_ kind: Kind) throws {
        let ground = try Ground(kind)
        let device = try #require(ground.owner.devices.keys.first)
        for (number, target) in [device, 77].enumerated() {
            let number = UInt32(number * 10)
            ground.backend.handle(.read(device: target, feature: 1, type: .battery, request: number), at: ground.now)
            ground.backend.handle(.subscribe(device: target, feature: 1, type: .battery, request: number + 1), at: ground.now)
            ground.backend.handle(.unsubscribe(device: target, feature: 1, type: .battery, request: number + 2), at: ground.now)
            for request in [BackendRequest.cutOff(device: target), .stopOutputs, .startScanning, .stopScanning] {
                ground.backend.handle(request, at: ground.now)
            }
        }
        ground.run()
        // An unsubscription has no answer to wait for.
        #expect(ground.owner.requests.filter { $0 % 10 < 2 }.sorted() == [0, 1, 10, 11])
    }

    @Test("A stopped backend has no more events, after any call and any time.", arguments: Kind.allCases)
    func stops(_ kind: Kind) throws {
        let ground = try Ground(kind)
        let device = try #require(ground.owner.devices.keys.first)
        ground.owner.write(1, to: device, 3, at: ground.now)
        ground.backend.stop(at: ground.now)
        ground.owner.answers = [:]
        ground.owner.write(2, to: device, 4, at: ground.now)
        ground.backend.handle(.read(device: device, feature: 1, type: .battery, request: 1), at: ground.now)
        ground.run()
        #expect(ground.owner.answers == [:])
        #expect(ground.owner.requests == [])
    }
}
