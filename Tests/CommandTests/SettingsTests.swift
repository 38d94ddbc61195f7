// A good configuration: every kind of key, lists, defaults, and their values in the server's own settings.
// Must not know the texts of refusals; `RefusalTests` do.

import Devices
import Host
import Router
import Testing

@testable import plugboard

@Suite struct SettingsTests {
    @Test("An empty file gives the defaults.")
    func empty() throws {
        let loaded = try settings("")
        #expect(loaded.settings.listen == ["ws://localhost:12345"])
        #expect(loaded.settings.server.router == RouterSettings())
        #expect(loaded.origins.isEmpty)
    }

    @Test("Every section sets its settings.")
    func sections() throws {
        let configured = try settings(
            """
            [server]
            name = "Mine"
            listen = ["ws://[::1]:0", "unix:///tmp/x.sock"]
            max_ping_time = 500
            ping_grace = 0.25
            state_file = ""
            allowed_hosts = ["router.lan"]
            [devices]
            simulated = ["rabbit", "stroker*3"]
            scan_delay = "1.5s"
            present_at_start = true
            seed = 7
            journal = "j"
            [arbitration]
            hold = "250ms"
            spray_gap = "1m"
            [limits]
            message_bytes = "64KiB"
            queued_bytes = 5000
            sessions = 9
            [log]
            level = "debug"
            format = "json"
            """
        ).settings
        #expect(configured.listen == ["ws://[::1]:0", "unix:///tmp/x.sock"])
        #expect(configured.stateFile == "")
        #expect(configured.allowedHosts == ["router.lan"])
        #expect(configured.journal == "j")
        #expect(configured.logLevel == .debug)
        #expect(configured.logFormat == .json)
        let server = configured.server
        #expect(server.router.serverName == "Mine")
        #expect(server.router.rules.fallback.maxPingTime == 500)
        #expect(server.router.pingGrace == Fraction(0.25))
        #expect(server.router.arbitration.leaseHold == .milliseconds(250))
        #expect(server.router.arbitration.sprayGap == .seconds(60))
        #expect(server.router.limits.messageBytes == 65_536)
        #expect(server.router.limits.queuedBytes == 5000)
        #expect(server.router.limits.sessions == 9)
        #expect(server.devices.map(\.archetype.key) == ["rabbit", "simulated-stroker"])
        #expect(server.devices.map(\.count) == [1, 3])
        #expect(server.devices.map(\.connectDelay) == [.milliseconds(1500), .milliseconds(1500)])
        #expect(server.deviceOptions.presentAtStart)
        #expect(server.deviceOptions.seed == 7)
    }

    @Test("A simulated device has the settings of its entry, and both lists of devices are added.")
    func simulatedDevices() throws {
        let devices = try settings(
            """
            [devices]
            simulated = ["kegel"]
            [[devices.simulated_device]]
            archetype = "plug"
            count = 2
            latency = "20ms"
            rate_cap = 12.5
            failure_rate = 0.1
            disconnect_after = "30s"
            reconnect_after = "5s"
            gap = "75ms"
            battery = 40
            [[devices.simulated_device]]
            archetype = "osr"
            name = "Big one"
            latency = "20ms"
            latency_jitter = "5ms"
            """
        ).settings.server.devices
        #expect(devices.map(\.archetype.key) == ["kegel", "plug", "osr"])
        let plug = devices[1]
        #expect(plug.count == 2)
        #expect(plug.latency == .fixed(.milliseconds(20)))
        #expect(plug.writesPerSecond == 12.5)
        #expect(plug.failureRate == 0.1)
        #expect(plug.disconnectAfter == .seconds(30))
        #expect(plug.reconnectAfter == .seconds(5))
        #expect(plug.messageGapMilliseconds == 75)
        #expect(plug.batteryPercent == 40)
        #expect(devices[2].displayName == "Big one")
        #expect(devices[2].latency == .normal(mean: .milliseconds(20), deviation: .milliseconds(5)))
    }

