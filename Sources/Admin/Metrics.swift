// The router's counters in the text format of Prometheus: base units, bounded labels, no text that a client chose.
// Must not count anything itself.

import Buttplug
import Host
import Router

enum Metrics {
    static func text(_ snapshot: RouterSnapshot, _ target: any AdminTarget) -> String {
        var page = MetricsPage()
        let identity = target.identity
        page.family("plugboard_build_info", .gauge, "Version and commit of the program.")
        page.sample("plugboard_build_info", [("version", identity.version), ("commit", identity.commit)], 1)
        page.single("plugboard_uptime_seconds", .gauge, "Time since the start.", (target.now - identity.startedAt).seconds)
        page.single("plugboard_emergency_stop", .gauge, "1 while the emergency stop is raised.", snapshot.isStopped ? 1 : 0)
        page.single("plugboard_scanning", .gauge, "1 while anybody wants a scan.", snapshot.isScanning ? 1 : 0)

        page.family("plugboard_sessions", .gauge, "Sessions by protocol version; before the handshake: none.")
        for version in SpecVersion.allCases {
            let count = snapshot.sessions.filter { $0.version == version }.count
            page.sample("plugboard_sessions", [("version", "\(version.rawValue)")], Double(count))
        }
        page.sample("plugboard_sessions", [("version", "none")], Double(snapshot.sessions.filter { $0.version == nil }.count))
        page.single("plugboard_devices", .gauge, "Devices there are.", Double(snapshot.devices.count))
        page.single("plugboard_lanes", .gauge, "Outputs there are.", Double(snapshot.lanes.count))
        page.single(
            "plugboard_lanes_driven", .gauge, "Outputs that somebody drives.", Double(snapshot.lanes.filter { $0.type != nil }.count))

        let totals = snapshot.totals
        page.single("plugboard_messages_received_total", .counter, "Messages from clients.", Double(totals.frames))
        page.single("plugboard_messages_malformed_total", .counter, "Messages that could not be read.", Double(totals.malformed))
        page.single("plugboard_handshakes_total", .counter, "Handshakes that succeeded.", Double(totals.handshakes))
        page.single(
            "plugboard_outputs_invalid_total", .counter, "Commands for an output or a value that does not exist.", Double(totals.invalid))
        page.single(
            "plugboard_outputs_denied_total", .counter, "Commands to devices that the session's rule denies.", Double(totals.deniedDevice))
        page.single("plugboard_outputs_rate_limited_total", .counter, "Commands refused because of rate_limit.", Double(totals.rateRefused))
        page.family("plugboard_outputs_total", .counter, "Commands by what became of them.")
        for verdict in Verdict.allCases {
            page.sample("plugboard_outputs_total", [("verdict", snakeCase("\(verdict)"))], Double(target.count(verdict)))
        }
        page.family("plugboard_sessions_ended_total", .counter, "Sessions that ended, by reason.")
        for reason in CloseReason.allCases {
            page.sample("plugboard_sessions_ended_total", [("reason", reason.rawValue)], Double(target.count(reason)))
        }
        page.single(
            "plugboard_readings_merged_total", .counter, "Readings that a slow client did not get because of newer ones.",
            Double(totals.coalesced))
        page.single("plugboard_device_writes_total", .counter, "Writes handed to devices.", Double(totals.writes))
        let failures = snapshot.devices.reduce(UInt64(0)) { $0 + $1.traffic.failures }
        page.single("plugboard_device_failures", .gauge, "Failed writes of the devices that are there.", Double(failures))

        page.family("plugboard_upstream_connected", .gauge, "1 while the upstream of this number is connected.")
        for (number, upstream) in target.upstreams.enumerated() {
            page.sample("plugboard_upstream_connected", [("upstream", "\(number)")], upstream.state == .connected ? 1 : 0)
        }
        page.family("plugboard_upstream_reconnects_total", .counter, "How often the upstream of this number was connected again.")
        for (number, upstream) in target.upstreams.enumerated() {
            page.sample("plugboard_upstream_reconnects_total", [("upstream", "\(number)")], Double(upstream.reconnects))
        }
        return page.text
    }

    /// "deniedObserver" as "denied_observer".
    static func snakeCase(_ name: String) -> String {
        String(name.flatMap { $0.isUppercase ? "_\($0.lowercased())" : "\($0)" })
    }
}

/// A page of metrics.
private struct MetricsPage {
    enum Kind: String { case gauge, counter }
    private(set) var text = ""

    mutating func family(_ name: String, _ kind: Kind, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    }

    mutating func sample(_ name: String, _ labels: [(String, String)], _ value: Double) {
        let list = labels.map { "\($0.0)=\"\($0.1.filter { $0 != "\"" && $0 != "\\" && $0 != "\n" })\"" }.joined(separator: ",")
        text += "\(name)\(list.isEmpty ? "" : "{\(list)}") \(number(value))\n"
    }

    mutating func single(_ name: String, _ kind: Kind, _ help: String, _ value: Double) {
        family(name, kind, help)
        sample(name, [], value)
    }

    private func number(_ value: Double) -> String { value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)" }
}
