// What a device says of itself, as it may be shown.
// Must not know where it is shown.

enum ShownName {
    /// Scalars of a name that are shown.
    static let scalarsMax = 64

    /// Without controls and marks that turn the direction of a text, and not longer than what is shown.
    static func clean(_ text: String, upTo scalarsMax: Int = scalarsMax) -> String {
        var clean = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(scalarsMax) { clean.append(isShown(scalar) ? scalar : "\u{FFFD}") }
        return String(clean)
    }

    private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: false
        default: true
        }
    }
}
