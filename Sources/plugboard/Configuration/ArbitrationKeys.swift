// The keys of [arbitration], [[arbitration.lane]] and [[rule]].
// Must not know what the arbiter makes of them; `docs/arbitration.md` tells it.

import Buttplug
import Host
import Router

extension SettingTable {
    private static let anyTime = Interval.zero ... .seconds(86_400)

    static let arbitration = SettingSection(
        name: "arbitration", meaning: "How many clients share one device set; docs/arbitration.md tells the whole.",
        keys: [
            .interval(
                "hold", \.router.arbitration.hold, anyTime,
                "How long a lease lives on after its owner's last command has run out."),
            .interval(
                "lease_max", \.router.arbitration.leaseMax, anyTime,
                "The longest duration of a command that counts for its lease."),
            .interval(
                "stop_holdoff", \.router.arbitration.stopHoldoff, anyTime,
                "How long commands are discarded where a stop with stop_scope = \"global\" stopped everyone."),
            .interval(
                "refresh", \.router.arbitration.refresh, .milliseconds(10) ... .seconds(86_400),
                "A repeated value is written again when the last write is older than this."),
            .interval(
                "write_timeout", \.router.arbitration.writeTimeout, .milliseconds(10) ... .seconds(3600),
                "How long a device may take to answer a write before it counts as failed."),
            .interval(
                "spray_gap", \.router.arbitration.sprayGap, anyTime,
                "Least time between two sprays of one output; earlier ones are dropped."),
        ])

    static let lane = SettingList(
        "arbitration.lane", \.router.arbitration.lanes, of: SettingElement(new: { LaneRule() }, keys: laneKeys),
        "Settings for lanes (an output of a device); the first entry that matches counts.")

    private static let laneKeys: [SettingKey<LaneRule>] = [
        .text(
            "device", ifSet: \.device, example: "\"*Stroker*\"",
            "Which devices, by name or display name; * is any run of characters, ? any one. Unset: all."),
        .integer("feature", ifSet: \.feature, 0...Int(UInt32.max), example: "0", "Which feature of the device. Unset: all."),
        .choice(
            "output", ifSet: \.outputName, of: OutputType.allCases.map { "\($0.name)" }, example: "\"Position\"",
            "Which type of output. Unset: all."),
        .choice(
            "mix", ifSet: \.mix, example: "\"exclusive\"",
            """
            How the wishes of clients with equal priority become one value. Unset: the output type's own (highest for vibration, \
            exclusive for positions, latest for temperature and light).
            """),
        .fraction("ceiling", \.ceiling, "No value passes this fraction of the range, whoever asks."),
        .fraction(
            "slew", ifSet: \.slew, Fraction(tenThousandths: 1)...Fraction.one, example: "0.5",
            "By how much of the range a value may rise per second. Unset: at once. Falling is never slowed."),
        .choice(
            "on_conflict", \.onConflict,
            "What a client gets whose command meets someone else's lease: \"shadow\" answers Ok, \"error\" answers Error 3."),
        .milliseconds(
            "max_duration", ifSet: \.maxDurationMilliseconds, .milliseconds(1) ... .milliseconds(Int64(UInt32.max)),
            example:
                "\"10s\"",
            "The longest duration of a move; a longer one is Error 4. Unset: any."),
    ]

    static let rule = SettingList(
        "rule", \.rules, of: SettingElement(new: { RuleEntry() }, keys: ruleKeys),
        "What clients may do. The first entry whose match fits counts; an entry without match fits everyone.")

    private static let ruleKeys: [SettingKey<RuleEntry>] = [
        .text(
            "match.client", ifSet: \.client, example: "\"OBS*\"",
            "The name the client gives; * is any run of characters, ? any one."),
        .text(
            "match.address", ifSet: \.address, example: "\"192.168.1.*\"",
            "The client's address without its port; \"unix\" for Unix sockets."),
        .text("match.origin", ifSet: \.origin, example: "\"https://example.org\"", "The Origin header of a web page."),
        .text(
            "match.listener", ifSet: \.listener, example: "\"unix://*\"",
            "The listener the client came through, as it stands in server.listen."),
        .text(
            "match.token", ifSet: \.rule.match.token, example: "\"secret\"",
            "The token the client showed; not a pattern. Clients have no way to show one yet, so such a rule fits nobody."),
        .choice("role", \.rule.rights.role, "\"observer\" sees devices, reads sensors and may stop, but drives nothing."),
        .integer(
            "priority", \.rule.rights.priority, 0...200,
            "The highest priority that wants something of an output gets it."),
        .fraction("gain", \.rule.rights.gain, "What the client's values are multiplied by."),
        .fraction("cap", \.rule.rights.cap, "No value of the client passes this fraction of the range."),
        .texts(
            "devices.allow", ifSet: \.allow, example: "[\"*Rabbit*\"]",
            "The only devices the client sees, by name or display name. Unset: all."),
        .texts("devices.deny", \.deny, "Devices the client does not see, allowed or not."),
        .milliseconds(
            "max_ping_time", ifSet: \.maxPingTime, .zero ... .seconds(86_400), example: "\"500ms\"",
            "As server.max_ping_time, for these clients. Unset: as there."),
        .integer(
            "rate_limit", ifSet: \.rule.rateLimit, 1...1_000_000, example: "100",
            "Output commands per second; zeros and stops always pass. Unset: any number."),
        .choice(
            "stop_scope", \.rule.rights.stopScope,
            """
            What a stop of the client reaches: its "own" outputs, those of all clients ("global"), or it raises the emergency stop \
            ("estop").
            """),
        .boolean("mute", \.rule.rights.mute, "The client drives nothing for now; its commands are answered Ok."),
    ]
}
