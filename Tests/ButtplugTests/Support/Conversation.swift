// One client's conversation for tests: texts in, one line per request out.
// Must not decide anything; it shows what the session read in a text, and the bytes of its answer.

import Host

@testable import Buttplug

struct Conversation: ~Copyable {
    var session = ServerSession()
    var table = DeviceTable()
    var denied = DeviceSet()
    var limits = Limits()
    var batch = RequestBatch()

    /// A conversation after its handshake in `version`, with the devices of the fixtures.
    init(_ version: SpecVersion? = nil, devices: [DeviceInfo] = Fixtures.all) {
        for device in devices { table.insert(device) }
        guard let version else { return }
        _ = receive(Self.handshake(version))
        _ = say { $0.serverInfo(1, serverName: "S", maxPingTime: 0, devices: $1, into: &$2) }
    }

    static func handshake(_ version: SpecVersion) -> String {
        switch version {
        case .v0: #"[{"RequestServerInfo":{"Id":1,"ClientName":"App"}}]"#
        case .v1, .v2, .v3: #"[{"RequestServerInfo":{"Id":1,"ClientName":"App","MessageVersion":\#(version.rawValue)}}]"#
        case .v4: #"[{"RequestServerInfo":{"Id":1,"ClientName":"App","ProtocolVersionMajor":4,"ProtocolVersionMinor":0}}]"#
        }
    }

    var view: DeviceView { DeviceView(table, denied: denied) }

    /// The OutputCmd that the session reads in a text; nil when it refuses the text, or reads something else or more.
    mutating func soleCommand(_ bytes: [UInt8]) -> OutputCommand? {
        guard session.receive(bytes.span.bytes, devices: table, limits: limits.ofMessage, into: &batch) == nil, batch.requests.count == 1,
            case .output(let command) = batch.requests[0].body
        else { return nil }
        return command
    }

    /// The session's reading of a text: a line per request, or the one error that answers it.
    mutating func receive(_ text: String) -> [String] { receive(Array(text.utf8)) }

    mutating func receive(_ bytes: [UInt8]) -> [String] {
        if let malformed = session.receive(bytes.span.bytes, devices: table, limits: limits.ofMessage, into: &batch) {
            let frames = Frames.written { ServerSession.error(malformed.id, malformed.failure, into: &$0) }
            return malformed.isFatal ? frames + ["closed"] : frames
        }
        return batch.requests.indices.map { describe(batch.requests[$0]) }
    }

    /// The frames the session writes.
    mutating func say(_ body: (inout ServerSession, DeviceView, inout MessageBuffer) -> Void) -> [String] {
        let view = view
        return Frames.written { body(&session, view, &$0) }
    }

    private func describe(_ request: Request) -> String {
        switch request.body {
        case .output(let command): "\(request.id) \(describe(command))"
        case .outputs(let parts): "\(request.id) " + parts.map { describe(batch.parts[$0]) }.joined(separator: " + ")
        case .input(let device, let feature, let type, let command, let form):
            "\(request.id) \(command) \(device).\(feature) \(type) \(form)"
        case .stop(let device, let feature, let inputs, let outputs):
            "\(request.id) stop \(device.map(String.init) ?? "-").\(feature.map(String.init) ?? "-")"
                + (inputs ? " inputs" : "") + (outputs ? " outputs" : "")
        case .test(let text): "\(request.id) test \(batch.texts[text])"
        case .failed(let failure):
            Frames.written { ServerSession.error(request.id, failure, into: &$0) }.joined()
        default: "\(request.id) \(request.body)"
        }
    }

    private func describe(_ command: OutputCommand) -> String {
        let index = "\(command.device).\(command.feature) \(command.type) \(command.value)"
        return command.type == .hwPositionWithDuration ? "\(index) in \(command.duration)" : index
    }
}

/// Frames as text.
enum Frames {
    /// What `body` writes, one string per message.
    static func written(_ body: (inout MessageBuffer) -> Void) -> [String] {
        var buffer = MessageBuffer(capacity: 64)
        body(&buffer)
        let run = buffer.run(0, buffer.count)
        var texts: [String] = []
        run.forEach { _, payload, length in
            texts.append(String(decoding: UnsafeRawBufferPointer(rebasing: run.bytes[payload..<payload + length]), as: UTF8.self))
        }
        return texts
    }
}

/// A small generator of reproducible numbers (SplitMix64).
struct Dice: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Changes, removes or adds one byte or two of a JSON text.
    mutating func spoil(_ bytes: inout [UInt8]) {
        let others = Array("0123456789-.,:{}[]\" eVIx\\".utf8)
        for _ in 0..<Int.random(in: 1...2, using: &self) {
            let index = Int.random(in: bytes.indices, using: &self)
            switch Int.random(in: 0..<3, using: &self) {
            case 0: bytes[index] = others.randomElement(using: &self)!
            case 1: bytes.remove(at: index)
            default: bytes.insert(others.randomElement(using: &self)!, at: index)
            }
        }
    }
}
