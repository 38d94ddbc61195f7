// A client's session for tests: requests and texts in, one line per event out; and a whole server as the other side.
// Must not decide anything; it shows what the session wrote and understood.

import Host

@testable import Buttplug

/// A client's conversation with a server that the test plays.
struct ClientConversation: ~Copyable {
    var session: ClientSession
    var batch = ServerEventBatch()

    static let infoV3 = #"[{"ServerInfo":{"Id":1,"ServerName":"S","MessageVersion":3,"MaxPingTime":0}}]"#
    static let infoV4 =
        #"[{"ServerInfo":{"Id":1,"ServerName":"S","MaxPingTime":0,"ProtocolVersionMajor":4,"ProtocolVersionMinor":0}}]"#

    /// A conversation after its handshake in `version`; its next id is 2.
    init(_ version: SpecVersion? = nil, limits: Limits = Limits(), firstID: UInt32 = 1) {
        session = ClientSession(clientName: "App", limits: limits, firstID: firstID)
        guard let version else { return }
        _ = say { $0.greet(version, into: &$1) }
        _ = receive(version == .v4 ? Self.infoV4 : Self.infoV3)
    }

    /// The frames the session writes.
    mutating func say(_ body: (inout ClientSession, inout MessageBuffer) -> UInt32?) -> [String] {
        Frames.written { _ = body(&session, &$0) }
    }

    /// The events that the session makes of a text.
    mutating func receive(_ text: String) -> [ServerEvent] { receive(Array(text.utf8)) }

    mutating func receive(_ bytes: [UInt8]) -> [ServerEvent] {
        session.receive(bytes.span.bytes, into: &batch)
        return batch.events.indices.map { batch.events[$0] }
    }
}

/// A real client and a real server: each reads what the other writes.
struct Dialogue: ~Copyable {
    var client = ClientConversation()
    var server: Conversation
    /// The commands that the server got, in order.
    var commands: [OutputCommand] = []
    /// All other requests to the server, as `Conversation` describes them.
    var requests: [String] = []

    init(devices: [DeviceInfo] = Fixtures.all) { server = Conversation(devices: devices) }

    /// A dialogue after its handshake in `version`.
    init(_ version: SpecVersion, devices: [DeviceInfo] = Fixtures.all) {
        self.init(devices: devices)
        _ = ask { $0.greet(version, into: &$1) }
    }

    /// The client sends something; returns what it gets as an answer.
    mutating func ask(_ body: (inout ClientSession, inout MessageBuffer) -> UInt32?) -> [ServerEvent] {
        var events: [ServerEvent] = []
        for text in client.say(body) {
            let lines = server.receive(text)
            if lines.contains(where: { $0.hasPrefix("[") }) || server.batch.requests.count == 0 {
                for line in lines where line != "closed" { events += client.receive(line) }
                continue
            }
            for i in server.batch.requests.indices {
                let request = server.batch.requests[i]
                note(request, lines[i])
                for frame in server.say({ Self.answer(request, &$0, $1, &$2) }) { events += client.receive(frame) }
            }
        }
        return events
    }

    /// The server sends its devices as they are now; returns what the client gets.
    mutating func push() -> [ServerEvent] {
        server.say { $0.deviceListChanged($1, into: &$2) }.flatMap { client.receive($0) }
    }

    private mutating func note(_ request: Request, _ line: String) {
        switch request.body {
        case .output(let command): commands.append(command)
        case .outputs(let range): commands += range.map { server.batch.parts[$0] }
        default: requests.append(line)
        }
    }

    private static func answer(
        _ request: Request, _ session: inout ServerSession, _ view: DeviceView, _ buffer: inout MessageBuffer
    ) {
        let id = request.id
        switch request.body {
        case .handshake: session.serverInfo(id, serverName: "Sérver \"S\"", maxPingTime: 1_001, devices: view, into: &buffer)
        case .deviceList: session.deviceList(id, devices: view, into: &buffer)
        case .output(let command):
            if let failure = view.table.failure(of: command) {
                ServerSession.error(id, failure, into: &buffer)
            } else {
                ServerSession.ok(id, into: &buffer)
            }
        case .input(let device, let feature, let type, let command, let form):
            if let failure = view.table.failure(ofInput: type, command, device: device, feature: feature) {
                ServerSession.error(id, failure, into: &buffer)
                return
            }
            if command != .read { ServerSession.ok(id, into: &buffer) }
            if command != .unsubscribe {
                ServerSession.reading(
                    command == .read ? id : 0, SensorReading(device: device, feature: feature, type: type, values: [-7]), form: form,
                    into: &buffer)
            }
        case .failed(let failure): ServerSession.error(id, failure, into: &buffer)
        default: ServerSession.ok(id, into: &buffer)
        }
    }
}
