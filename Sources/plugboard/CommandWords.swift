// The words in front of a command line that should name a command, and what was probably meant by one that does not.
// Must not know what a command does. Without this the arguments would go to `serve`, and its usage would be the answer.

import ArgumentParser

/// The commands by their words.
enum CommandWords {
    /// Why the arguments name no command, and which one is near; nil when they do, or when they begin with an option of `serve`.
    static func refusal(of arguments: [String], in root: any ParsableCommand.Type = Plugboard.self) -> String? {
        if let first = arguments.first, ["--socket", "--url", "--token-file", "--ca-file", "--json"].contains(first.prefix { $0 != "=" }),
            let verb = arguments.first(where: { names(of: root).contains($0) })
        {
            return "options come after their command: plugboard \(verb) \(first) …"
        }
        var command = root
        var path: [String] = []
        for (index, word) in arguments.enumerated() {
            let names = names(of: command)
            guard !names.isEmpty, !word.isEmpty, !word.hasPrefix("-") else { return nil }
            if index == 0, word == "help" { continue }
            guard let next = command.configuration.subcommands.first(where: { Self.words($0).contains(word) }) else {
                return "there is no command \(quoted((path + [word]).joined(separator: " "))): \(advice(word, path, names))"
            }
            command = next
            path.append(word)
        }
        return nil
    }

    /// What to write instead.
    private static func advice(_ word: String, _ path: [String], _ names: [String]) -> String {
        if path.isEmpty {
            if word.hasSuffix(".toml") { return "a configuration is given to serve, with --config FILE" }
            if addresses.contains(where: word.lowercased().hasPrefix) {
                return "an address is given to serve, with --listen (where apps connect) or --upstream (another server)"
            }
            if let meant = others[word.lowercased()] { return "did you mean \(meant)?" }
        }
        // In a short word one slip is much: nothing is near to "abc".
        let slips = word.count < 4 ? 1 : 2
        if let near = nearest(to: word, in: names, within: slips) {
            return "did you mean \((path + [near]).joined(separator: " "))?"
        }
        return "`\((["plugboard"] + path + ["--help"]).joined(separator: " "))` lists those that there are"
    }

    /// How an address begins.
    private static let addresses = ["ws://", "wss://", "http://", "https://", "unix://"]

    /// What other programs call it.
    private static let others = ["start": "serve", "run": "serve", "version": "--version"]

    private static func names(of command: any ParsableCommand.Type) -> [String] { command.configuration.subcommands.flatMap(words) }

    private static func words(_ command: any ParsableCommand.Type) -> [String] {
        (command.configuration.commandName.map { [$0] } ?? []) + command.configuration.aliases
    }
}
