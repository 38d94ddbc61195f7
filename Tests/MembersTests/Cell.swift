// Routers on one simulated bus, each with a backend and apps of its own.
// Must not know what a test is about.

import Buttplug
import Foundation
import Host
import Members
import Router
import SimHost

/// One member: a router, its devices and its apps.
final class Member: RouterObserver {
    let name: String
    let backend = RecordingBackend()
    let members: MembersBackend
    let connection: SimBusConnection
    let runner: RouterRunner
    private let host: SimHost
    private(set) var apps: [String: App] = [:]
    private(set) var events: [MembersEvent] = []

    init(_ name: String, block: UInt16, in cell: Cell, incarnation: UInt64, _ settings: RouterSettings) {
        self.name = name
        host = cell.host
        connection = cell.bus.connection(name)
        let membership = MembersSettings(cell: "home", member: name, block: block, incarnation: incarnation)
        members = MembersBackend(membership, bus: connection, on: host, seed: incarnation)
        var state = RouterState()
        state.indices.block = block
        runner = RouterRunner(settings, state: state, backends: [backend, members], host: host)
        members.onEvent = { [unowned self] event, _ in events.append(event) }
        members.join(runner)
    }

    /// The process is gone: nothing is told, nothing goes on.
    func kill() {
        connection.kill()
        host.detach(runner)
    }

    // MARK: Devices

    func appear(_ handle: BackendDevice, _ identity: String) {
        let features = [
            Feature(
                index: 0, outputs: [OutputRange(.vibrate, steps: 100)],
                inputs: [InputRange(.battery, ranges: [0...100], canRead: true)]),
            Feature(index: 1, outputs: [OutputRange(.vibrate, steps: 100)]),
        ]
        backend.tell(.appeared(handle, DeviceDescription(identity: identity, name: "Two Motors", features: features)))
        runner.wake()
    }

    func vanish(_ handle: BackendDevice) {
        backend.tell(.disappeared(handle))
        runner.wake()
    }

    /// The writes since the last call: "3072.0 Vibrate 40".
    func writes() -> [String] { backend.takeWrites() }

    // MARK: Apps

    @discardableResult
    func open(_ client: String, version: Int = 4) -> App {
        let app = App(client)
        app.id = runner.opened(app, from: Peer(address: "127.0.0.1", listener: "ws://127.0.0.1:12345"), at: host.now)
        apps[client] = app
        let wish = version == 4 ? #""ProtocolVersionMajor":4,"ProtocolVersionMinor":0"# : #""MessageVersion":\#(version)"#
        send(client, #"[{"RequestServerInfo":{"Id":1,"ClientName":"\#(client)",\#(wish)}}]"#)
        return app
    }

    func send(_ client: String, _ text: String) {
        let bytes = Array(text.utf8)
        runner.received(bytes.span.bytes, from: apps[client]!.id, at: host.now)
        runner.wake()
    }

    func vibrate(_ client: String, _ id: Int, _ device: Int, _ value: Int, feature: Int = 0) {
        send(
            client,
            #"[{"OutputCmd":{"Id":\#(id),"DeviceIndex":\#(device),"FeatureIndex":\#(feature),"Command":{"Vibrate":{"Value":\#(value)}}}}]"#)
    }

    func close(_ client: String) {
        runner.closed(apps[client]!.id, .peerVanished, at: host.now)
        runner.wake()
    }

    /// What an app got since the last call: "Ok 3", "Error 4 3" (code, id), "DeviceList 0 [3072]".
    func taken(_ client: String) -> [String] { apps[client]!.taken() }

    func happened(_ event: RouterEvent, at now: Instant) {}
}

/// Members on one bus.
final class Cell {
    let host = SimHost(seed: 1)
    let bus: SimMessageBus
    private(set) var members: [Member] = []

    init() { bus = SimMessageBus(on: host) }

    func member(_ name: String, block: UInt16, incarnation: UInt64? = nil, priorities: [String: UInt8] = [:]) -> Member {
        var settings = RouterSettings()
        settings.rules.rules = priorities.sorted { $0.key < $1.key }.map { client, priority in
            var rule = Rule(match: RuleMatch(client: Glob(client)))
            rule.rights.priority = priority
            return rule
        }
        let member = Member(name, block: block, in: self, incarnation: incarnation ?? UInt64(members.count + 1), settings)
        members.append(member)
        return member
    }

    func run(_ milliseconds: Int64) { host.run(for: .milliseconds(milliseconds)) }
}

/// An app, as its router's link.
final class App: Link {
    let client: String
    var id = LinkID(slot: 0, generation: 0)
    private var words: [String] = []
    private(set) var closeReason: CloseReason?

    init(_ client: String) { self.client = client }

    func send(_ runs: UnsafeBufferPointer<MessageRun>) {
        for run in runs {
            run.forEach { _, payload, length in words.append(Self.word(Data(run.bytes[payload..<payload + length]))) }
        }
    }

    func close(_ reason: CloseReason) { closeReason = reason }

    func taken() -> [String] {
        defer { words = [] }
        return words
    }

    private static func word(_ text: Data) -> String {
        guard let root = try? JSONSerialization.jsonObject(with: text) as? [[String: [String: Any]]], let (name, fields) = root[0].first
        else { return "?" }
        let id = fields["Id"] as? Int ?? -1
        if let code = fields["ErrorCode"] as? Int { return "Error \(code) \(id)" }
        guard let devices = fields["Devices"] as? [String: Any] else { return "\(name) \(id)" }
        return "\(name) \(id) [\(devices.keys.sorted().joined(separator: ","))]"
    }
}

/// Devices that carry out everything at once and note it.
final class RecordingBackend: Backend {
    private var owner: (any BackendOwner)?
    private var number: BackendNumber = 0
    private var words: [String] = []
    private var events: [BackendEvent] = []
    /// Whether writes are answered.
    var answers = true

    func tell(_ event: BackendEvent) {
        events.append(event)
        owner?.reportIsDue(from: number)
    }

    func takeWrites() -> [String] {
        defer { words = [] }
        return words
    }

    func start(for owner: any BackendOwner, as number: BackendNumber, at now: Instant) { (self.owner, self.number) = (owner, number) }
    func stop(at now: Instant) { owner = nil }
    func handle(_ request: BackendRequest, at now: Instant) {}
    var deadline: Instant { events.isEmpty ? .never : .zero }
    func turnEnded(at now: Instant) {}

    func perform(_ writes: UnsafeBufferPointer<DeviceWrite>, at now: Instant) {
        for write in writes {
            words.append("\(write.deviceIndex).\(write.feature) \(write.type.name) \(write.value)")
            if answers { owner?.answered(ticket: write.ticket, .done, at: now) }
        }
    }

    func report(at now: Instant) {
        let events = self.events
        self.events = []
        for event in events { owner?.happened(event, from: number, at: now) }
    }
}
