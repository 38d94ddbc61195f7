// A world for a whole server: virtual time, a client that writes JSON by hand, a journal and a log in memory.
// Must not know what is tested.

import ButtplugServer
import Devices
import Host
import Logging
import Router
import SimHost

/// A client that sends texts and keeps the answers.
final class TextClient: SimPeer {
    private(set) var received: [String] = []
    private(set) var end: CloseReason?
    private(set) var endedAt: Instant?
    private var link: SimLink?
    private let host: SimHost

    init(_ host: SimHost, _ server: ButtplugServer, name: String = "client", version: Int = 4) {
        self.host = host
        link = host.connect(self, to: server.owner)
        host.run(for: .milliseconds(50))
        let body =
            version == 4 ? "\"ProtocolVersionMajor\":4,\"ProtocolVersionMinor\":0" : "\"MessageVersion\":\(version)"
        send("[{\"RequestServerInfo\":{\"Id\":1,\"ClientName\":\"\(name)\",\(body)}}]")
    }

    /// Sends a text and lets it arrive and be answered.
    func send(_ text: String) {
        link?.transmit(Array(text.utf8))
        host.run(for: .milliseconds(50))
    }

    func scan() {
        send("[{\"StartScanning\":{\"Id\":2}}]")
        host.run(for: .milliseconds(200))
    }

    func vibrate(_ value: Int, device: Int = 0, id: Int = 9) {
        send("[{\"OutputCmd\":{\"Id\":\(id),\"DeviceIndex\":\(device),\"FeatureIndex\":0,\"Command\":{\"Vibrate\":{\"Value\":\(value)}}}}]")
    }

    func finish() {
        link?.finish()
        host.run(for: .milliseconds(50))
    }

    func drop() { link?.drop() }

    func opened(at now: Instant) {}

    func received(_ message: RawSpan, at now: Instant) {
        received.append(message.withUnsafeBytes { String(decoding: $0, as: UTF8.self) })
    }

    func closed(_ reason: CloseReason, at now: Instant) {
        end = reason
        endedAt = now
    }
}

/// A server that opens its connection itself, as `--websocket-client-address` makes Intiface Engine do.
final class DiallingServer: DialOwner {
    private(set) var failures: [DialFailure] = []
    private(set) var end: CloseReason?
    private let server: any LinkOwner
    private let host: SimHost

    init(_ server: ButtplugServer, _ host: SimHost) {
        self.server = server.owner
        self.host = host
    }

    func dial(_ endpoint: Endpoint) { host.dial(endpoint, timeout: .seconds(5), for: self) }

    /// Breaks the connections to `endpoint`.
    func leave(_ endpoint: Endpoint) { host.resetConnections(to: endpoint) }

    func dialFailed(_ failure: DialFailure, at now: Instant) { failures.append(failure) }
    func refusal(of peer: Peer) -> CloseReason? { nil }
    func opened(_ link: any Link, from peer: Peer, at now: Instant) -> LinkID { server.opened(link, from: peer, at: now) }
    func received(_ text: RawSpan, from id: LinkID, at now: Instant) { server.received(text, from: id, at: now) }
    func congested(_ id: LinkID) { server.congested(id) }
    func drained(_ id: LinkID, at now: Instant) { server.drained(id, at: now) }
    func closed(_ id: LinkID, _ reason: CloseReason, at now: Instant) {
        end = reason
        server.closed(id, reason, at: now)
    }
}

/// A server with one device without features; the device gets another name on request.
final class FickleServer: LinkOwner, TurnOwner {
    private var link: (any Link)?
    private var name = "?"
    private var buffer = MessageBuffer()
    private var generation: UInt32 = 0

    init(_ host: SimHost, at endpoint: Endpoint) throws {
        _ = host.attach(self)
        host.listen(at: endpoint, owner: self)
    }

    func show(_ name: String) {
        self.name = name
        if link != nil { list(0) }
    }

