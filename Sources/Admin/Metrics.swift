// The router's counters in the text format of Prometheus: base units, bounded labels, no text that a client chose.
// Must not count anything itself.

import Buttplug
import Host
import Router

enum Metrics {
    static func text(_ snapshot: RouterSnapshot, _ target: any AdminTarget) -> String {
        var page = MetricsPage()
        let figures = target.figures
        addState(of: snapshot, figures, target, to: &page)
        addConnections(snapshot.totals, figures, target, to: &page)
        addOutputs(snapshot, figures, target, to: &page)
        addDevices(snapshot, figures, to: &page)
        addUpstreams(target.upstreams, figures, to: &page)
        addProcess(figures, to: &page)
        return page.text
    }

    private static func addState(
        of snapshot: RouterSnapshot, _ figures: AdminFigures, _ target: any AdminTarget, to page: inout MetricsPage
    ) {
        let identity = target.identity
        page.family("plugboard_build_info", .gauge, "Version and commit of the program.")
        page.sample("plugboard_build_info", [("version", identity.version), ("commit", identity.commit)], 1)
        page.single("plugboard_uptime_seconds", .gauge, "Time since the start.", (target.now - identity.startedAt).seconds)
        if let expires = figures.certificateExpires {
            page.single(
                "plugboard_certificate_expiry_timestamp_seconds", .gauge, "When the certificate ends, in seconds since 1970.",
                Double(expires))
        }
        if let expires = figures.clientAuthoritiesExpire {
            page.single(
                "plugboard_client_ca_expiry_timestamp_seconds", .gauge,
                "When the first authority in client_ca ends, in seconds since 1970.",
                Double(expires))
        }
        page.single("plugboard_emergency_stop", .gauge, "1 while the emergency stop is raised.", snapshot.isStopped ? 1 : 0)
        page.single("plugboard_scanning", .gauge, "1 while anybody wants a scan.", snapshot.isScanning ? 1 : 0)
        page.single("plugboard_scan_votes", .gauge, "Who wants a scan, the operator included.", Double(figures.router.scanVotes))

        page.family("plugboard_sessions", .gauge, "Sessions by protocol version; before the handshake: none.")
        for version in SpecVersion.allCases {
            let count = snapshot.sessions.filter { $0.version == version }.count
            page.sample("plugboard_sessions", [("version", "\(version.rawValue)")], Double(count))
        }
        page.sample("plugboard_sessions", [("version", "none")], Double(snapshot.sessions.filter { $0.version == nil }.count))
        // Not by the token's name: each new guest would add a series for good.
        page.family("plugboard_sessions_from", .gauge, "Sessions by where they come from, and whether they have shown a token.")
        for (from, isLocal) in [("local", true), ("remote", false)] {
            for (token, hasToken) in [("no", false), ("yes", true)] {
                let count = snapshot.sessions.count { $0.peer.isLocal == isLocal && ($0.peer.token != nil) == hasToken }
                page.sample("plugboard_sessions_from", [("from", from), ("token", token)], Double(count))
            }
        }
        page.single("plugboard_consents_waiting", .gauge, "Clients that wait to be let in.", Double(snapshot.consents.count))
        page.single("plugboard_devices", .gauge, "Devices there are.", Double(snapshot.devices.count))
        page.single("plugboard_lanes", .gauge, "Outputs there are.", Double(snapshot.lanes.count))
        page.single(
            "plugboard_lanes_driven", .gauge, "Outputs that somebody drives.", Double(snapshot.lanes.filter { $0.type != nil }.count))
        let leased = snapshot.lanes.filter { lane in lane.lease.map { $0.until > target.now } ?? false }
        page.single("plugboard_lanes_leased", .gauge, "Outputs that are one app's for a time.", Double(leased.count))
        page.single(
            "plugboard_subscriptions", .gauge, "Sensors that apps listen to, counted per app.", Double(figures.router.subscriptions))
    }

