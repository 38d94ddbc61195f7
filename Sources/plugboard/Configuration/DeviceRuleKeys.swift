// The keys of [[hardware.device]] and [[hardware.output]]: what is set for devices and their outputs.
// Must not know a device; whether a limit fits its output is found out when it is there.

import Buttplug
import Hardware
import Host

extension HardwareKeys {
    private static let matching = """
        Which devices, by identity ("bluetooth:C0:11:22:33:44:55", as `plugboard devices --scan` lists them), by the name that a device \
        gives itself, or by its model's name; * is any run of characters, ? any one.
        """

    static let device = SettingList(
        "hardware.device", \.hardware.rules.devices,
        of: SettingElement(new: { DeviceRule(Glob("")) }, required: ["match"], keys: deviceKeys),
        """
        Settings for devices of hardware. Of several entries that match, the first that sets a key counts for it; a denial always counts. \
        They are applied when a device next becomes ready.
        """)

    private static let deviceKeys: [SettingKey<DeviceRule>] = [
        .text("match", ifSet: \.pattern, example: "\"LVS-*\"", matching, check: notEmpty),
        .text("name", ifSet: \.displayName, example: "\"Left one\"", "A name given by the user, shown next to the device's own."),
        .integer(
            "index", ifSet: \.index, 0...Int(UInt32.max), example: "3",
            "The index that clients know it by, if it never had another one. Unset: the lowest that is free."),
        .boolean("deny", \.isDenied, "It is never connected."),
        .boolean(
            "allow", \.isAllowed,
            """
            Only such devices are connected, of those that are found by a scan. Serial ports and programs that the configuration names need \
            no entry.
            """),
        .milliseconds(
            "gap", ifSet: \.gapMilliseconds, .zero ... .seconds(10), example: "\"100ms\"",
            "Least time between two packets to the device. Unset: what is known of its model."),
    ]

    static let output = SettingList(
        "hardware.output", \.hardware.rules.outputs,
        of: SettingElement(new: { OutputRule(Glob("")) }, required: ["match"], keys: outputKeys),
        """
        Settings for outputs of hardware. Of several entries that match, the first that sets a limit counts for it; reverse and disabled \
        always count. They are applied when a device next becomes ready.
        """)

    private static let outputKeys: [SettingKey<OutputRule>] = [
        .text("match", ifSet: \.pattern, example: "\"LVS-*\"", matching, check: notEmpty),
        .integer("feature", ifSet: \.feature, 0...Int(UInt32.max), example: "0", "Which feature of the device. Unset: all."),
        .choice(
            "output", ifSet: \.outputName, of: OutputType.allCases.map { "\($0.name)" }, example: "\"Vibrate\"",
            "Which type of output. Unset: all."),
        .integer(
            "min", ifSet: \.lowest, 0...steps, example: "4",
            "Values above zero begin after this one, in the device's own steps; zero stays zero. Of a position: its lower end."),
        .integer(
            "max", ifSet: \.highest, 1...steps, example: "16",
            "The device is told no higher value than this one, in its own steps. Clients see the range that is left."),
        .boolean("reverse", \.isReversed, "A position counts from its other end."),
        .boolean("disabled", \.isDisabled, "Clients do not see the output, and it stays at zero."),
    ]

    private static let steps = 1_000_000

    @Sendable
    private static func notEmpty(_ text: String) throws(Refusal) {
        if text.isEmpty { throw Refusal("must not be empty; \"*\" is every device") }
    }

    /// What is wrong with limits in one entry.
    static func troubles(withOutputs rows: [OutputRule]) -> [String] {
        rows.compactMap { row in
            guard let lowest = row.lowest, let highest = row.highest, lowest >= highest else { return nil }
            return "\"min\" is \(lowest) and \"max\" \(highest) for \(quoted(row.match.pattern)): min must be less than max"
        }
    }
}

extension DeviceRule {
    fileprivate var pattern: String? {
        get { match.pattern.isEmpty ? nil : match.pattern }
        set { match = Glob(newValue ?? "") }
    }
}

extension OutputRule {
    fileprivate var pattern: String? {
        get { match.pattern.isEmpty ? nil : match.pattern }
        set { match = Glob(newValue ?? "") }
    }
    /// The output's name on the wire.
    fileprivate var outputName: String? {
        get { output.map { "\($0.name)" } }
        set { output = OutputType.allCases.first { "\($0.name)" == newValue } }
    }
}
