// The page of metrics is in Prometheus' form and says what the router counted; devices tell their latency.
// Must not compare whole pages: what is added later is no fault.

import ButtplugServer
import Devices
import HTTP
import Host
import JSON
import Router
import SimHost
import Testing

@testable import Admin

/// A server on a simulated host, as the admin interface sees it.
private final class Target: AdminTarget {
    let host = SimHost()
    let server: ButtplugServer
    var extra: (inout AdminFigures) -> Void = { _ in }

    init(latency: Interval = .zero) throws {
        var configuration = ServerConfiguration()
        configuration.devices = try SimulatedDeviceSpec.list("plug")
        configuration.devices[0].latency = .fixed(latency)
        configuration.deviceOptions.presentAtStart = true
        server = ButtplugServer(configuration, on: host)
        host.run(for: .seconds(1))
    }

    var identity: AdminIdentity { AdminIdentity(name: "Test", version: "1.2.3", commit: "abc", pid: 7, startedAt: .zero) }
    var now: Instant { host.now }
    var snapshot: RouterSnapshot { server.snapshot }
    var outline: RouterSnapshot { server.outline }
    var summary: RouterSummary { server.summary }
    func look(_ watch: inout RouterWatch, _ scope: WatchScope) -> RouterChanges { server.look(&watch, scope) }
    func lookAtLevels(_ watch: inout LevelWatch) { server.lookAtLevels(&watch) }
    var listeners: [String] { [] }
    var backends: [String] { ["simulated"] }
    func upstreams(in summary: RouterSummary) -> [UpstreamStatus] {
        [UpstreamStatus(address: "ws://secret.example:1", state: .waiting, devices: 0, reconnects: 2)]
    }
    var figures: AdminFigures {
        var figures = AdminFigures(server.figures)
        extra(&figures)
        return figures
    }
    func count(_ verdict: Verdict) -> UInt64 { server.count(verdict) }
    func count(_ reason: CloseReason) -> UInt64 { server.count(reason) }
    func session(_ id: LinkID) -> SessionSnapshot? { server.session(id) }
    func raiseEmergencyStop() { server.raiseEmergencyStop() }
    func clearEmergencyStop() { server.clearEmergencyStop() }
    func kick(_ id: LinkID) { server.kick(id) }
    func patch(_ id: LinkID, _ patch: SessionPatch) -> Bool { server.patch(id, patch) }
    func stopDevice(_ index: UInt32) -> Bool { server.stopDevice(index) }
    func setOperatorScan(_ isWanted: Bool) { server.setOperatorScan(isWanted) }
    func answerConsent(_ id: LinkID, _ answer: ConsentAnswer) -> Bool { server.answer(id, answer) }
    var rememberedConsents: [RememberedConsent] { server.rememberedConsents }
    func forgetConsents() { server.forgetConsents() }
    func reload(_ answer: @escaping (ReloadOutcome) -> Void) {}
    var configuration: String { "" }
    var rules: [String] { [] }
}

/// An app.
private final class App: SimPeer {
    private var link: SimLink?
    private let host: SimHost

