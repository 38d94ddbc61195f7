// `plugboard check`: is a configuration good?
// Must not open what the configuration names, but for device configurations of other programs: they are part of it.

import ArgumentParser
import Platform
import UV

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Checks a configuration.",
        discussion: """
            Every problem is one line: FILE:LINE:COLUMN, what is wrong, and the nearest key there is. Exit status 0 when the \
            configuration is good, 78 when it is not.

            Examples:
              plugboard check                 what serve would use
              plugboard check my.toml         this one
              plugboard check --json my.toml  for programs
            """)

    @Argument(help: "The configuration. Without it: the one that serve would use.")
    var file: String?

    @Option(name: [.short, .long], help: ArgumentHelp("The same, as serve and config call it.", valueName: "file"))
    var config: String?

    @Flag(name: .long, help: "One JSON object on standard output.")
    var json = false

    func validate() throws {
        if file != nil, config != nil { throw ValidationError("give the configuration once: as an argument or as --config") }
    }

    func run() throws {
        let file = file ?? config
        do throws(ConfigurationRefused) {
            let loaded = try ConfiguredDevices.read(SettingsLoader(environment: Environment.variables).load(file: file))
            let name = loaded.file ?? "no file at \(loaded.searched.joined(separator: " or ")), defaults only"
            Descriptor.output.write(json ? "{\"file\":\(loaded.file.map(quoted) ?? "null"),\"problems\":[]}\n" : "\(name): good\n")
            for note in loaded.settings.deviceFileNotes { Descriptor.error.write("plugboard: note: left out: \(printable(note))\n") }
            if let trouble = loaded.settings.announceTrouble {
                Descriptor.error.write("plugboard: note: announce = true announces nothing: \(trouble)\n")
            }
        } catch {
            if json { Descriptor.output.write(Self.json(error, file: file)) }
            throw error.exitCode.refusing(error.problems.map(\.description))
        }
    }

    private static func json(_ refused: ConfigurationRefused, file: String?) -> String {
        let problems = refused.problems.map { problem in
            var location = "\"source\":\(quoted(problem.origin.description))"
            if case .file(let file, let position) = problem.origin {
                location = "\"file\":\(quoted(file)),\"line\":\(position.line),\"column\":\(position.column)"
            }
            return "{\(location),\"reason\":\(quoted(problem.reason))}"
        }
        return "{\"file\":\(file.map(quoted) ?? "null"),\"problems\":[\(problems.joined(separator: ","))]}\n"
    }
}
