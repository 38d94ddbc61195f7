// Faults that the simulation has found, each as the shortest case that shows it: the product's router with scripted devices and clients.
// Must not depend on seeds; those are in `SeedTests`.

import Buttplug
import Host
import Router
import SimHost
import Testing

@testable import simulate

/// Devices that do what the case says: they answer at once, unless it holds their answers back.
final class ScriptBackend: Backend {
    var writes: [DeviceWrite] = []
    var requests: [BackendRequest] = []
    var answersRequests = true
    private var events: [BackendEvent]

    init(_ events: [BackendEvent]) { self.events = events }

    private weak var owner: (any BackendOwner)?
    private var number: BackendNumber = 0

    func start(for owner: any BackendOwner, as number: BackendNumber, at now: Instant) {
        self.owner = owner
        self.number = number
        if !events.isEmpty { owner.reportIsDue(from: number) }
    }

    func stop(at now: Instant) { owner = nil }

    func perform(_ writes: UnsafeBufferPointer<DeviceWrite>, at now: Instant) {
        for write in writes {
            self.writes.append(write)
            owner?.answered(ticket: write.ticket, .done, at: now)
        }
    }

    func handle(_ request: BackendRequest, at now: Instant) {
        requests.append(request)
        guard answersRequests, case .subscribe(_, _, _, let number) = request else { return }
        owner?.happened(.subscriptionAnswered(request: number), from: self.number, at: now)
    }

    var deadline: Instant { .never }

    func report(at now: Instant) {
        let due = events
        events = []
        for event in due { owner?.happened(event, from: number, at: now) }
    }

    func turnEnded(at now: Instant) {}

    /// Sends an event in the next turn.
    func say(_ event: BackendEvent) {
        events.append(event)
        owner?.reportIsDue(from: number)
    }
}

/// A router on a simulated host with one scripted device, and clients that record what they get.
final class Story {
    final class Client: SimPeer {
        var seen: [String] = []
        var link: SimLink!
        func opened(at now: Instant) {}
        func received(_ message: RawSpan, at now: Instant) {
            seen.append(message.withUnsafeBytes { String(decoding: $0, as: UTF8.self) })
        }
        func closed(_ reason: CloseReason, at now: Instant) { seen.append(reason.rawValue) }
        func say(_ text: String) { link.transmit(Array(text.utf8)) }
    }

    let host = SimHost(start: .zero + .seconds(100))
    let backend: ScriptBackend
    let runner: RouterRunner
    static let name = "Device"

    /// `lanes` vibrators and a battery, with this message gap.
    static func description(lanes: UInt32, gap: UInt32) -> DeviceDescription {
        var features = (0..<lanes).map { Feature(index: $0, outputs: [OutputRange(.vibrate, steps: 100)]) }
        features.append(
            Feature(index: lanes, inputs: [InputRange(.battery, ranges: [0...100], canRead: true, canSubscribe: true)]))
        return DeviceDescription(identity: "a", name: name, messageGapMilliseconds: gap, features: features)
    }

    init(rules: [Rule] = [], lanes: UInt32 = 1, gap: UInt32 = 0) {
        var settings = RouterSettings()
        settings.rules = RuleTable(rules)
        backend = ScriptBackend([.appeared(0, Self.description(lanes: lanes, gap: gap))])
        runner = RouterRunner(settings, backends: [backend], host: host)
        pass(.seconds(1))
        backend.writes = []
    }

    func pass(_ span: Interval) { host.run(for: span) }

    /// A client after its handshake.
    func client(_ name: String = "client", version: Int = 4) -> Client {
        let client = Client()
        client.link = host.connect(client, to: runner)
        pass(.milliseconds(10))
        let fields =
            version == 4 ? #","ProtocolVersionMajor":4,"ProtocolVersionMinor":0"# : version == 0 ? "" : ",\"MessageVersion\":\(version)"
        client.say("[{\"RequestServerInfo\":{\"Id\":1,\"ClientName\":\"\(name)\"\(fields)}}]")
        pass(.milliseconds(10))
        client.seen = []
        return client
    }

    func vibrate(_ client: Client, id: Int, feature: Int = 0, _ value: Int) {
        client.say(
            "[{\"OutputCmd\":{\"Id\":\(id),\"DeviceIndex\":0,\"FeatureIndex\":\(feature),\"Command\":{\"Vibrate\":{\"Value\":\(value)}}}}]")
    }

