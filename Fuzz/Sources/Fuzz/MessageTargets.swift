// Messages of every version on both sides, as texts: what a session makes of them, and whether simdjson calls them JSON.

import COracles
import Host
import JSON

@testable import Buttplug
@testable import Router

extension FuzzTarget {
    static let messages: [FuzzTarget] = [
        // A line for each text of one client; the first byte: the version.
        FuzzTarget(name: "server-messages") { bytes in
            let (choice, rest) = bytes.chosen
            let version = SpecVersion(rawValue: choice % 5) ?? .v4
            var table = DeviceTable()
            for device in Fixtures.all { table.insert(device) }
            let view = DeviceView(table, denied: DeviceSet())
            var session = ServerSession()
            var batch = RequestBatch()
            if choice & 8 == 0 {
                _ = session.receive(Array(handshake(version).utf8).span.bytes, devices: table, limits: Limits().ofMessage, into: &batch)
            }
            for line in lines(rest) {
                let isReady = session.version != nil
                let quick = isReady && session.version == .v4 ? ServerSession.readOutputCommand(line.span.bytes) : nil
                let malformed = session.receive(line.span.bytes, devices: table, limits: Limits().ofMessage, into: &batch)
                if let quick {
                    guard malformed == nil, batch.requests.count == 1, case .output(quick) = batch.requests[0].body else {
                        fatalError("the quick reader reads what the other does not")
                    }
                }
                var buffer = MessageBuffer(capacity: 64)
                if let malformed {
                    must(batch.requests.count == 0, "something of a text that is refused runs")
                    ServerSession.error(malformed.id, malformed.failure, into: &buffer)
                } else {
                    isJSON(line)
                    answer(&session, batch, view, into: &buffer)
                }
                let written = texts(&buffer)
                for text in written {
                    must(oracle_json(text, text.count) == 1, "an answer that is not JSON: \(String(decoding: text, as: UTF8.self))")
                }
                if session.state == .ended { return }
            }
        },
        // A line for each text of a server; the first byte: the version that the client asks for.
        FuzzTarget(name: "client-messages") { bytes in
            let (choice, rest) = bytes.chosen
            var session = ClientSession(clientName: "App")
            var batch = ServerEventBatch()
            var buffer = MessageBuffer(capacity: 64)
            let version: SpecVersion = choice & 1 == 0 ? .v4 : .v3
            _ = session.greet(version, into: &buffer)
            if choice & 2 == 0 { session.receive(Array(serverInfo(version).utf8).span.bytes, into: &batch) }
            for line in lines(rest) {
                session.receive(line.span.bytes, into: &batch)
                let events = batch.events.indices.map { batch.events[$0] }
                if !events.contains(where: { if case .malformed = $0 { true } else { false } }), session.version != nil { isJSON(line) }
                check(session)
                for device in session.devices.prefix(3) {
                    for feature in device.description.features.prefix(3) {
                        for output in feature.outputs.prefix(2) {
                            _ = session.output(device: device.index, feature: feature.index, type: output.type, value: 1, into: &buffer)
                        }
                        for input in feature.inputs.prefix(2) {
                            _ = session.read(device: device.index, feature: feature.index, type: input.type, into: &buffer)
                            _ = session.subscribe(device: device.index, feature: feature.index, type: input.type, into: &buffer)
                        }
                    }
                }
                for text in texts(&buffer) {
                    must(oracle_json(text, text.count) == 1, "a request that is not JSON: \(String(decoding: text, as: UTF8.self))")
                }
            }
        },
        // The same through the link to an upstream; between the lines time passes, writes and reads go out, and the link is lost.
        FuzzTarget(name: "upstream") { bytes in
            let (choice, rest) = bytes.chosen
            var core = UpstreamCore(.webSocket(host: "there", port: 1, path: "/"), dialsOut: choice & 1 == 1, UpstreamSettings())
            var now = Instant(nanoseconds: 1_000_000_000)
            var present: Set<BackendDevice> = []
            var ticket: UInt32 = 0
            var open: Set<UInt32> = []
            func collect(_ core: inout UpstreamCore) {
                for text in texts(&core.out.messages) { must(oracle_json(text, text.count) == 1, "a request that is not JSON") }
                for index in core.out.answers.indices {
                    must(open.remove(core.out.answers[index].ticket) != nil, "a write was answered twice, or never made")
                }
                core.out.answers.removeAll()
                for event in core.out.events {
                    switch event {
                    case .appeared(let device, _): must(present.insert(device).inserted, "a device appeared twice")
                    case .disappeared(let device): must(present.remove(device) != nil, "a device went that was not there")
                    case .reading(let device, _, _, _): must(present.contains(device), "a reading of a device that is not there")
                    default: break
                    }
                }
                core.out.events = []
                core.out.transitions = []
            }
            for line in lines(rest) {
                if core.out.wantsDial || core.phase == .expecting {
                    core.out.wantsDial = false
                    core.opened(at: now)
                }
                switch line.first {
                case UInt8(ascii: "t"):
                    now = now + .milliseconds(Int64(line.count) * 100)
                    var steps = 0
                    while core.deadline <= now, steps < 1_000 {
                        core.deadlinePassed(at: now)
                        collect(&core)
                        if core.out.wantsDial { break }
                        steps += 1
                    }
                    must(steps < 1_000, "the upstream asks for time again and again")
                case UInt8(ascii: "w"):
                    for device in present.sorted().prefix(2) {
                        ticket += 1
                        open.insert(ticket)
                        let target = DeviceTarget(backend: 0, device: device, deviceIndex: 0, feature: UInt32(line.count % 3))
                        core.perform(DeviceWrite(to: target, type: .vibrate, value: 1, duration: 0, ticket: ticket, session: 0), at: now)
                    }
                case UInt8(ascii: "r"):
                    for device in present.sorted().prefix(2) {
                        ticket += 1
                        core.handle(.read(device: device, feature: UInt32(line.count % 3), type: .battery, request: ticket), at: now)
                        core.handle(.subscribe(device: device, feature: UInt32(line.count % 3), type: .battery, request: ticket), at: now)
                    }
                case UInt8(ascii: "s"): core.handle(line.count & 1 == 0 ? .startScanning : .stopScanning, at: now)
                case UInt8(ascii: "!"): core.handle(.stopOutputs, at: now)
                case UInt8(ascii: "x"): core.lost(.peerVanished, at: now)
                default: core.receive(line.span.bytes, at: now)
                }
                collect(&core)
                if core.out.close != nil {
                    core.out.close = nil
                }
            }
        },
    ]