    @Test("Rules keep their order, accept inline tables and dotted keys, and inherit the server's max_ping_time.")
    func rules() throws {
        let table = try settings(
            """
            [server]
            max_ping_time = "3s"
            [[rule]]
            match = { client = "OBS*", address = "10.*" }
            role = "observer"
            devices = { allow = ["*Rabbit*"], deny = ["*2"] }
            [[rule]]
            match.listener = "unix://*"
            match.origin = "https://a"
            match.token = "t"
            priority = 200
            gain = 0.5
            cap = 1
            max_ping_time = 0
            rate_limit = 20
            stop_scope = "estop"
            mute = true
            """
        ).settings.server.router.rules
        #expect(table.rules.count == 2)
        #expect(table.rules[0].match == RuleMatch(client: Glob("OBS*"), address: Glob("10.*")))
        #expect(table.rules[0].rights.role == .observer)
        #expect(table.rules[0].devices == DeviceAccess(allow: [Glob("*Rabbit*")], deny: [Glob("*2")]))
        #expect(table.rules[0].maxPingTime == 3000)
        var rights = Rights()
        rights.priority = 200
        rights.gain = Fraction(0.5)
        rights.stopScope = .estop
        rights.mute = true
        #expect(table.rules[1].rights == rights)
        #expect(table.rules[1].match == RuleMatch(origin: Glob("https://a"), listener: Glob("unix://*"), token: Glob("t")))
        #expect(table.rules[1].maxPingTime == 0)
        #expect(table.rules[1].rateLimit == 20)
        #expect(table.fallback.maxPingTime == 3000)
    }

    @Test("Lane settings become the arbiter's lane settings.")
    func lanes() throws {
        let lanes = try settings(
            """
            [[arbitration.lane]]
            device = "*Stroker*"
            feature = 2
            output = "HwPositionWithDuration"
            mix = "latest"
            ceiling = 0.07
            slew = 0.5
            on_conflict = "error"
            max_duration = "10s"
            [[arbitration.lane]]
            """
        ).settings.server.router.arbitration.lanes
        var lane = LaneRule()
        lane.device = "*Stroker*"
        lane.feature = 2
        lane.output = .hwPositionWithDuration
        lane.mix = .latest
        lane.ceiling = Fraction(tenThousandths: 700)
        lane.slew = Fraction(0.5)
        lane.onConflict = .error
        lane.maxDurationMilliseconds = 10_000
        #expect(lanes == [lane, LaneRule()])
    }

    @Test(
        "Durations and sizes have the units people write.",
        arguments: [
            ("2s", 2_000), ("500ms", 500), ("1.5s", 1_500), ("1m", 60_000), ("2h", 7_200_000), ("0s", 0), ("0.25 s", 250),
        ])
    func durations(text: String, milliseconds: Int64) {
        #expect(SettingKind.interval(text) == .milliseconds(milliseconds))
    }

    @Test(
        "A text that is neither a duration nor a size is refused.",
        arguments: ["", "s", "2", "-2s", "2 sec", "1e3s", ".5s", "2s2", "٢s", "2S", "nans"])
    func noDuration(text: String) {
        #expect(SettingKind.interval(text) == nil)
        #expect(SettingKind.bytes(text) == nil)
    }

    @Test(
        "Sizes count in 1024 with an i and in 1000 without.",
        arguments: [("1MiB", 1_048_576), ("64KiB", 65_536), ("10kB", 10_000), ("2 GB", 2_000_000_000), ("512B", 512)])
    func sizes(text: String, bytes: Int) {
        #expect(SettingKind.bytes(text) == bytes)
    }

    @Test("A number too large for its unit is out of range, not a crash.", arguments: ["99999999999999999999h", "9223372036854775807ms"])
    func hugeDurations(text: String) throws {
        #expect(try problems("[arbitration]\nhold = \"\(text)\"\n").count == 1)
        #expect(try problems("[arbitration]\nhold = 9223372036854775807\n").count == 1)
        #expect(try problems("[limits]\nmessage_bytes = \"99999999999999999999GiB\"\n").count == 1)
    }
}
