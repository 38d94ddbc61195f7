// A router in virtual time with named sessions that send JSON. It collects the writes to devices and the answers.
// Must not know arbitration; tests compare what it has collected.

import Buttplug
import Foundation
import Host
import Router

/// A message that a session got.
struct Received: CustomStringConvertible {
    var at: Instant
    var to: String
    var name: String
    var id: Int
    var code: Int?
    var text: String
    var raw: String
    var description: String { "\(to) <- \(raw)" }
}

/// A session of the test, on the client's side.
final class TestSession {
    let name: String
    let link = MemoryLink()
    fileprivate(set) var id = LinkID(slot: 0, generation: 0)
    init(_ name: String) { self.name = name }
}

final class TestRouter: RouterObserver {
    let host = TestHost()
    let backends: [ScriptedBackend]
    let runner: RouterRunner
    private(set) var sessions: [String: TestSession] = [:]
    private(set) var received: [Received] = []
    private(set) var closes: [(at: Instant, session: String, reason: CloseReason)] = []
    private(set) var events: [(at: Instant, event: RouterEvent)] = []
    private var nextID = 1
    let start: Instant

    var backend: ScriptedBackend { backends[0] }
    /// Milliseconds since the test's beginning.
    var milliseconds: Int { Int((host.now - start).milliseconds) }

    init(
        _ settings: RouterSettings = RouterSettings(), state: RouterState = RouterState(), backends count: Int = 1,
        foreign: Int? = nil, journal: DeviceJournal? = nil
    ) {
        backends = (0..<count).map { ScriptedBackend(isArbitratedHere: $0 != foreign) }
        start = host.now
        runner = RouterRunner(settings, state: state, backends: backends, host: host, journal: journal)
        runner.add(self)
        host.turn()
    }

    func happened(_ event: RouterEvent, at now: Instant) { events.append((now, event)) }

    /// Removes everything that was collected.
    func forget() {
        received.removeAll()
        closes.removeAll()
        events.removeAll()
        for backend in backends { backend.forget() }
    }

    // MARK: Time

    func advance(_ milliseconds: Int) { host.advance(by: .milliseconds(Int64(milliseconds))) }

    func advance(to milliseconds: Int) { host.advance(to: start + .milliseconds(Int64(milliseconds))) }

    // MARK: Devices

    func appear(_ device: BackendDevice, _ description: DeviceDescription, backend: Int = 0) {
        runner.happened(.appeared(device, description), from: BackendNumber(backend), at: host.now)
        host.turn()
    }

    func vanish(_ device: BackendDevice, backend: Int = 0) {
        backends[backend].lose(device)
        runner.happened(.disappeared(device), from: BackendNumber(backend), at: host.now)
        host.turn()
    }

    func happen(_ event: BackendEvent, backend: Int = 0) {
        runner.happened(event, from: BackendNumber(backend), at: host.now)
        host.turn()
    }

    // MARK: Sessions

    /// Connects without a handshake.
    @discardableResult
    func connect(_ name: String, from peer: Peer = Peer(address: "127.0.0.1", listener: "ws://127.0.0.1:12345")) -> TestSession {
        let session = TestSession(name)
        session.link.onText = { [unowned self] in receive($0, name) }
        session.link.onClose = { [unowned self] in closes.append((host.now, name, $0)) }
        session.id = runner.opened(session.link, from: peer, at: host.now)
        sessions[name] = session
        return session
    }

    /// Connects and does the handshake in version `version`. The name is the client's name too.
    @discardableResult
    func open(
        _ name: String, version: Int = 4, from peer: Peer = Peer(address: "127.0.0.1", listener: "ws://127.0.0.1:12345")
    ) -> TestSession {
        let session = connect(name, from: peer)
        send(name, handshake(name, version))
        received.removeAll { $0.to == name && $0.name == "ServerInfo" }
        return session
    }

    func handshake(_ name: String, _ version: Int, id: Int = 1) -> String {
        switch version {
        case 4:
            #"[{"RequestServerInfo":{"Id":\#(id),"ClientName":"\#(name)","ProtocolVersionMajor":4,"ProtocolVersionMinor":0}}]"#
        case 0: #"[{"RequestServerInfo":{"Id":\#(id),"ClientName":"\#(name)"}}]"#
        default: #"[{"RequestServerInfo":{"Id":\#(id),"ClientName":"\#(name)","MessageVersion":\#(version)}}]"#
        }
    }

    /// Sends a text without ending the turn.
    func post(_ name: String, _ text: String) {
        guard let session = sessions[name] else { preconditionFailure("no session \(name)") }
        let bytes = Array(text.utf8)
        runner.received(bytes.span.bytes, from: session.id, at: host.now)
    }

    /// Sends a text, in a turn of its own.
    func send(_ name: String, _ text: String) {
        post(name, text)
        host.turn()
    }

