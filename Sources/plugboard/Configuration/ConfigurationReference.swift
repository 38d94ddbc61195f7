// The reference of the configuration: every key with meaning, range and default, as a file that could be used at once.
// Must not know any key; `config/plugboard.toml` is this text, and a test keeps it so.

/// Writes the reference.
enum ConfigurationReference {
    private static let width = 110

    static var text: String {
        var lines = [
            "# Plugboard's configuration: every key there is, with meaning, range and default.",
            "# As it is, this file sets nothing but defaults. Keys without a default are commented out and show an example.",
            "#",
            "# A duration is written \"500ms\", \"2s\", \"1m\", \"1h\", or as a number of milliseconds;",
            "# a size \"64KiB\", \"1MiB\", or as a number of bytes.",
            "#",
            "# A flag goes before an environment variable, that before this file, and that before the default.",
            "# The variable of a key is PLUGBOARD_SECTION_KEY; lists are written with commas there: PLUGBOARD_SERVER_LISTEN.",
            "# `plugboard config` shows what is in force and where it came from; `plugboard check FILE` checks a file.",
        ]
        for section in SettingTable.sections {
            lines += ["", "# " + section.meaning, "[\(section.name)]"]
            for key in section.keys {
                let standard = key.read(Settings())
                let isSet = standard.map { $0 != .texts([]) || key.example == nil } ?? false
                lines += [""] + comment(key.meaning) + comment(facts(key.kind, standard, isFixed: key.isFixed))
                lines.append(isSet ? "\(key.name) = \(standard?.toml ?? "")" : "# \(key.name) = \(key.example ?? "")")
            }
            // A list inside a section comes after its keys, or TOML would take them for the list's.
            for list in SettingTable.lists where list.name.hasPrefix(section.name + ".") { lines += self.list(list) }
        }
        for list in SettingTable.lists where !list.name.contains(".") { lines += self.list(list) }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func list(_ list: SettingList) -> [String] {
        var lines = [""] + comment(list.meaning + (list.isFixed ? " A change needs a restart." : "")) + ["# [[\(list.name)]]"]
        for row in list.rows {
            let value = row.example ?? row.standard?.toml ?? ""
            lines += ["#"] + comment(row.meaning) + comment(facts(row.kind, row.example == nil ? row.standard : nil, isFixed: false))
            lines.append("# \(row.name) = \(value)")
        }
        return lines
    }

    private static func facts(_ kind: SettingKind, _ standard: SettingValue?, isFixed: Bool) -> String {
        let range = kind.range.prefix(1).uppercased() + kind.range.dropFirst()
        return "\(range)." + (standard.map { " Default: \($0.toml)." } ?? "") + (isFixed ? " A change needs a restart." : "")
    }

    /// Text as comment lines of at most `width` characters.
    private static func comment(_ text: String) -> [String] {
        var lines: [String] = []
        var line = "#"
        for word in text.split(separator: " ") {
            if line.count + 1 + word.count > width {
                lines.append(line)
                line = "#"
            }
            line += " " + word
        }
        return lines + [line]
    }
}
