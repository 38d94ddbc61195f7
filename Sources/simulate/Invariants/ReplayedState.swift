// What a reader of an event stream knows: the first snapshot, with every event since applied to it.
// Must not ask the router. Times that run are kept as the instants they lead to, and counters that are told once a second apart.

import Host
import JSON

/// The state that an event stream leads to.
struct ReplayedState {
    struct Place: Hashable, Comparable, CustomStringConvertible {
        var device: Int
        var feature: Int
        static func < (a: Place, b: Place) -> Bool { (a.device, a.feature) < (b.device, b.feature) }
        var description: String { "\(device).\(feature)" }
    }

    struct Lease: Equatable {
        var session: String?
        var kind: String?
        var until: Instant
    }

    struct Lane {
        var facts: JSONTree
        /// Of these a `levels` event may have been the last to tell.
        var winner: String?
        var type: String?
        var value: Int32?
        var lease: Lease?
        var heldOffUntil: Instant
    }

    struct Device {
        var all: JSONTree
        var toldAt: Instant
    }

    private(set) var status = JSONTree.null
    private(set) var sessions: [String: JSONTree] = [:]
    private(set) var consents: [String: JSONTree] = [:]
    private(set) var devices: [Int: Device] = [:]
    private(set) var lanes: [Place: Lane] = [:]
    private(set) var upstreams: [String: JSONTree] = [:]
    private(set) var hasLevels = false

    /// A lease that is renewed all the time is told twice a second.
    private static let leaseGrain = Interval.milliseconds(540)
    /// Times are told in thousandths of a second.
    private static let grain = Interval.milliseconds(2)
    /// A device's counters and readings are told once a second, when the next events are told.
    private static let counterPause = Interval.milliseconds(1_250)

    /// Applies what was sent at `now`. What is wrong with it; nil when nothing is.
    mutating func apply(_ text: some Sequence<UInt8>, at now: Instant) -> String? {
        var name = ""
        hasLevels = false
        for line in Array(text).split(separator: UInt8(ascii: "\n")) {
            let line = String(decoding: line, as: UTF8.self)
            if line.hasPrefix(":") { continue }
            if line.hasPrefix("event: ") {
                name = String(line.dropFirst(7))
                continue
            }
            guard line.hasPrefix("data: "), let data = JSONTree(line.dropFirst(6).utf8), apply(name, data, at: now) else {
                return "not an event: \(name) \(line.prefix(200))"
            }
        }
        return nil
    }

    private mutating func apply(_ event: String, _ data: JSONTree, at now: Instant) -> Bool {
        switch event {
        case "snapshot":
            self = ReplayedState()
            status = Self.status(data["status"] ?? .null)
            let lists = [
                ("sessions", "session"), ("consents", "consent"), ("devices", "device"), ("lanes", "lane"), ("upstreams", "upstream"),
            ]
            return lists.allSatisfy { list, event in (data[list]?.elements ?? []).allSatisfy { apply(event, $0, at: now) } }
        case "status": status = Self.status(data)
        case "session", "session_closed":
            guard let id = data["id"]?.string else { return false }
            sessions[id] = event == "session" ? data.without(["connected"]) : nil
        case "consent", "consent_closed":
            guard let id = data["id"]?.string else { return false }
            consents[id] = event == "consent" ? data.without(["asked", "left"]) : nil
        case "device", "device_gone":
            guard let index = data["index"]?.integer(Int.self) else { return false }
            devices[index] = event == "device" ? Device(all: data, toldAt: now) : nil
        case "lane", "lane_gone":
            guard let device = data["device"]?.integer(Int.self), let feature = data["feature"]?.integer(Int.self) else { return false }
            lanes[Place(device: device, feature: feature)] = event == "lane" ? Self.lane(data, at: now) : nil
        case "upstream":
            guard let address = data["url"]?.string else { return false }
            upstreams[address] = data
        case "levels":
            hasLevels = true
            return (data["lanes"]?.elements ?? []).allSatisfy { level($0.elements) }
        default: return false
        }
        return true
    }

    private mutating func level(_ cells: [JSONTree]) -> Bool {
        guard cells.count == 5, let device = cells[0].integer(Int.self), let feature = cells[1].integer(Int.self) else { return false }
        let place = Place(device: device, feature: feature)
        guard lanes[place] != nil else { return false }
        lanes[place]?.type = cells[2].string
        lanes[place]?.value = cells[2].string == nil ? nil : cells[3].integer()
        lanes[place]?.winner = cells[4].string
        return true
    }

