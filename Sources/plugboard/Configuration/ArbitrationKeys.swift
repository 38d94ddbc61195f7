// The keys of [arbitration] and [[arbitration.lane]].
// Must not know what the arbiter makes of them; `docs/arbitration.md` explains it.

import Buttplug
import Host
import Router

extension SettingTable {
    private static let anyTime = Interval.zero ... .seconds(86_400)

    static let arbitration = SettingSection(
        name: "arbitration", meaning: "How many clients share one device set; see docs/arbitration.md.",
        keys: [
            .interval(
                "hold", \.router.arbitration.leaseHold, anyTime,
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
            How the values of clients with equal priority become one value. Unset: the output type's own (highest for vibration, \
            exclusive for positions, latest for temperature and light).
            """),
        .fraction("ceiling", \.ceiling, "No value passes this fraction of the range, for any client."),
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
}
