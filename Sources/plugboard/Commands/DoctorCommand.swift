// `plugboard doctor`: what would keep apps from working here, each with the one line that mends it.
// Must not change anything, nor know what is looked at.

import ArgumentParser
import Platform
import UV

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Says what would keep apps from working here.",
        discussion: """
            Looks at the configuration, the ports, localhost, the upstreams, a running router, the state file, limits, the clock, and the \
            permissions for serial ports and Bluetooth. Changes nothing. One line each, with what mends it. Exit status 1 when something \
            fails.

            Examples:
              plugboard doctor                                   as serve would run
              plugboard doctor --upstream ws://127.0.0.1:12346   is Intiface there?
              plugboard doctor --json                            for programs
            """)

    @OptionGroup(title: "Settings")
    var flags: SettingFlags

    @OptionGroup(title: "A running router")
    var router: RouterOptions

    @Flag(name: .long, help: "One JSON object on standard output.")
    var json = false

    func run() throws {
        let environment = Environment.variables
        let probe = DoctorProbe(environment: environment, named: router.socket == nil && router.url == nil ? nil : router.client)
        let report = DoctorReport(findings: DoctorChecks.findings(probe.facts(flags.reloading)))
        let isPlain = DoctorReport.isPlain(isTerminal: Descriptor.output.isTerminal, environment)
        Descriptor.output.write(json ? report.json : report.text(isPlain: isPlain))
        guard report.isGood else { throw ExitCode(1) }
    }
}
