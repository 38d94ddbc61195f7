// The program's command line: its commands, its version, its help.
// Must not know what a command does.

import ArgumentParser
import Platform
import UV

@main
struct Plugboard: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugboard",
        abstract: "Lets many Buttplug apps share one set of devices.",
        discussion: """
            Apps look for a server at ws://127.0.0.1:12345. Plugboard answers there, to as many of them as come, and decides \
            who drives what.

            Examples:
              plugboard --simulate rabbit,stroker  a router with simulated devices
              plugboard serve --config my.toml     a router as my.toml has it
              plugboard check my.toml              is my.toml good?
              plugboard config --config my.toml    what is in force, from where
              plugboard config --reference         every key with its meaning
              plugboard doctor                     what keeps apps from working here?
              plugboard status                     what a running router is doing
              plugboard stop                       everything to zero, now
              plugboard token add guest            lets an app in from another machine
              plugboard dashboard                  the page in a browser, with your rights
              plugboard bench --rate 20000         how does a server cope?
            """,
        version: Version.text,
        groupedSubcommands: [
            CommandGroup(name: "Router", subcommands: [ServeCommand.self, CheckCommand.self, ConfigCommand.self, DoctorCommand.self]),
            CommandGroup(
                name: "A running router",
                subcommands: [
                    StatusCommand.self, SessionsCommand.self, DevicesCommand.self, LanesCommand.self, TopCommand.self, WatchCommand.self,
                    StopCommand.self, ResumeCommand.self, ConsentsCommand.self, ApproveCommand.self, DenyCommand.self, KickCommand.self,
                    MuteCommand.self, UnmuteCommand.self, PriorityCommand.self,
                    ScanCommand.self, ReloadCommand.self,
                ]),
            CommandGroup(name: "Who may come in", subcommands: [TokenCommand.self, DashboardCommand.self, CertificateCommand.self]),
            CommandGroup(name: "Measuring", subcommands: [BenchCommand.self]),
            CommandGroup(name: "Setting up", subcommands: [CompletionsCommand.self]),
        ],
        defaultSubcommand: ServeCommand.self)

    static func main() {
        Launch.makeSafe()
        WatchdogProcess.runIfMeant(CommandLine.arguments.dropFirst())
        if let refusal = CommandWords.refusal(of: Array(CommandLine.arguments.dropFirst())) {
            exit(withError: ExitStatus.usage.refusing(refusal))
        }
        main(nil)
    }
}