    private static func status(_ data: JSONTree) -> JSONTree { data.without(["uptime", "messages", "messages_per_second", "writes"]) }

    private static func lane(_ data: JSONTree, at now: Instant) -> Lane {
        let lease = data["lease"].flatMap { lease -> Lease? in
            guard let seconds = lease["until"]?.number else { return nil }
            return Lease(session: lease["session"]?.string, kind: lease["kind"]?.string, until: now + .seconds(seconds))
        }
        return Lane(
            facts: data.without(["lease", "held_off", "winner", "written"]), winner: data["winner"]?.string,
            type: data["written"]?["type"]?.string, value: data["written"]?["value"]?.integer(), lease: lease,
            heldOffUntil: now + .seconds(data["held_off"]?.number ?? 0))
    }

    // MARK: Comparing

    /// The first thing in which it differs from a fresh snapshot of `now`; nil when it is the same.
    func difference(from fresh: ReplayedState, at now: Instant) -> String? {
        if status != fresh.status { return "status was told as \(status), is \(fresh.status)" }
        for id in Set(sessions.keys).union(fresh.sessions.keys).sorted() where sessions[id] != fresh.sessions[id] {
            return "session \(id) was told as \(Self.text(sessions[id])), is \(Self.text(fresh.sessions[id]))"
        }
        for id in Set(consents.keys).union(fresh.consents.keys).sorted() where consents[id] != fresh.consents[id] {
            return "consent \(id) was told as \(Self.text(consents[id])), is \(Self.text(fresh.consents[id]))"
        }
        for index in Set(devices.keys).union(fresh.devices.keys).sorted() {
            guard !Self.isSame(devices[index], fresh.devices[index], at: now) else { continue }
            return "device \(index) was told as \(Self.text(devices[index]?.all)), is \(Self.text(fresh.devices[index]?.all))"
        }
        for place in Set(lanes.keys).union(fresh.lanes.keys).sorted() {
            guard !Self.isSame(lanes[place], fresh.lanes[place], at: now) else { continue }
            return "lane \(place) was told as \(Self.text(lanes[place])), is \(Self.text(fresh.lanes[place]))"
        }
        for address in Set(upstreams.keys).union(fresh.upstreams.keys).sorted() where upstreams[address] != fresh.upstreams[address] {
            return "upstream \(address) was told as \(Self.text(upstreams[address])), is \(Self.text(fresh.upstreams[address]))"
        }
        return nil
    }

    private static func isSame(_ told: Device?, _ fresh: Device?, at now: Instant) -> Bool {
        guard let told, let fresh else { return told == nil && fresh == nil }
        if told.all == fresh.all { return true }
        let counters = ["writes", "failures", "value", "latency_ms"]
        return now - told.toldAt <= counterPause && told.all.without(counters) == fresh.all.without(counters)
    }

    private static func isSame(_ told: Lane?, _ fresh: Lane?, at now: Instant) -> Bool {
        guard let told, let fresh else { return told == nil && fresh == nil }
        guard told.facts == fresh.facts, told.winner == fresh.winner, told.type == fresh.type, told.value == fresh.value else {
            return false
        }
        let isFree = told.heldOffUntil <= now + grain && fresh.heldOffUntil <= now + grain
        guard isFree || isNear(told.heldOffUntil, fresh.heldOffUntil, grain) else { return false }
        guard let lease = fresh.lease else { return told.lease.map { $0.until <= now + grain } ?? true }
        guard let before = told.lease else { return false }
        return before.session == lease.session && before.kind == lease.kind && isNear(before.until, lease.until, leaseGrain)
    }

    private static func isNear(_ one: Instant, _ other: Instant, _ grain: Interval) -> Bool { max(one, other) - min(one, other) <= grain }

    private static func text<Value>(_ value: Value?) -> String { value.map { "\($0)" } ?? "nothing" }
}

extension JSONTree {
    /// The same without members of these names, at any depth.
    fileprivate func without(_ names: [String]) -> JSONTree {
        switch self {
        case .object(let members):
            .object(
                members.filter { !names.contains($0.key) }.map {
                    var member = $0
                    member.value = member.value.without(names)
                    return member
                })
        case .array(let elements): .array(elements.map { $0.without(names) })
        default: self
        }
    }
}

extension Interval {
    fileprivate static func seconds(_ seconds: Double) -> Interval { Interval(nanoseconds: Int64((seconds * 1e9).rounded())) }
}
