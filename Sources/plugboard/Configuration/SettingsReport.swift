// The effective configuration for people and programs: each value and where it came from.
// Must not know any key by name.

import Host

/// Writes loaded settings.
struct SettingsReport {
    let loaded: LoadedSettings

    /// TOML that could be used as a configuration, but for the tokens in addresses, with each value's origin after it.
    var text: String {
        var lines = ["# file: \(loaded.file ?? loaded.noFile)"]
        for section in SettingTable.sections {
            lines += ["", "[\(section.name)]"]
            for key in section.keys {
                guard let value = key.read(loaded.settings) else {
                    lines.append("# \(key.name) is not set\(Self.note(key.isFixed))")
                    continue
                }
                lines.append("\(key.name) = \(Self.shown(value.toml))  # \(origin(section, key))\(Self.note(key.isFixed))")
            }
            for list in SettingTable.lists where list.name.hasPrefix(section.name + ".") { lines += self.lines(list) }
        }
        for list in SettingTable.lists where !list.name.contains(".") { lines += self.lines(list) }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The rules, one line each: their keys with their values.
    var ruleLines: [String] {
        SettingTable.lists.filter { $0.name == "rule" }.flatMap { list in
            list.values(loaded.settings).map { values in values.map { "\($0.name) = \(Self.shown($0.value.toml))" }.joined(separator: ", ")
            }
        }
    }

    private func lines(_ list: SettingList) -> [String] {
        list.values(loaded.settings).flatMap { values in
            ["", "[[\(list.name)]]  # \(loaded.origins[list.name] ?? .standard)\(Self.note(list.isFixed))"]
                + values.map { "\($0.name) = \(Self.shown($0.value.toml))" }
        }
    }

    /// One JSON object: `{"file":…,"searched":[…],"values":{"server.name":{"value":…,"source":…,"needs_restart":…},…},"lists":{"rule":[{…}]}}`.
    var json: String {
        var values: [String] = []
        for section in SettingTable.sections {
            for key in section.keys {
                let value = (key.read(loaded.settings)?.json).map(Self.shown) ?? "null"
                let name = quoted(section.name + "." + key.name)
                let source = quoted(origin(section, key))
                values.append("\(name):{\"value\":\(value),\"source\":\(source),\"needs_restart\":\(key.isFixed)}")
            }
        }
        let lists = SettingTable.lists.map { list in
            let elements = list.values(loaded.settings).map { values in
                "{" + values.map { "\(quoted($0.name)):\(Self.shown($0.value.json))" }.joined(separator: ",") + "}"
            }
            return "\(quoted(list.name)):[\(elements.joined(separator: ","))]"
        }
        let searched = loaded.searched.map(quoted).joined(separator: ",")
        return "{\"file\":\(loaded.file.map(quoted) ?? "null"),\"searched\":[\(searched)],\"values\":{\(values.joined(separator: ","))},"
            + "\"lists\":{\(lists.joined(separator: ","))}}\n"
    }

    /// A value without the token that an address in it may have: people show this report to others.
    private static func shown(_ value: String) -> String { value.contains("://") ? Redaction.redacted(value) : value }

    /// What follows the origin of a value that a reload leaves as it is.
    private static func note(_ isFixed: Bool) -> String { isFixed ? "; a change needs a restart" : "" }

    private func origin(_ section: SettingSection, _ key: SettingKey<Settings>) -> String {
        "\(loaded.origins[section.name + "." + key.name] ?? .standard)"
    }
}

extension LoadedSettings {
    /// That no file was read, and where one is looked for.
    var noFile: String { "none; it would be \(searched.joined(separator: ", else "))" }
}
