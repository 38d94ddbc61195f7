// The files in `config/` and the table of keys agree.
// Must not know any key by name.

import Foundation
import Testing

@testable import plugboard

@Suite struct ReferenceTests {
    private func file(_ name: String) throws -> String {
        try String(contentsOf: repository.appendingPathComponent("config").appendingPathComponent(name), encoding: .utf8)
    }

    @Test("config/plugboard.toml is exactly the reference; `plugboard config --reference` writes it again.")
    func isCurrent() throws {
        let text = try file("plugboard.toml")
        #expect(text == ConfigurationReference.text)
    }

    @Test("The reference sets nothing but defaults.")
    func isDefault() throws {
        let fresh = try settings(ConfigurationReference.text).settings
        for section in SettingTable.sections {
            for key in section.keys { #expect(key.read(fresh) == key.read(Settings()), "\(section.name).\(key.name)") }
        }
        for list in SettingTable.lists { #expect(list.values(fresh).isEmpty) }
    }

    @Test("Every example in the reference is good, and sets its key.")
    func examples() throws {
        let uncommented = ConfigurationReference.text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let code = line.dropFirst(2)
            let isCode = code.hasPrefix("[[") || (code.contains(" = ") && !code.prefix { $0 != "=" }.dropLast().contains(" "))
            return line.hasPrefix("# ") && isCode ? String(code) : String(line)
        }
        // A file of authorities belongs to an encrypted address.
        let text = uncommented.joined(separator: "\n").replacingOccurrences(of: "url = \"ws://", with: "url = \"wss://")
        let loaded = try settings(text)
        for section in SettingTable.sections {
            for key in section.keys {
                #expect(loaded.origins[section.name + "." + key.name] != nil, "\(section.name).\(key.name) is not in the reference")
            }
        }
        for list in SettingTable.lists {
            let values = try #require(list.values(loaded.settings).first)
            for row in list.rows where row.example != nil && row.standard == nil {
                #expect(values.contains { $0.name == row.name }, "\(list.name).\(row.name)")
            }
        }
    }

    @Test("The quick start is a good configuration.")
    func quickstart() throws {
        let loaded = try settings(file("quickstart.toml"))
        #expect(!loaded.settings.server.devices.isEmpty)
    }

    @Test("Every key is described once, with a meaning that is a sentence.")
    func meanings() {
        var seen: Set<String> = []
        for section in SettingTable.sections {
            for key in section.keys {
                #expect(seen.insert(section.name + "." + key.name).inserted)
                #expect(key.meaning.hasSuffix("."), "\(key.name)")
                #expect(key.read(Settings()) != nil || key.example != nil, "\(key.name) has neither default nor example")
            }
        }
        for list in SettingTable.lists {
            for row in list.rows {
                #expect(seen.insert(list.name + "." + row.name).inserted)
                #expect(row.meaning.hasSuffix("."), "\(row.name)")
                #expect(row.standard != nil || row.example != nil, "\(row.name) has neither default nor example")
            }
        }
    }
}