    /// The client disconnects.
    func close(_ name: String, _ reason: CloseReason = .peerClosed) {
        guard let session = sessions[name] else { preconditionFailure("no session \(name)") }
        runner.closed(session.id, reason, at: host.now)
        host.turn()
    }

    func id(_ name: String) -> LinkID { sessions[name]!.id }

    /// An `OutputCmd` as text.
    static func output(_ id: Int, _ device: Int, _ feature: Int, _ type: String, _ value: Int, duration: Int? = nil) -> String {
        let more = duration.map { #","Duration":\#($0)"# } ?? ""
        return
            #"[{"OutputCmd":{"Id":\#(id),"DeviceIndex":\#(device),"FeatureIndex":\#(feature),"Command":{"\#(type)":{"Value":\#(value)\#(more)}}}}]"#
    }

    /// Sends one output command in a turn of its own.
    func output(_ name: String, _ id: Int, _ device: Int, _ feature: Int, _ type: String, _ value: Int, duration: Int? = nil) {
        send(name, Self.output(id, device, feature, type, value, duration: duration))
    }

    /// An `InputCmd` in a turn of its own.
    func input(_ name: String, _ id: Int, _ device: Int, _ feature: Int, _ type: String, _ command: String) {
        send(
            name,
            #"[{"InputCmd":{"Id":\#(id),"DeviceIndex":\#(device),"FeatureIndex":\#(feature),"Type":"\#(type)","Command":"\#(command)"}}]"#)
    }

    private func receive(_ text: String, _ name: String) {
        guard let root = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: [String: Any]]], root.count == 1,
            let (message, fields) = root[0].first
        else { preconditionFailure("not one message: \(text)") }
        received.append(
            Received(
                at: host.now, to: name, name: message, id: fields["Id"] as? Int ?? -1, code: fields["ErrorCode"] as? Int,
                text: fields["ErrorMessage"] as? String ?? "", raw: text))
    }

    // MARK: What has happened

    /// Takes the messages of one session, as short words: "Ok 3", "Error 4 3" (code, id), "DeviceList 0".
    func taken(_ name: String) -> [String] {
        let mine = received.filter { $0.to == name }
        received.removeAll { $0.to == name }
        return mine.map { message in message.code.map { "Error \($0) \(message.id)" } ?? "\(message.name) \(message.id)" }
    }

    /// Takes the last text of one session that is an error.
    func lastError(_ name: String) -> String { received.last { $0.to == name && $0.code != nil }?.text ?? "" }

    /// Takes the device writes: "0.1 Vibrate 40" (device.feature type value).
    func takenWrites(backend: Int = 0) -> [String] {
        let words = backends[backend].writes.map { "\($0.write.deviceIndex).\($0.write.feature) \($0.write.type.name) \($0.write.value)" }
        backends[backend].forget()
        return words
    }

    /// Takes the device requests as short words: "subscribe 0.0", "stop outputs".
    func takenRequests(backend: Int = 0) -> [String] {
        let words = backends[backend].requests.map { Self.word($0.request) }
        backends[backend].forget()
        return words
    }

    static func word(_ request: BackendRequest) -> String {
        switch request {
        case .startScanning: "start scanning"
        case .stopScanning: "stop scanning"
        case .read(let device, let feature, let type, _): "read \(device).\(feature) \(type.name)"
        case .subscribe(let device, let feature, let type, _): "subscribe \(device).\(feature) \(type.name)"
        case .unsubscribe(let device, let feature, let type, _): "unsubscribe \(device).\(feature) \(type.name)"
        case .stopOutputs: "stop outputs"
        case .cutOff(let device): "cut off \(device)"
        case .foreign(.order(let order)): "order \(order.session): \(order.device).\(order.feature) \(order.type.name) \(order.value)"
        case .foreign(.stop(let session, let device, let feature)):
            "stop \(session): \(device.map(String.init) ?? "all").\(feature.map(String.init) ?? "all")"
        case .foreign(.rightsChanged(let session)): "rights \(session)"
        case .foreign(.sessionEnded(let session)): "ended \(session)"
        }
    }

    /// The numbers of the orders that were passed on to a backend, to answer them with.
    func orders(backend: Int = 0) -> [UInt32] {
        backends[backend].requests.compactMap { if case .foreign(.order(let order)) = $0.request { order.request } else { nil } }
    }

    /// The number of the last request of its kind, to answer it with.
    func lastRequest(backend: Int = 0) -> UInt32 {
        for (_, request) in backends[backend].requests.reversed() {
            switch request {
            case .read(_, _, _, let number), .subscribe(_, _, _, let number), .unsubscribe(_, _, _, let number): return number
            default: continue
            }
        }
        return 0
    }
}
