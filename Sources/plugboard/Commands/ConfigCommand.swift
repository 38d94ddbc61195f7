// `plugboard config`: what is in force, and where it came from.
// Must not open what the configuration names.

import ArgumentParser
import Platform
import UV

struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Prints the effective configuration and where each value came from.",
        discussion: """
            Flag before environment variable before file before default. The variable of a key is PLUGBOARD_SECTION_KEY, like \
            PLUGBOARD_SERVER_MAX_PING_TIME. A value that a reload leaves as it is says that a change needs a restart.

            Examples:
              plugboard config                            what serve would use
              plugboard config --listen ws://127.0.0.1:0  the same with this flag
              plugboard config --json                     for programs
              plugboard config --reference > my.toml      to begin from
            """)

    @OptionGroup(title: "Settings")
    var flags: SettingFlags

    @Flag(name: .long, help: "One JSON object instead of TOML.")
    var json = false

    @Flag(name: .long, help: "Every key there is with meaning, range and default, instead of what is in force.")
    var reference = false

    func run() throws {
        if reference { return Descriptor.output.write(ConfigurationReference.text) }
        let report = SettingsReport(loaded: try flags.load())
        Descriptor.output.write(json ? report.json : report.text)
    }
}