    /// The texts of an input: its lines that are UTF-8, as a link gives nothing else.
    static func lines(_ bytes: [UInt8]) -> [[UInt8]] {
        bytes.split(separator: 0x0A).prefix(64).map { Array($0) }.filter { $0.isUTF8 }
    }

    /// What was taken must be JSON, if simdjson can say; texts may be back to back. Half of a surrogate pair, which RFC 8259 allows and
    /// simdjson does not, becomes U+FFFD here; and whole numbers may be long.
    static func isJSON(_ text: [UInt8]) {
        if hasLongNumber(text) || String(decoding: text, as: UTF8.self).lowercased().contains("\\ud") { return }
        if oracle_json(text, text.count) == 0 {
            must(oracle_json_texts(text, text.count) != 0, "taken, and no JSON: \(String(decoding: text, as: UTF8.self))")
        }
    }

    static func texts(_ buffer: inout MessageBuffer) -> [[UInt8]] {
        let run = buffer.run(0, buffer.count)
        var texts: [[UInt8]] = []
        run.forEach { _, payload, length in texts.append(Array(run.bytes[payload..<payload + length])) }
        buffer.reset()
        return texts
    }

    static func handshake(_ version: SpecVersion) -> String {
        switch version {
        case .v0: #"[{"RequestServerInfo":{"Id":1,"ClientName":"App"}}]"#
        case .v1, .v2, .v3: #"[{"RequestServerInfo":{"Id":1,"ClientName":"App","MessageVersion":\#(version.rawValue)}}]"#
        case .v4: #"[{"RequestServerInfo":{"Id":1,"ClientName":"App","ProtocolVersionMajor":4,"ProtocolVersionMinor":0}}]"#
        }
    }

    private static func serverInfo(_ version: SpecVersion) -> String {
        version == .v3
            ? #"[{"ServerInfo":{"Id":1,"ServerName":"S","MessageVersion":3,"MaxPingTime":0}}]"#
            : #"[{"ServerInfo":{"Id":1,"ServerName":"S","MaxPingTime":0,"ProtocolVersionMajor":4,"ProtocolVersionMinor":0}}]"#
    }

    private static func answer(
        _ session: inout ServerSession, _ batch: borrowing RequestBatch, _ view: DeviceView, into buffer: inout MessageBuffer
    ) {
        for index in 0..<batch.requests.count {
            let request = batch.requests[index]
            switch request.body {
            case .failed(let failure): ServerSession.error(request.id, failure, into: &buffer)
            case .deviceList: session.deviceList(request.id, devices: view, into: &buffer)
            case .handshake: session.serverInfo(request.id, serverName: "S", maxPingTime: 0, devices: view, into: &buffer)
            case .test(let text): ServerSession.test(request.id, text: batch.texts[text], into: &buffer)
            case .input(let device, let feature, let type, _, let form):
                let reading = SensorReading(device: device, feature: feature, type: type, values: [1])
                ServerSession.reading(request.id, reading, form: form, into: &buffer)
            case .outputs(let range): must(range.upperBound <= batch.parts.count, "parts that are not there")
            default: ServerSession.ok(request.id, into: &buffer)
            }
        }
    }

    private static func check(_ session: borrowing ClientSession) {
        let devices = session.devices
        must(zip(devices, devices.dropFirst()).allSatisfy { $0.index < $1.index }, "devices out of order")
        for device in devices {
            for feature in device.description.features {
                must(feature.outputs.allSatisfy { $0.steps > 0 }, "an output without steps")
                must(!(feature.outputs.isEmpty && feature.inputs.isEmpty), "a feature without anything")
            }
        }
    }
}
