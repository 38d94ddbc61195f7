// Where we write other bytes than the vectors say, each with its reason.

enum Differences {
    /// By case.
    static let reasons: [String: String] = [
        "lovense_nora": "RotateChange toggles, so it is sent when the sign changes and not for each negative value"
    ]
}