    private func list(_ id: Int) {
        say(
            """
            {"DeviceList":{"Id":\(id),"Devices":{"0":{"DeviceIndex":0,"DeviceName":"\(name)","DeviceMessageTimingGap":0,"DeviceFeatures":{}}}}}
            """)
    }

    private func say(_ message: String) {
        let bytes = Array("[\(message)]".utf8)
        let start = buffer.begin()
        bytes.withUnsafeBytes { buffer.room($0.count).copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
        buffer.advance(bytes.count)
        buffer.end(start)
    }

    func refusal(of peer: Peer) -> CloseReason? { nil }
    func opened(_ link: any Link, from peer: Peer, at now: Instant) -> LinkID {
        self.link = link
        generation += 1
        return LinkID(slot: 0, generation: generation)
    }
    func received(_ text: RawSpan, from id: LinkID, at now: Instant) {
        let text = text.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        for match in text.matches(of: /"(\w+)":\{"Id":(\d+)/) {
            let number = Int(match.2) ?? 0
            switch match.1 {
            case "RequestServerInfo":
                say(
                    """
                    {"ServerInfo":{"Id":\(number),"ServerName":"Fickle","ProtocolVersionMajor":4,"ProtocolVersionMinor":0,"MaxPingTime":0}}
                    """)
            case "RequestDeviceList": list(number)
            default: say("{\"Ok\":{\"Id\":\(number)}}")
            }
        }
    }
    func congested(_ id: LinkID) {}
    func drained(_ id: LinkID, at now: Instant) {}
    func closed(_ id: LinkID, _ reason: CloseReason, at now: Instant) { link = nil }
    func turnEnded(at now: Instant) {
        guard buffer.count > 0, let link else { return }
        withUnsafePointer(to: buffer.run(0, buffer.count)) { link.send(UnsafeBufferPointer(start: $0, count: 1)) }
        buffer.reset()
    }
    func deadlinePassed(at now: Instant) {}
}

/// A journal in memory.
final class Journal: JournalSink {
    private(set) var lines: [String] = []

    func write(_ bytes: UnsafeRawBufferPointer) {
        lines += String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// The values written to feature 0 of a device since the journal had `start` lines.
    func values(of device: Int = 0, from start: Int = 0) -> [Int] {
        lines[start...].compactMap { line in
            guard line.contains("\"device\":\(device),"), line.contains("\"output\":\"Vibrate\"") else { return nil }
            return line.firstMatch(of: /"value":(-?\d+)/).flatMap { Int($0.1) }
        }
    }
}

/// A log in memory.
final class LogMemory: @unchecked Sendable {
    private(set) var lines: [String] = []

    /// Level, event and facts in alphabetical order, the listener's left out.
    func logger(_ level: Logger.Level = .info) -> Logger {
        var logger = Logger(label: "test") { _ in Handler(memory: self) }
        logger.logLevel = level
        return logger
    }

    private struct Handler: LogHandler {
        let memory: LogMemory
        var logLevel = Logger.Level.info
        var metadata = Logger.Metadata()

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let facts = (event.metadata ?? [:]).filter { $0.key != "listener" && $0.key != "address" }.sorted { $0.key < $1.key }
            memory.lines.append("\(event.level) \(event.message)" + facts.map { " \($0.key)=\($0.value)" }.joined())
        }
    }
}

/// A server with simulated devices from the start, its journal, its log and its world.
struct World {
    let host = SimHost()
    let journal = Journal()
    let log = LogMemory()
    let server: ButtplugServer

    init(_ devices: String = "plug", state: RouterState = RouterState(), _ change: (inout ServerConfiguration) -> Void = { _ in }) throws {
        var configuration = ServerConfiguration()
        configuration.devices = try SimulatedDeviceSpec.list(devices)
        configuration.deviceOptions.presentAtStart = true
        change(&configuration)
        server = ButtplugServer(configuration, state: state, on: host, journal: journal, logger: log.logger())
        host.run(for: .milliseconds(10))
    }
}
