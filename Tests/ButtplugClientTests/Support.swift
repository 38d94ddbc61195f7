// Worlds for a client: virtual time with an embedded server, and a server that sends exactly what a test wants.
// Must not know what is tested.

import ButtplugClient
import ButtplugServer
import Devices
import Host
import Router
import SimHost
import Synchronization

/// Virtual time, a server with simulated devices, and its clients.
struct ClientTestWorld {
    let host = SimHost()
    let world: SimWorld
    let server: EmbeddedServer

    init(_ devices: String = "rabbit", _ change: (inout ServerConfiguration) -> Void = { _ in }) throws {
        world = SimWorld(host)
        var configuration = ServerConfiguration()
        configuration.devices = try SimulatedDeviceSpec.list(devices)
        configuration.deviceOptions.presentAtStart = true
        change(&configuration)
        server = EmbeddedServer(configuration, on: world)
        host.run(for: .milliseconds(10))
    }

    /// Runs a task to its end, or for a minute of virtual time; nil when it does not end.
    func run<Result: Sendable>(for span: Interval = .seconds(60), _ body: @escaping @Sendable () async throws -> Result) throws -> Result? {
        let outcome = Outcome<Result>()
        world.run { outcome.set(await Self.catching(body)) }
        let end = host.now + span
        while outcome.get() == nil, host.turn(notAfter: end) {}
        return try outcome.get()?.get()
    }

    private static func catching<Result: Sendable>(_ body: @Sendable () async throws -> Result) async -> Swift.Result<Result, any Error> {
        do { return .success(try await body()) } catch { return .failure(error) }
    }
}

/// A value that is set later.
final class Outcome<Value: Sendable>: Sendable {
    private let value = Mutex<Result<Value, any Error>?>(nil)

    func set(_ result: Result<Value, any Error>) { value.withLock { $0 = result } }
    func get() -> Result<Value, any Error>? { value.withLock { $0 } }
}

/// A server that answers by a script: each text from the client is handed to `answer`, whose texts are sent back at the end of the turn.
final class ScriptedServer: LinkOwner, TurnOwner, EmbeddedEndpoint, @unchecked Sendable {
    /// The answers to a text; nil closes the connection.
    var answer: (String) -> [String]?
    private(set) var received: [String] = []
    private(set) var connections: UInt32 = 0
    private(set) var ends: [CloseReason] = []
    private var link: (any Link)?
    private var out: [String] = []
    private var closesNow = false
    private let host: SimHost
    private var alarm: (any Alarm)?

    init(_ host: SimHost, answer: @escaping (String) -> [String]?) {
        self.host = host
        self.answer = answer
        alarm = host.attach(self)
    }

    /// Answers the handshake and the list; everything else is left to `other`.
    static func greeting(
        _ text: String, maxPingTime: Int = 0, list: String = "{}", other: (String, Int) -> [String]? = { _, _ in [] }
    ) -> [String]? {
        let id = Self.id(text)
        if text.contains("RequestServerInfo") {
            return [
                """
                [{"ServerInfo":{"Id":\(id),"ServerName":"script","MaxPingTime":\(maxPingTime),"ProtocolVersionMajor":4,"ProtocolVersionMinor":0}}]
                """
            ]
        }
        if text.contains("RequestDeviceList") { return ["[{\"DeviceList\":{\"Id\":\(id),\"Devices\":\(list)}}]"] }
        return other(text, id)
    }

    static func id(_ text: String) -> Int { text.firstMatch(of: /"Id":(\d+)/).flatMap { Int($0.1) } ?? 0 }

    /// Sends a message without a request.
    func say(_ text: String) {
        out.append(text)
        alarm?.set(host.now)
    }

    /// Breaks the connection.
    func cut() {
        closesNow = true
        alarm?.set(host.now)
    }

    func owner(in world: any ClientWorld) -> (any LinkOwner)? { self }
    func refusal(of peer: Peer) -> CloseReason? { nil }

    func opened(_ link: any Link, from peer: Peer, at now: Instant) -> LinkID {
        connections += 1
        self.link = link
        return LinkID(slot: 0, generation: connections)
    }

    func received(_ text: RawSpan, from id: LinkID, at now: Instant) {
        let text = text.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        received.append(text)
        if let texts = answer(text) { out += texts } else { closesNow = true }
    }

    func congested(_ id: LinkID) {}
    func drained(_ id: LinkID, at now: Instant) {}

    func closed(_ id: LinkID, _ reason: CloseReason, at now: Instant) {
        ends.append(reason)
        link = nil
    }

    func deadlinePassed(at now: Instant) {}

    func turnEnded(at now: Instant) {
        if let link, !out.isEmpty {
            var buffer = MessageBuffer()
            for text in out {
                let start = buffer.begin()
                for byte in text.utf8 {
                    buffer.room(1).storeBytes(of: byte, as: UInt8.self)
                    buffer.advance(1)
                }
                buffer.end(start)
            }
            let run = buffer.run(0, buffer.count)
            withUnsafePointer(to: run) { link.send(UnsafeBufferPointer(start: $0, count: 1)) }
        }
        out.removeAll()
        if closesNow { link?.close(.kicked) }
        if closesNow { link = nil }
        closesNow = false
    }
}
