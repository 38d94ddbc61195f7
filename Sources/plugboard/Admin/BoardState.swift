// What a watcher knows of a router: the first snapshot, with every event applied since.
// Must not know how it is shown.

import JSON

/// The state that an event stream leads to.
struct BoardState {
    private(set) var status = JSONTree.null
    private(set) var sessions: [String: JSONTree] = [:]
    /// Those that wait to be let in, the longest first.
    private(set) var consents: [(id: String, data: JSONTree)] = []
    private(set) var devices: [Int: JSONTree] = [:]
    private(set) var lanes: [Lane: JSONTree] = [:]
    /// What was written last, where a levels event has said so since the lane was told.
    private(set) var levels: [Lane: Int] = [:]

    struct Lane: Hashable, Comparable {
        var device: Int
        var feature: Int
        static func < (a: Lane, b: Lane) -> Bool { (a.device, a.feature) < (b.device, b.feature) }
    }

    mutating func apply(_ event: String, _ data: JSONTree) {
        switch event {
        case "snapshot":
            self = BoardState()
            status = data["status"] ?? .null
            for one in data["sessions"]?.elements ?? [] { apply("session", one) }
            for one in data["consents"]?.elements ?? [] { apply("consent", one) }
            for one in data["devices"]?.elements ?? [] { apply("device", one) }
            for one in data["lanes"]?.elements ?? [] { apply("lane", one) }
        case "status": status = data
        case "session": if let id = data["id"]?.string { sessions[id] = data }
        case "session_closed": if let id = data["id"]?.string { sessions[id] = nil }
        case "consent":
            guard let id = data["id"]?.string else { return }
            if let index = consents.firstIndex(where: { $0.id == id }) { consents[index].data = data } else { consents.append((id, data)) }
        case "consent_closed": consents.removeAll { $0.id == data["id"]?.string }
        case "device": if let index = data["index"]?.integer(Int.self) { devices[index] = data }
        case "device_gone": if let index = data["index"]?.integer(Int.self) { devices[index] = nil }
        case "lane":
            guard let lane = lane(data) else { return }
            lanes[lane] = data
            levels[lane] = nil
        case "lane_gone": if let lane = lane(data) { lanes[lane] = nil }
        case "levels":
            for one in data["lanes"]?.elements ?? [] {
                let cells = one.elements
                guard cells.count > 3, let device = cells[0].integer(Int.self), let feature = cells[1].integer(Int.self) else { continue }
                levels[Lane(device: device, feature: feature)] = cells[3].integer(Int.self)
            }
        default: break
        }
    }

    private func lane(_ data: JSONTree) -> Lane? {
        guard let device = data["device"]?.integer(Int.self), let feature = data["feature"]?.integer(Int.self) else { return nil }
        return Lane(device: device, feature: feature)
    }

    /// What the lane's device has, and the upper end of its range.
    func written(_ lane: Lane) -> (value: Int, maximum: Int) {
        let data = lanes[lane] ?? .null
        let value = levels[lane] ?? data["written"]?["value"]?.integer(Int.self) ?? 0
        return (value, max(1, data["max"]?.integer(Int.self) ?? 1))
    }
}
