// An upstream's core and a scripted server, for tests of the messages and their times.
// Must not know hosts; time is a number here.

import Buttplug
import Host

@testable import Router

/// An upstream core with a scripted server: `said` has the core's messages, and `receive` takes the server's.
struct Conversation: ~Copyable {
    var core: UpstreamCore
    var now = Instant(nanoseconds: 1_000_000_000)
    /// The events that the router got.
    var answers: [String] = []
    var events: [BackendEvent] = []
    var transitions: [UpstreamEvent] = []

    static let plug = """
        "%":{"DeviceIndex":%,"DeviceName":"Plug %","DeviceMessageTimingGap":0,"DeviceFeatures":{"0":{"FeatureIndex":0,\
        "FeatureDescription":"","Output":{"Vibrate":{"Value":[0,20]}},"Input":{"Battery":{"Value":[[0,100]],"Command":["Read","Subscribe"]}}}}}
        """

    init(dialsOut: Bool = false, _ settings: UpstreamSettings = UpstreamSettings()) {
        core = UpstreamCore(.webSocket(host: "there", port: 1, path: "/"), dialsOut: dialsOut, settings)
    }

    /// The core's messages since the last call, without brackets.
    mutating func said() -> [String] {
        let run = core.out.messages.run(0, core.out.messages.count)
        var texts: [String] = []
        run.forEach { _, payload, length in
            texts.append(String(decoding: UnsafeRawBufferPointer(rebasing: run.bytes[payload..<payload + length]), as: UTF8.self))
        }
        core.out.messages.reset()
        return texts
    }

    mutating func receive(_ text: String) {
        let bytes = Array(text.utf8)
        core.receive(bytes.span.bytes, at: now)
        collect()
    }

    mutating func collect() {
        for index in core.out.answers.indices { answers.append("\(core.out.answers[index].ticket) \(core.out.answers[index].outcome)") }
        core.out.answers.removeAll()
        events += core.out.events
        core.out.events = []
        transitions += core.out.transitions
        core.out.transitions = []
    }

    mutating func forget() {
        answers = []
        events = []
        transitions = []
    }

    mutating func advance(_ interval: Interval) {
        let end = now + interval
        while core.deadline <= end {
            now = max(now, core.deadline)
            core.deadlinePassed(at: now)
        }
        now = end
        collect()
    }

    static func devices(_ indices: [Int]) -> String {
        indices.map { plug.replacing("%", with: "\($0)") }.joined(separator: ",")
    }

    mutating func push(_ indices: Int...) { receive("[{\"DeviceList\":{\"Id\":0,\"Devices\":{\(Self.devices(indices))}}}]") }

    /// Connects, does the handshake and lists the devices.
    mutating func connect(_ indices: Int..., maxPingTime: Int = 0) {
        advance(.zero)
        core.out.wantsDial = false
        core.opened(at: now)
        _ = said()
        receive(
            """
            [{"ServerInfo":{"Id":1,"ServerName":"There","ProtocolVersionMajor":4,"ProtocolVersionMinor":0,"MaxPingTime":\(maxPingTime)}}]
            """)
        _ = said()
        receive("[{\"DeviceList\":{\"Id\":2,\"Devices\":{\(Self.devices(indices))}}}]")
        forget()
    }

    mutating func write(_ value: Int32, _ type: OutputType = .vibrate, device: BackendDevice = 0, ticket: UInt32) {
        core.perform(
            DeviceWrite(
                to: DeviceTarget(backend: 0, device: device, deviceIndex: 0, feature: 0), type: type, value: value, duration: 0,
                ticket: ticket,
                session: 0), at: now)
        collect()
    }

    static let serverInfo = """
        [{"ServerInfo":{"Id":1,"ServerName":"There","ProtocolVersionMajor":4,"ProtocolVersionMinor":0,"MaxPingTime":0}}]
        """

    /// Lets time pass until the core connects; returns how long that took, or nil when it does not within a minute.
    mutating func untilDial() -> Interval? {
        let start = now
        while !core.out.wantsDial {
            guard core.deadline <= start + .seconds(60) else { return nil }
            now = max(now, core.deadline)
            core.deadlinePassed(at: now)
        }
        core.out.wantsDial = false
        core.out.close = nil
        collect()
        return now - start
    }

    /// A list with these names, by index; "Name|Shown" has a display name.
    mutating func push(named names: [Int: String], id: Int = 0) {
        let devices = names.sorted { $0.key < $1.key }.map { index, name in
            let parts = name.split(separator: "|")
            let shown = parts.count > 1 ? "\"DeviceDisplayName\":\"\(parts[1])\"," : ""
            return "\"\(index)\":{\"DeviceIndex\":\(index),\"DeviceName\":\"\(parts[0])\",\(shown)\"DeviceMessageTimingGap\":100,"
                + "\"DeviceFeatures\":{}}"
        }
        receive("[{\"DeviceList\":{\"Id\":\(id),\"Devices\":{\(devices.joined(separator: ","))}}}]")
    }

    /// The connection is lost; the next one has these devices. Returns what came, as "handle name".
    mutating func reconnect(named names: [Int: String]) -> [String] {
        core.lost(.peerVanished, at: now)
        _ = untilDial()
        core.opened(at: now)
        receive(Self.serverInfo)
        _ = said()
        forget()
        push(named: names, id: 2)
        return came
    }

    /// The devices that have come, as "handle identity".
    var came: [String] {
        events.compactMap { if case .appeared(let handle, let what) = $0 { "\(handle) \(what.identity.dropFirst(22))" } else { nil } }
    }
}
