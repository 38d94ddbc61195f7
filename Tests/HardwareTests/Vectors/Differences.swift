// Where we write other bytes than the vectors say, each with its reason.

enum Differences {
    /// By case.
    static let reasons: [String: String] = [
        "lovense_nora": "RotateChange toggles, so it is sent when the sign changes and not for each negative value",
        "hgod_protocol": "a stop is written at once; elsewhere the device is left to stop by itself",
        "honeyplaybox_protocol": "the second frame of the stop is the repetition at rest, which comes when half a second has passed",
        "svakom_theodore": "a stop is for the rotation, too",
        "tcode_linear_and_vibrate": "real T-code has four digits; the device is from a user's file that is not at hand",
        "fredorch_protocol": "the machine has 15 positions, as its configuration says; these bytes are for 99",
    ]
    /// By the beginning of the case's name.
    private static let prefixes = [
        ("mymuselinkplus", "no short pulse at the beginning: nothing starts by surprise"),
        ("wevibe_4plus", "no short pulse at the beginning: nothing starts by surprise (decision 62)"),
    ]

    /// Why a case may differ; nil when it may not.
    static func reason(_ name: String) -> String? { reasons[name] ?? prefixes.first { name.hasPrefix($0.0) }?.1 }
}
