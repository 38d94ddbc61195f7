// An app of the hardware simulation: drives one output of every device that there is, with plain messages of version 4.
// Must not know which devices the router has.

import Host
import JSON
import SimHost

/// One app. It drives the vibrating features whose number is its own.
final class HardwareApp: SimPeer {
    unowned let host: SimHost
    private let owner: any LinkOwner
    /// The feature that it drives of every device; no other app drives that one.
    let feature: Int
    private let note: (String) -> Void
    private var link: SimLink?
    private var lastID = 0
    /// The devices that the list names, by identity of their name.
    private(set) var devices: [(index: Int, name: String)] = []
    private(set) var isUp = false
    /// What it told each device last.
    private(set) var told: [Int: Int] = [:]
    /// Requests that have no answer.
    private(set) var open: Set<Int> = []

    init(_ feature: Int, to owner: any LinkOwner, on host: SimHost, note: @escaping (String) -> Void) {
        self.host = host
        self.owner = owner
        self.feature = feature
        self.note = note
    }

    func connect() {
        guard link == nil else { return }
        link = host.connect(self, to: owner)
    }

    /// Leaves without a word, or in good order.
    func leave(inGoodOrder: Bool) {
        if inGoodOrder { link?.finish() } else { link?.drop() }
        forget()
    }

    private func forget() {
        link = nil
        isUp = false
        told = [:]
        open = []
        devices = []
    }

    func opened(at now: Instant) {
        send("RequestServerInfo", "\"ClientName\":\"app \(feature)\",\"ProtocolVersionMajor\":4,\"ProtocolVersionMinor\":0")
    }

    func closed(_ reason: CloseReason, at now: Instant) {
        note("app \(feature) closed \(reason.rawValue)")
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
        case "DeviceList":
            devices = (body["Devices"]?.members ?? []).compactMap { entry in
                entry.value["DeviceIndex"]?.integer(Int.self).map { (index: $0, name: entry.value["DeviceName"]?.string ?? "") }
            }.sorted { $0.index < $1.index }
            told = told.filter { told in devices.contains { $0.index == told.key } }
        default: break
        }
    }

    private func send(_ name: String, _ fields: String) {
        lastID += 1
        open.insert(lastID)
        let more = fields.isEmpty ? "" : ",\(fields)"
        link?.transmit(Array("[{\"\(name)\":{\"Id\":\(lastID)\(more)}}]".utf8))
    }

    func vibrate(_ device: Int, _ value: Int) {
        guard isUp else { return }
        told[device] = value
        send("OutputCmd", "\"DeviceIndex\":\(device),\"FeatureIndex\":\(feature),\"Command\":{\"Vibrate\":{\"Value\":\(value)}}")
    }

    func stop() {
        guard isUp else { return }
        for device in told.keys { told[device] = 0 }
        send("StopCmd", "")
    }
}