    func ok(_ id: Int) -> String { "[{\"Ok\":{\"Id\":\(id)}}]" }

    var written: [Int32] { backend.writes.map(\.value) }
}

@Suite struct FoundTests {
    @Test("A router that has left its host is released: a simulation that tries restarts for days needs no more memory for it")
    func detachedRouter() {
        weak var left: RouterRunner?
        do {
            let runner = RouterRunner(RouterSettings(), backends: [ScriptBackend([])], host: SimHost())
            left = runner
            runner.detach()
        }
        #expect(left == nil)
    }

    @Test("A client that disconnects and closes at once gets no more messages")
    func disconnectAndGone() {
        let story = Story()
        let client = story.client()
        story.vibrate(client, id: 2, 40)
        story.pass(.milliseconds(10))
        client.say(#"[{"Disconnect":{"Id":3}}]"#)
        client.link.finish()
        story.pass(.seconds(1))
        #expect(story.written == [40, 0])
        #expect(story.runner.sessionCount == 0)
        #expect(story.host.complaints.isEmpty)
    }

    @Test("A command that comes during the pause after a global stop is not kept until its rate token comes")
    func discardedForGood() {
        var limited = Rule(match: RuleMatch(client: Glob("limited")), rateLimit: 1)
        limited.rights.priority = 100
        var stopper = Rule(match: RuleMatch(client: Glob("stopper")))
        stopper.rights.stopScope = .global
        let story = Story(rules: [limited, stopper])
        let client = story.client("limited")
        let other = story.client("stopper")
        for id in 2...4 { story.vibrate(client, id: id, 30 + id) }
        story.pass(.milliseconds(10))
        other.say(#"[{"StopCmd":{"Id":2}}]"#)
        story.pass(.milliseconds(1_900))
        for id in 5...7 { story.vibrate(client, id: id, 50 + id) }
        story.pass(.seconds(10))
        #expect(story.written.last == 0)
        #expect(!story.written.contains { $0 > 50 })
    }

    @Test("After a subscription that is answered too late no device sends readings without a subscriber", arguments: [false, true])
    func lateSubscription(_ isReturn: Bool) {
        let story = Story()
        let client = story.client()
        let subscribe = #"[{"InputCmd":{"Id":2,"DeviceIndex":0,"FeatureIndex":1,"Type":"Battery","Command":"Subscribe"}}]"#
        if isReturn {
            client.say(subscribe)
            story.pass(.milliseconds(10))
            story.backend.answersRequests = false
            story.backend.say(.disappeared(0))
            story.runner.clearMask(holder: "nobody")
            story.pass(.milliseconds(10))
            story.backend.say(.appeared(0, Story.description(lanes: 1, gap: 0)))
            story.runner.clearMask(holder: "nobody")
            story.pass(.seconds(10))
            client.link.finish()
        } else {
            story.backend.answersRequests = false
            client.say(subscribe)
        }
        story.pass(.seconds(10))
        guard case .unsubscribe? = story.backend.requests.last else {
            Issue.record("the device was not told to stop: \(story.backend.requests)")
            return
        }
    }

    @Test("A lane that waits for the gap is written when the lane before it no longer needs its turn")
    func forgottenLane() {
        let story = Story(lanes: 3, gap: 200)
        let client = story.client()
        for feature in 0..<3 { story.vibrate(client, id: 10 + feature, feature: feature, 40 + feature) }
        story.pass(.milliseconds(67))
        story.vibrate(client, id: 13, feature: 1, 0)
        story.pass(.seconds(2))
        #expect(story.backend.writes.contains { $0.feature == 2 && $0.value == 42 })
        #expect(client.seen.contains(story.ok(12)))
    }

    @Test("A device that returns under a rule that denies it brings back no subscription")
    func deniedReturn() {
        let story = Story()
        let client = story.client()
        client.say(#"[{"InputCmd":{"Id":2,"DeviceIndex":0,"FeatureIndex":1,"Type":"Battery","Command":"Subscribe"}}]"#)
        story.pass(.milliseconds(10))
        story.backend.say(.disappeared(0))
        var settings = RouterSettings()
        settings.rules = RuleTable([Rule(devices: DeviceAccess(deny: [Glob(Story.name)]))])
        story.runner.clearMask(holder: "nobody")
        story.pass(.milliseconds(10))
        story.runner.settingsChanged(settings)
        story.pass(.milliseconds(10))
        story.backend.requests = []
        story.backend.say(.appeared(0, Story.description(lanes: 1, gap: 0)))
        story.runner.clearMask(holder: "nobody")
        story.pass(.milliseconds(10))
        client.seen = []
        story.backend.say(.reading(0, feature: 1, type: .battery, values: [50]))
        story.runner.clearMask(holder: "nobody")
        story.pass(.seconds(1))
        #expect(story.backend.requests.isEmpty)
        #expect(client.seen.isEmpty)
    }

    @Test("An older client is told the end of each of two scans that it stopped in one turn")
    func twoScans() {
        let story = Story()
        let client = story.client(version: 3)
        for (id, name) in ["StartScanning", "StopScanning", "StartScanning", "StopScanning"].enumerated() {
            client.say("[{\"\(name)\":{\"Id\":\(id + 2)}}]")
        }
        story.pass(.milliseconds(10))
        #expect(client.seen.filter { $0.contains("ScanningFinished") }.count == 2)
    }

    @Test("What waits on a slow way to an upstream that has been given up never gets there, and what its devices did ends at once")
    func slowUpstream() {
        let rear = Story(lanes: 32)
        let listener = LinkKeeper(rear.runner)
        let endpoint = Endpoint.webSocket(host: "rear", port: 1, path: "/")
        rear.host.listen(at: endpoint, owner: listener)
        let upstream = UpstreamBackend(endpoint, UpstreamSettings(), on: rear.host)
        let front = RouterRunner(RouterSettings(), backends: [upstream], host: rear.host)
        rear.pass(.seconds(5))
        let app = rear.host.connect(Story.Client(), to: front)
        rear.pass(.milliseconds(10))
        app.transmit(Array(#"[{"RequestServerInfo":{"Id":1,"ClientName":"a","ProtocolVersionMajor":4,"ProtocolVersionMinor":0}}]"#.utf8))
        for feature in 0..<32 {
            app.transmit(
                Array(
                    "[{\"OutputCmd\":{\"Id\":\(feature + 2),\"DeviceIndex\":0,\"FeatureIndex\":\(feature),\"Command\":{\"Vibrate\":{\"Value\":50}}}}]"
                        .utf8))
        }
        rear.pass(.seconds(1))
        var running: Set<UInt32> {
            var last: [UInt32: Int32] = [:]
            for write in rear.backend.writes { last[write.feature] = write.value }
            return Set(last.filter { $0.value != 0 }.keys)
        }
        #expect(running.count == 32)
        // Two seconds for each message, for long.
        var slow = SimConditions()
        slow.byteTime = .milliseconds(20)
        listener.links.last?.worsen(slow, until: rear.host.now + .seconds(600))
        app.drop()
        rear.pass(.seconds(20))
        #expect(running.isEmpty, "still running: \(running.sorted())")
        #expect(listener.ends.contains(.peerVanished))
        _ = front
    }
}

/// In front of a router: keeps its links, and why they ended.
private final class LinkKeeper: LinkOwner {
    let inner: RouterRunner
    var links: [SimLink] = []
    var ends: [CloseReason] = []

    init(_ inner: RouterRunner) { self.inner = inner }

    var messageBytesMax: Int { inner.messageBytesMax }
    func refusal(of peer: Peer) -> CloseReason? { inner.refusal(of: peer) }
    func opened(_ link: any Link, from peer: Peer, at now: Instant) -> LinkID {
        if let link = link as? SimLink { links.append(link) }
        return inner.opened(link, from: peer, at: now)
    }
    func received(_ text: RawSpan, from id: LinkID, at now: Instant) { inner.received(text, from: id, at: now) }
    func congested(_ id: LinkID) { inner.congested(id) }
    func drained(_ id: LinkID, at now: Instant) { inner.drained(id, at: now) }
    func closed(_ id: LinkID, _ reason: CloseReason, at now: Instant) {
        ends.append(reason)
        inner.closed(id, reason, at: now)
    }
}