    init(_ target: Target, name: String) {
        host = target.host
        link = host.connect(self, to: target.server.owner)
        host.run(for: .milliseconds(50))
        send(#"[{"RequestServerInfo":{"Id":1,"ClientName":"\#(name)","ProtocolVersionMajor":4,"ProtocolVersionMinor":0}}]"#)
    }

    func send(_ text: String) {
        link?.transmit(Array(text.utf8))
        host.run(for: .milliseconds(100))
    }

    func vibrate(_ value: Int) {
        send(#"[{"OutputCmd":{"Id":9,"DeviceIndex":0,"FeatureIndex":0,"Command":{"Vibrate":{"Value":\#(value)}}}}]"#)
    }

    func opened(at now: Instant) {}
    func received(_ message: RawSpan, at now: Instant) {}
    func closed(_ reason: CloseReason, at now: Instant) {}
}

@Suite struct MetricsTests {
    /// Values by series, each written as it stands on the page.
    private func series(_ page: String) -> [String: Double] {
        var all: [String: Double] = [:]
        for line in page.split(separator: "\n") where !line.hasPrefix("#") {
            guard let space = line.lastIndex(of: " "), let value = Double(line[line.index(after: space)...]) else {
                Issue.record("no sample: \(line)")
                continue
            }
            #expect(all.updateValue(value, forKey: String(line[..<space])) == nil, "twice: \(line)")
        }
        return all
    }

    @Test("Every sample belongs to the family above it, which says what it is and of which kind.")
    func families() throws {
        let target = try Target()
        target.extra = { $0.roundTrips = [Histogram()] }
        let page = Metrics.text(target.snapshot, target)
        var family = ""
        var kind = ""
        for line in page.split(separator: "\n").map(String.init) {
            let words = line.split(separator: " ").map(String.init)
            if line.hasPrefix("# HELP ") {
                family = words[2]
                #expect(words.count > 3 && line.hasSuffix(".") && family.hasPrefix("plugboard_"), "\(line)")
            } else if line.hasPrefix("# TYPE ") {
                #expect(words[2] == family)
                kind = words[3]
                #expect((kind == "counter") == family.hasSuffix("_total"), "\(line)")
            } else {
                let name = String(line.prefix { $0 != "{" && $0 != " " })
                let names = kind == "histogram" ? ["_bucket", "_sum", "_count"].map { family + $0 } : [family]
                #expect(names.contains(name), "\(line)")
            }
        }
        #expect(!page.contains("secret.example"))
    }

    @Test("A histogram's steps grow up to its count, also where it is a picture of now.")
    func histograms() throws {
        let target = try Target()
        target.extra = {
            $0.queues = [0, 0, 5_000, 9_000_000]
            $0.turns.add(.milliseconds(3))
            $0.turns.add(.seconds(60))
        }
        let all = series(Metrics.text(target.snapshot, target))
        #expect(all[#"plugboard_session_queue_bytes_bucket{le="0"}"#] == 2)
        #expect(all[#"plugboard_session_queue_bytes_bucket{le="16384"}"#] == 3)
        #expect(all[#"plugboard_session_queue_bytes_bucket{le="4194304"}"#] == 3)
        #expect(all[#"plugboard_session_queue_bytes_bucket{le="+Inf"}"#] == 4)
        #expect(all["plugboard_session_queue_bytes_count"] == 4 && all["plugboard_session_queue_bytes_sum"] == 9_005_000)
        #expect(all[#"plugboard_turn_duration_seconds_bucket{le="0.002"}"#] == 0)
        #expect(all[#"plugboard_turn_duration_seconds_bucket{le="0.005"}"#] == 1)
        #expect(all[#"plugboard_turn_duration_seconds_bucket{le="5"}"#] == 1)
        #expect(all["plugboard_turn_duration_seconds_count"] == 2 && all["plugboard_turn_duration_seconds_sum"] == 60.003)
    }

    @Test("What apps did is counted: handshakes, requests by type, commands by verdict, writes by result and latency.")
    func counts() throws {
        let target = try Target(latency: .milliseconds(20))
        let before = series(Metrics.text(target.snapshot, target))
        let app = App(target, name: "x\\\"} 1")
        app.vibrate(5)
        app.vibrate(5)
        app.vibrate(99_999)
        app.send("[{")
        let after = series(Metrics.text(target.snapshot, target))
        func grown(_ name: String) -> Double? { after[name].flatMap { now in before[name].map { now - $0 } } }
        #expect(grown(#"plugboard_handshakes_total{result="done"}"#) == 1)
        #expect(grown(#"plugboard_requests_total{type="output"}"#) == 3)
        #expect(grown(#"plugboard_outputs_total{verdict="waits"}"#) == 1)
        #expect(grown(#"plugboard_outputs_total{verdict="duplicate"}"#) == 1)
        #expect(grown("plugboard_outputs_invalid_total") == 1 && grown("plugboard_messages_malformed_total") == 1)
        #expect(grown(#"plugboard_device_write_results_total{result="done"}"#) == 1)
        #expect(grown("plugboard_device_write_latency_seconds_count") == 1)
        #expect(grown(#"plugboard_device_write_latency_seconds_bucket{le="0.01"}"#) == 0)
        #expect(after[#"plugboard_sessions{version="4"}"#] == 1 && after["plugboard_lanes_driven"] == 1)
        #expect(after[#"plugboard_upstream_state{upstream="0",state="waiting"}"#] == 1)
    }

    @Test("A device tells how long its writes of the last minute took, and null when there were none.")
    func latency() throws {
        let target = try Target(latency: .milliseconds(20))
        let service = AdminService(target)
        func device() -> JSONTree? {
            let request = HTTPRequest("GET", "/v1/devices")
            guard case .response(let response) = service.answer(request, from: AdminOrigin(isUnix: true)) else { return nil }
            return JSONTree(response.body)?["devices"]?.elements.first
        }
        target.host.run(for: .seconds(70))
        #expect(device()?["latency_ms"] == .null)
        App(target, name: "app").vibrate(5)
        let latency = device()?["latency_ms"]
        #expect(latency?["max"] == .number(20))
        #expect(latency?["p50"] != nil && latency?["p99"] != nil)
    }
}
