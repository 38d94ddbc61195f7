// A router with devices in virtual time, and clients that send what they are told.
// Must not know where the texts come from; it checks what must hold of the devices.

import COracles
import Host
import SimHost

@testable import Buttplug
@testable import Router

/// Devices that carry out every write at once and know what they do.
final class KnownDevices: Backend {
    private weak var owner: (any BackendOwner)?
    private var number: BackendNumber = 0
    /// By device and feature: what a held output does now.
    private(set) var levels: [[UInt32]: Int32] = [:]
    /// Whether an emergency stop is raised: nothing may rise.
    var isStopped = false

    func start(for owner: any BackendOwner, as number: BackendNumber, at now: Instant) {
        self.owner = owner
        self.number = number
        for (device, info) in Fixtures.all.enumerated() {
            owner.happened(.appeared(BackendDevice(device), info.description), from: number, at: now)
        }
    }

    func stop(at now: Instant) { owner = nil }

    func perform(_ writes: UnsafeBufferPointer<DeviceWrite>, at now: Instant) {
        for write in writes {
            must(write.device < 3, "a write to a device that is not there")
            let feature = Fixtures.all[Int(write.device)].description.features.first { $0.index == write.feature }
            let range = feature?.outputs.first { $0.type == write.type }
            guard let range else { fatalError("a write to an output that is not there") }
            must(
                range.isSigned ? abs(Int64(write.value)) <= range.steps : (0...Int64(range.steps)).contains(Int64(write.value)),
                "out of range: \(write)")
            if write.type.isHeld { levels[[write.device, write.feature]] = write.value }
            must(!isStopped || !write.type.isHeld || write.value == 0, "something rises under the emergency stop")
            owner?.answered(ticket: write.ticket, .done, at: now)
        }
    }

    func handle(_ request: BackendRequest, at now: Instant) {
        switch request {
        case .read(_, _, _, let number): owner?.happened(.readAnswered(request: number, values: [50]), from: self.number, at: now)
        case .subscribe(_, _, _, let number), .unsubscribe(_, _, _, let number):
            owner?.happened(.subscriptionAnswered(request: number), from: self.number, at: now)
        case .startScanning: owner?.happened(.scanningFinished, from: number, at: now)
        default: break
        }
    }

    var deadline: Instant { .never }
    func report(at now: Instant) {}
    func turnEnded(at now: Instant) {}
    var runs: Bool { levels.values.contains { $0 != 0 } }
}

/// One client's end.
final class SceneClient: SimPeer {
    var link: SimLink?
    private(set) var texts: [[UInt8]] = []
    private(set) var reason: CloseReason?

    func opened(at now: Instant) {}
    func received(_ message: RawSpan, at now: Instant) { texts.append(message.withUnsafeBytes { Array($0) }) }
    func closed(_ reason: CloseReason, at now: Instant) {
        self.reason = reason
        link = nil
    }
    func takeTexts() -> [[UInt8]] {
        defer { texts = [] }
        return texts
    }
}

/// The router, its devices and its clients.
final class Scene {
    let host = SimHost(seed: 1)
    let devices = KnownDevices()
    let runner: RouterRunner
    var clients: [Int: SceneClient] = [:]

    init(_ settings: RouterSettings = RouterSettings()) {
        runner = RouterRunner(settings, backends: [devices], host: host)
        host.run(for: .milliseconds(1))
    }

    /// The client of a number; it connects when it is not there.
    func client(_ number: Int) -> SceneClient {
        if let client = clients[number], client.reason == nil { return client }
        let client = SceneClient()
        clients[number] = client
        client.link = host.connect(client, to: runner)
        host.run(for: .milliseconds(5))
        return client
    }

    func say(_ text: [UInt8], _ number: Int) {
        client(number).link?.transmit(text)
        settle()
    }

    /// What is under way arrives; every text that a client got is JSON.
    func settle(_ span: Interval = .milliseconds(5)) {
        host.run(for: span)
        must(host.complaints.isEmpty, "the host complains: \(host.complaints)")
        for (_, client) in clients {
            for text in client.takeTexts() {
                must(oracle_json(text, text.count) == 1, "not JSON: \(String(decoding: text, as: UTF8.self))")
            }
        }
    }

    func leave(_ number: Int) {
        clients[number]?.link?.drop()
        clients[number] = nil
        settle()
    }

    func stop(_ isRaised: Bool) {
        if isRaised { runner.raiseEmergencyStop() } else { runner.clearEmergencyStop() }
        host.run(for: .milliseconds(1))
        devices.isStopped = isRaised
        must(!isRaised || !devices.runs, "something runs under the emergency stop: \(devices.levels)")
    }

    /// All clients go: within a second nothing runs, and nothing starts after that.
    func end() {
        for number in clients.keys.sorted() { leave(number) }
        settle(.seconds(1))
        must(!devices.runs, "something runs, and nobody is there: \(devices.levels)")
        settle(.seconds(10))
        must(!devices.runs, "something has started by itself: \(devices.levels)")
        runner.detach()
    }
}