    private static func addConnections(
        _ totals: RouterTotals, _ figures: AdminFigures, _ target: any AdminTarget, to page: inout MetricsPage
    ) {
        page.family("plugboard_connections_total", .counter, "Connections by what became of them first.")
        page.sample("plugboard_connections_total", [("result", "opened")], Double(figures.connectionsOpened))
        page.sample("plugboard_connections_total", [("result", "refused")], Double(figures.connectionsRefused))
        page.sample("plugboard_connections_total", [("result", "head_timeout")], Double(figures.connectionsWithoutHead))
        page.sample("plugboard_connections_total", [("result", "displaced")], Double(figures.connectionsDisplaced))
        page.sample("plugboard_connections_total", [("result", "tls_failed")], Double(figures.connectionsWithoutTLS))
        page.family("plugboard_connections_unauthorized_total", .counter, "Refused connections without a valid token, by the answer.")
        page.sample("plugboard_connections_unauthorized_total", [("status", "401")], Double(figures.connectionsUnauthorized))
        page.sample("plugboard_connections_unauthorized_total", [("status", "429")], Double(figures.connectionsPaused))
        page.family("plugboard_handshakes_total", .counter, "Handshakes by result.")
        page.sample("plugboard_handshakes_total", [("result", "done")], Double(totals.handshakes))
        page.sample("plugboard_handshakes_total", [("result", "refused")], Double(totals.handshakesRefused))
        page.sample("plugboard_handshakes_total", [("result", "timed_out")], Double(target.count(.handshakeTimeout)))
        page.family("plugboard_consents_total", .counter, "Clients whose rule asks the operator, by what became of it.")
        page.sample("plugboard_consents_total", [("result", "asked")], Double(totals.consentsAsked))
        page.sample("plugboard_consents_total", [("result", "given")], Double(totals.consentsGiven))
        page.sample("plugboard_consents_total", [("result", "denied")], Double(target.count(.consentDenied)))
        page.sample("plugboard_consents_total", [("result", "timed_out")], Double(target.count(.consentTimeout)))
        page.family("plugboard_sessions_ended_total", .counter, "Sessions that ended, by reason.")
        for reason in CloseReason.allCases {
            page.sample("plugboard_sessions_ended_total", [("reason", reason.rawValue)], Double(target.count(reason)))
        }
        page.single("plugboard_messages_received_total", .counter, "Messages from clients.", Double(totals.frames))
        page.single("plugboard_messages_malformed_total", .counter, "Messages that could not be read.", Double(totals.malformed))
        page.single("plugboard_messages_binary_total", .counter, "Binary messages, which are ignored.", Double(figures.binaryMessages))
        page.family("plugboard_requests_total", .counter, "Requests in messages from clients, by type.")
        for kind in RequestKind.allCases {
            page.sample("plugboard_requests_total", [("type", "\(kind)")], Double(figures.router.requestsByKind[kind] ?? 0))
        }
        let ends: [Double] = [0, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304]
        page.family("plugboard_session_queue_bytes", .histogram, "Bytes that wait for each session now; counts go down again.")
        page.histogram(
            "plugboard_session_queue_bytes", [],
            ends.map { end in (end: end, count: UInt64(figures.queues.filter { Double($0) <= end }.count)) },
            count: UInt64(figures.queues.count), sum: Double(figures.queues.reduce(0, +)))
    }

    private static func addOutputs(
        _ snapshot: RouterSnapshot, _ figures: AdminFigures, _ target: any AdminTarget, to page: inout MetricsPage
    ) {
        let totals = snapshot.totals
        page.single(
            "plugboard_outputs_invalid_total", .counter, "Commands for an output or a value that does not exist.", Double(totals.invalid))
        page.single(
            "plugboard_outputs_denied_total", .counter, "Commands to devices that the session's rule denies.", Double(totals.deniedDevice))
        page.single("plugboard_outputs_rate_limited_total", .counter, "Commands refused because of rate_limit.", Double(totals.rateRefused))
        page.family("plugboard_outputs_total", .counter, "Commands by what became of them.")
        for verdict in Verdict.allCases {
            page.sample("plugboard_outputs_total", [("verdict", snakeCase("\(verdict)"))], Double(target.count(verdict)))
        }
        page.single(
            "plugboard_winner_changes_total", .counter, "Times an output went to another app, or to none; since the first scrape.",
            Double(figures.winnerChanges))
    }

