// An app of the hardware simulation: drives one vibrating output of every device that there is, with plain messages of version 4.
// Must not know which devices the router has, but by its list.

import Host
import JSON
import SimHost

/// One app. Of each device it drives the output of its own number; no other app drives that one.
final class HardwareApp: SimPeer {
    /// A device of the list.
    struct Entry {
        var index: Int
        /// The feature that this app drives, and its highest value.
        var feature: Int
        var most: Int
        /// A feature with a battery.
        var battery: Int?
    }

    unowned let host: SimHost
    /// nil: nobody listens.
    var owner: (any LinkOwner)?
    /// Which vibrating output of a device it drives: 0 is the first.
    let place: Int
    private let monitor: HardwareMonitor
    /// The device that has an index.
    private let identity: (Int) -> String?
    private let note: (String) -> Void
    private var link: SimLink?
    private var lastID = 0
    private(set) var devices: [Entry] = []
    private(set) var isUp = false
    /// Requests that have no answer.
    private(set) var open: Set<Int> = []

    init(
        _ place: Int, on host: SimHost, _ monitor: HardwareMonitor, identity: @escaping (Int) -> String?, note: @escaping (String) -> Void
    ) {
        (self.place, self.host, self.monitor, self.identity, self.note) = (place, host, monitor, identity, note)
    }

    func connect() {
        guard link == nil, let owner else { return }
        link = host.connect(self, to: owner)
    }

    /// Leaves without a word, or in good order.
    func leave(inGoodOrder: Bool) {
        if inGoodOrder { link?.finish() } else { link?.drop() }
        forget()
    }

    private func forget() {
        if link != nil { monitor.ends(place, "its app is gone", at: host.now) }
        link = nil
        isUp = false
        open = []
        devices = []
    }

    func opened(at now: Instant) {
        send("RequestServerInfo", "\"ClientName\":\"app \(place)\",\"ProtocolVersionMajor\":4,\"ProtocolVersionMinor\":0")
    }

    func closed(_ reason: CloseReason, at now: Instant) {
        note("app \(place) closed \(reason.rawValue)")
        forget()
    }

    func received(_ message: RawSpan, at now: Instant) {
        guard let tree = message.withUnsafeBytes({ JSONTree($0) }) else { return }
        for element in tree.elements {
            for member in element.members { take(member.key, member.value) }
        }
    }

    private func take(_ name: String, _ body: JSONTree) {
        if let id = body["Id"]?.integer(Int.self) { open.remove(id) }
        switch name {
        case "ServerInfo":
            isUp = true
            send("RequestDeviceList", "")
        case "DeviceList": devices = (body["Devices"]?.members ?? []).compactMap { entry($0.value) }.sorted { $0.index < $1.index }
        case "InputReading":
            let percent = body["Reading"]?["Battery"]?["Value"]?.integer(Int.self)
            monitor.expect(.answers, percent.map { (0...100).contains($0) } ?? true, "a battery has \(percent ?? -1) %")
        default: break
        }
    }

    private func send(_ name: String, _ fields: String) {
        lastID += 1
        open.insert(lastID)
        let more = fields.isEmpty ? "" : ",\(fields)"
        link?.transmit(Array("[{\"\(name)\":{\"Id\":\(lastID)\(more)}}]".utf8))
    }

    private func entry(_ device: JSONTree) -> Entry? {
        guard let index = device["DeviceIndex"]?.integer(Int.self) else { return nil }
        let features = device["DeviceFeatures"]?.members.map(\.value) ?? []
        func number(_ feature: JSONTree) -> Int { feature["FeatureIndex"]?.integer(Int.self) ?? 0 }
        let vibrating = features.filter { $0["Output"]?["Vibrate"] != nil }.sorted { number($0) < number($1) }
        guard vibrating.indices.contains(place) else { return nil }
        let range = vibrating[place]["Output"]?["Vibrate"]?["Value"]?.elements.compactMap { $0.integer(Int.self) } ?? []
        let battery = features.first { $0["Input"]?["Battery"] != nil }.map(number)
        return Entry(index: index, feature: number(vibrating[place]), most: range.last ?? 0, battery: battery)
    }

    func vibrate(_ device: Entry, _ value: Int) {
        guard isUp, let identity = identity(device.index) else { return }
        monitor.wants(identity, place, value, at: host.now)
        send(
            "OutputCmd", "\"DeviceIndex\":\(device.index),\"FeatureIndex\":\(device.feature),\"Command\":{\"Vibrate\":{\"Value\":\(value)}}"
        )
    }

    func stop() {
        guard isUp else { return }
        monitor.ends(place, "its app has stopped", at: host.now)
        send("StopCmd", "")
    }

    func scan() { if isUp { send("StartScanning", "") } }

    func askBattery(of device: Entry) {
        guard isUp, let battery = device.battery else { return }
        send("InputCmd", "\"DeviceIndex\":\(device.index),\"FeatureIndex\":\(battery),\"Type\":\"Battery\",\"Command\":\"Read\"")
    }
}
