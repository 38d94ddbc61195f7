// The event stream: the difference of two snapshots, entity by entity, so that applying the events to the first gives the second.
// Must not know connections; it returns texts in the form of server-sent events.

import Buttplug
import Host
import JSON
import Router

/// What was last told to everybody who watches.
struct EventFeed {
    private var watch = RouterWatch()
    private(set) var levels = LevelWatch()
    private var upstreams: [String: UpstreamStatus] = [:]
    private var consents = ConsentFeed()
    private var status: StatusFacts?
    private var statusToldAt = Instant.zero
    /// Bytes that the last text had: the next one begins with as much room.
    private var size = 0

    /// A status apart from its counters.
    private struct StatusFacts: Hashable {
        var isStopped: Bool
        var isEnding: Bool
        var isScanning: Bool
        var listeners: [String]
        var counts: [Int]

        init(_ summary: RouterSummary, listeners: [String]) {
            (isStopped, isEnding, isScanning) = (summary.isStopped, summary.isEnding, summary.isScanning)
            self.listeners = listeners
            counts = [summary.sessions, summary.consents, summary.devices, summary.outputs]
        }
    }

    /// Lanes and contributions that one call reports: some twenty kilobytes. Where more of them change all the time, each has its turn:
    /// with 64 apps that all drive 60 outputs, within a second and a half. Who drives, and what the device gets, is among the levels.
    private static let room = 260

    /// How often the counters are told while nothing else changes.
    static let statusInterval = Interval.seconds(1)

    // MARK: Events

    /// The whole state as the first event of a stream.
    static func snapshot(_ snapshot: RouterSnapshot, _ target: any AdminTarget, rate: Double) -> [UInt8] {
        let now = target.now
        let summary = target.summary
        let backends = target.backends
        var text = JSONText()
        text.event("snapshot") {
            $0.object {
                $0.member("status") { $0.status(summary, target, rate: rate) }
                $0.member("sessions") { $0.array { for session in snapshot.sessions { $0.session(session, at: now) } } }
                $0.member("devices") {
                    $0.array { for device in snapshot.devices { $0.device(device, backend: backends.name(device.backend)) } }
                }
                $0.member("lanes") { $0.array { for lane in snapshot.lanes { $0.lane(lane, at: now) } } }
                $0.member("consents") { $0.array { for consent in snapshot.consents { $0.consent(consent, at: now) } } }
                $0.member("upstreams") { $0.array { for upstream in target.upstreams(in: summary) { $0.upstream(upstream) } } }
            }
        }
        return text.bytes
    }

    /// The lanes are too many for one event: a new watcher's first snapshot has none, and every lane is told again, one after the other.
    static func needsRounds(_ target: any AdminTarget) -> Bool {
        let summary = target.summary
        return summary.outputs * max(1, summary.sessions) > 20_000
    }

    mutating func tellLanesAgain() { watch.forgetLanes() }

    /// The events that lead from what was told last to the present state.
    /// - Parameter isWhole: Leaves nothing for later calls that may be undone by then.
    mutating func advance(_ target: any AdminTarget, rate: Double, isWhole: Bool = false) -> [UInt8] {
        let scope = WatchScope(room: isWhole ? .max : Self.room, countersEvery: Self.statusInterval, isWhole: isWhole)
        let changes = target.look(&watch, scope)
        let now = target.now
        var text = JSONText(capacity: size + size / 4)
        for session in changes.sessions { text.event("session") { $0.session(session, at: now) } }
        for id in changes.sessionsGone {
            text.event("session_closed") { $0.object { $0.member("id") { $0.value(id.slot, dash: id.generation) } } }
        }
        consents.tell(changes.consents, at: now, into: &text)
        if !changes.devices.isEmpty {
            let backends = target.backends
            for change in changes.devices { Self.tell(change, backends, into: &text) }
        }
        for lane in changes.lanes { text.event("lane") { $0.lane(lane, at: now) } }
        tellUpstreams(target.upstreams(in: changes.summary), into: &text)
        let facts = StatusFacts(changes.summary, listeners: target.listeners)
        if facts != status || now - statusToldAt >= Self.statusInterval {
            status = facts
            statusToldAt = now
            text.event("status") { $0.status(changes.summary, target, rate: rate) }
        }
        let bytes = text.bytes
        size = bytes.count
        return bytes
    }

    private static func tell(_ change: RouterChanges.Device, _ backends: [String], into text: inout JSONText) {
        if let before = change.before {
            let left = change.now.map(outputs) ?? []
            for feature in outputs(before) where !left.contains(feature) {
                text.event("lane_gone") {
                    $0.object {
                        $0.member("device", before.info.index)
                        $0.member("feature", feature)
                    }
                }
            }
        }
        if let device = change.now {
            text.event("device") { $0.device(device, backend: backends.name(device.backend)) }
        } else if let before = change.before {
            text.event("device_gone") { $0.object { $0.member("index", before.info.index) } }
        }
    }

    private static func outputs(_ device: DeviceSnapshot) -> [UInt32] {
        device.info.description.features.filter { !$0.outputs.isEmpty }.map(\.index)
    }

    private mutating func tellUpstreams(_ all: [UpstreamStatus], into text: inout JSONText) {
        for upstream in all where upstreams[upstream.address] != upstream {
            upstreams[upstream.address] = upstream
            text.event("upstream") { $0.upstream(upstream) }
        }
    }

    // MARK: Levels

    mutating func lookAtLevels(_ target: any AdminTarget) { target.lookAtLevels(&levels) }

    /// The lanes whose written value or driver was seen first after this look at the levels; empty when there are none.
    func levels(after look: UInt64) -> [UInt8] {
        let changed = levels.changed(after: look)
        guard !changed.isEmpty else { return [] }
        var text = JSONText()
        text.event("levels") {
            $0.object { $0.member("lanes") { $0.array { for level in changed { $0.level(level) } } } }
        }
        return text.bytes
    }
}

extension JSONText {
    /// One server-sent event. JSON has no line ends, so one `data` line is enough.
    mutating func event(_ name: StaticString, _ write: (inout JSONText) -> Void) {
        verbatim("event: ")
        verbatim(name)
        verbatim("\ndata: ")
        write(&self)
        verbatim("\n\n")
    }
}

extension [String] {
    /// The name of a backend by its number.
    func name(_ backend: Int) -> String { indices.contains(backend) ? self[backend] : "backend \(backend)" }
}