    private static func addDevices(_ snapshot: RouterSnapshot, _ figures: AdminFigures, to page: inout MetricsPage) {
        let (totals, router) = (snapshot.totals, figures.router)
        page.single("plugboard_device_writes_total", .counter, "Writes handed to devices.", Double(totals.writes))
        page.family("plugboard_device_write_results_total", .counter, "Writes to devices by result.")
        page.sample("plugboard_device_write_results_total", [("result", "done")], Double(router.writesDone))
        page.sample("plugboard_device_write_results_total", [("result", "refused")], Double(router.writesRefused))
        page.sample("plugboard_device_write_results_total", [("result", "timed_out")], Double(router.writesUnanswered))
        page.family("plugboard_device_write_latency_seconds", .histogram, "From a write to its answer, in whole milliseconds.")
        page.histogram("plugboard_device_write_latency_seconds", router.writeLatencies)
        let failures = snapshot.devices.reduce(UInt64(0)) { $0 + $1.traffic.failures }
        page.single("plugboard_device_failures", .gauge, "Failed writes of the devices that are there.", Double(failures))
        page.single("plugboard_readings_total", .counter, "Readings that subscribed sensors have sent.", Double(totals.readings))
        page.single(
            "plugboard_readings_merged_total", .counter, "Readings that a slow client did not get because of newer ones.",
            Double(totals.coalesced))
    }

    private static func addUpstreams(_ upstreams: [UpstreamStatus], _ figures: AdminFigures, to page: inout MetricsPage) {
        let all = upstreams.enumerated().map { (label: ("upstream", "\($0.offset)"), status: $0.element) }
        page.family("plugboard_upstream_connected", .gauge, "1 while the upstream of this number is connected.")
        for one in all { page.sample("plugboard_upstream_connected", [one.label], one.status.state == .connected ? 1 : 0) }
        page.family("plugboard_upstream_state", .gauge, "1 for the state that the upstream of this number is in.")
        for one in all {
            for state in UpstreamStatus.State.allCases {
                page.sample("plugboard_upstream_state", [one.label, ("state", state.rawValue)], one.status.state == state ? 1 : 0)
            }
        }
        page.family("plugboard_upstream_devices", .gauge, "Devices of the upstream of this number.")
        for one in all { page.sample("plugboard_upstream_devices", [one.label], Double(one.status.devices)) }
        page.family("plugboard_upstream_reconnects_total", .counter, "How often the upstream of this number was connected again.")
        for one in all { page.sample("plugboard_upstream_reconnects_total", [one.label], Double(one.status.reconnects)) }
        page.family("plugboard_upstream_round_trip_seconds", .histogram, "Until an upstream answers a ping or tells its devices.")
        for (one, durations) in zip(all, figures.roundTrips) {
            page.histogram("plugboard_upstream_round_trip_seconds", durations, [one.label])
        }
    }

    private static func addProcess(_ figures: AdminFigures, to page: inout MetricsPage) {
        page.family("plugboard_turn_duration_seconds", .histogram, "From waking up to the end of the loop's turn; since the first scrape.")
        page.histogram("plugboard_turn_duration_seconds", figures.turns)
        page.family("plugboard_loop_lag_seconds", .histogram, "How late deadlines were looked at; since the first scrape.")
        page.histogram("plugboard_loop_lag_seconds", figures.lags)
        let process = figures.process
        page.single("plugboard_process_resident_memory_bytes", .gauge, "Memory in use.", Double(process.residentBytes))
        page.single("plugboard_process_open_descriptors", .gauge, "Files and connections that are open.", Double(process.descriptors))
        page.single("plugboard_process_max_descriptors", .gauge, "How many may be open.", Double(process.descriptorsMax))
        page.single(
            "plugboard_process_cpu_seconds_total", .counter, "Processor time used.", Double(process.processorMicroseconds) / 1e6)
    }

    /// "deniedObserver" as "denied_observer".
    static func snakeCase(_ name: String) -> String {
        String(name.flatMap { $0.isUppercase ? "_\($0.lowercased())" : "\($0)" })
    }
}
