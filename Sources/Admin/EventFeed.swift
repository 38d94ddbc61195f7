// The event stream: the difference of two snapshots, entity by entity, so that applying the events to the first gives the last.
// Must not know connections; it returns texts in the form of server-sent events.

import Buttplug
import Host
import JSON
import Router

/// What was last told to everybody who watches.
struct EventFeed {
    private var sessions: [LinkID: SessionFacts] = [:]
    private var devices: [UInt32: DeviceSnapshot] = [:]
    private var devicesToldAt: [UInt32: Instant] = [:]
    private var watch = LaneWatch()
    /// The features of each device whose lanes have been told.
    private var features: [UInt32: Set<UInt32>] = [:]
    private var upstreams: [String: UpstreamStatus] = [:]
    private var status: StatusFacts?
    private var statusToldAt = Instant.zero
    private var levels: [LaneKey: LaneLevel] = [:]

    struct LaneKey: Hashable {
        var device: UInt32
        var feature: UInt32
    }

    /// A session apart from its age.
    private struct SessionFacts: Hashable {
        var session: SessionSnapshot
    }

    /// A status apart from its counters.
    private struct StatusFacts: Hashable {
        var isStopped: Bool
        var isEnding: Bool
        var isScanning: Bool
        var listeners: [String]
        var counts: [Int]
    }

    /// Lanes and contributions that one call tells: some hundred kilobytes. With a thousand apps on a thousand outputs each has its turn.
    private static let room = 1_200

    /// How often the counters are told while nothing else changes.
    static let statusInterval = Interval.seconds(1)

    // MARK: Events

    /// The whole state as the first event of a stream.
    static func snapshot(_ snapshot: RouterSnapshot, _ target: any AdminTarget, rate: Double) -> String {
        let now = target.now
        let backends = target.backends
        return event("snapshot") {
            $0.object {
                $0.member("status") { $0.status(snapshot, target, rate: rate) }
                $0.member("sessions") { $0.array { for session in snapshot.sessions { $0.session(session, at: now) } } }
                $0.member("devices") {
                    $0.array { for device in snapshot.devices { $0.device(device, backend: backends.name(device.backend)) } }
                }
                $0.member("lanes") { $0.array { for lane in snapshot.lanes { $0.lane(lane, at: now) } } }
                $0.member("upstreams") { $0.array { for upstream in target.upstreams { $0.upstream(upstream) } } }
            }
        }
    }

    /// The lanes are too many for one event: a new watcher's first snapshot has none, and every lane is told again, one after the other.
    static func needsRounds(_ target: any AdminTarget) -> Bool {
        let outline = target.outline
        return outline.outputs * max(1, outline.sessions.count) > 20_000
    }

    mutating func tellLanesAgain() { watch = LaneWatch() }

    /// Notes a snapshot, and returns the events that lead to it.
    mutating func advance(to snapshot: RouterSnapshot, _ target: any AdminTarget, rate: Double) -> String {
        let now = target.now
        var text = ""
        text += sessionEvents(snapshot, at: now)
        text += deviceEvents(snapshot, target)
        text += laneEvents(target)
        text += upstreamEvents(target.upstreams)
        let facts = StatusFacts(
            isStopped: snapshot.isStopped, isEnding: snapshot.isEnding, isScanning: snapshot.isScanning, listeners: target.listeners,
            counts: [snapshot.sessions.count, snapshot.devices.count])
        if facts != status || now - statusToldAt >= Self.statusInterval {
            status = facts
            statusToldAt = now
            text += Self.event("status") { $0.status(snapshot, target, rate: rate) }
        }
        return text
    }

    private mutating func sessionEvents(_ snapshot: RouterSnapshot, at now: Instant) -> String {
        var text = ""
        var present: [LinkID: SessionFacts] = [:]
        for session in snapshot.sessions {
            let facts = SessionFacts(session: session)
            present[session.id] = facts
            if sessions[session.id] != facts { text += Self.event("session") { $0.session(session, at: now) } }
        }
        for id in gone(sessions.keys, present.keys) {
            text += Self.event("session_closed") { $0.object { $0.member("id", SessionName.text(id)) } }
        }
        sessions = present
        return text
    }

    private mutating func deviceEvents(_ snapshot: RouterSnapshot, _ target: any AdminTarget) -> String {
        var text = ""
        var present: [UInt32: DeviceSnapshot] = [:]
        let backends = target.backends
        for device in snapshot.devices {
            let index = device.info.index
            guard let known = devices[index], !isDue(known, device, at: target.now) else {
                present[index] = device
                guard devices[index] != device else { continue }
                devicesToldAt[index] = target.now
                text += Self.event("device") { $0.device(device, backend: backends.name(device.backend)) }
                continue
            }
            present[index] = known
        }
        for index in devices.keys.filter({ present[$0] == nil }).sorted() {
            text += lanesGone(index)
            text += Self.event("device_gone") { $0.object { $0.member("index", index) } }
        }
        devices = present
        return text
    }

    /// Whether a changed device is to be told now: its traffic and readings change all the time and are told once a second.
    private func isDue(_ known: DeviceSnapshot, _ device: DeviceSnapshot, at now: Instant) -> Bool {
        if known.info != device.info || known.backend != device.backend { return true }
        return now - (devicesToldAt[device.info.index] ?? .zero) >= Self.statusInterval
    }

    private mutating func laneEvents(_ target: any AdminTarget) -> String {
        let now = target.now
        var text = ""
        for lane in target.changedLanes(&watch, room: Self.room) {
            features[lane.device, default: []].insert(lane.feature)
            text += Self.event("lane") { $0.lane(lane, at: now) }
        }
        return text
    }

    /// The lanes of a device that is gone.
    private mutating func lanesGone(_ device: UInt32) -> String {
        (features.removeValue(forKey: device) ?? []).sorted().map { feature in
            Self.event("lane_gone") {
                $0.object {
                    $0.member("device", device)
                    $0.member("feature", feature)
                }
            }
        }.joined()
    }

    private mutating func upstreamEvents(_ all: [UpstreamStatus]) -> String {
        var text = ""
        for upstream in all where upstreams[upstream.address] != upstream {
            upstreams[upstream.address] = upstream
            text += Self.event("upstream") { $0.upstream(upstream) }
        }
        return text
    }

    /// The lanes whose written value or driver has changed since the last call; empty when none has.
    mutating func levels(_ target: any AdminTarget) -> String {
        let changed = target.levels.filter { levels.updateValue($0, forKey: LaneKey(device: $0.device, feature: $0.feature)) != $0 }
        guard !changed.isEmpty else { return "" }
        return Self.event("levels") {
            $0.object {
                $0.member("lanes") {
                    $0.array {
                        for lane in changed {
                            $0.array {
                                $0.value(lane.device)
                                $0.value(lane.feature)
                                if let type = lane.type { $0.value(type.text) } else { $0.null() }
                                $0.value(lane.value)
                                if let winner = lane.winner { $0.value(SessionName.text(winner)) } else { $0.null() }
                            }
                        }
                    }
                }
            }
        }
    }

    private func gone(_ before: Dictionary<LinkID, SessionFacts>.Keys, _ now: Dictionary<LinkID, SessionFacts>.Keys) -> [LinkID] {
        before.filter { !now.contains($0) }.sorted { ($0.slot, $0.generation) < ($1.slot, $1.generation) }
    }

    /// One server-sent event. JSON has no line ends, so one `data` line is enough.
    static func event(_ name: String, _ write: (inout JSONText) -> Void) -> String {
        var data = JSONText()
        write(&data)
        return "event: \(name)\ndata: \(data.string)\n\n"
    }
}

extension [String] {
    /// The name of a backend by its number.
    func name(_ backend: Int) -> String { indices.contains(backend) ? self[backend] : "backend \(backend)" }
}
