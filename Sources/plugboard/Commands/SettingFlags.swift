// The flags that set what the configuration also sets, for every command that needs them.
// Must not check values: the table of keys does, in the same way for files, variables and flags.

import ArgumentParser
import UV

/// The flags, and the settings they make together with file and environment.
struct SettingFlags: ParsableArguments {
    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "The configuration.",
            discussion: "Without it: $XDG_CONFIG_HOME/plugboard/plugboard.toml, then /etc/plugboard/plugboard.toml, when they are there.",
            valueName: "file"))
    var config: String?

    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "Where apps connect: ws://HOST:PORT, wss://HOST:PORT or unix://PATH. May be given several times. Port 0: any free one.",
            valueName: "address"))
    var listen: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp("The port where apps of this computer connect: short for --listen ws://localhost:N.", valueName: "N"))
    var port: String?

    @Option(name: .long, help: ArgumentHelp("The name apps see.", valueName: "name"))
    var serverName: String?

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("Simulated devices, with *N after the name for several: rabbit,stroker*3.", valueName: "archetypes"))
    var simulate: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Another Buttplug server whose devices are shown too: ws://HOST:PORT, wss://HOST:PORT or unix://PATH. May be given several times.",
            valueName: "address"))
    var upstream: [String] = []

    @Option(name: .long, help: ArgumentHelp("The seed of the simulated devices' random numbers.", valueName: "number"))
    var seed: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Close a client that sends no Ping within this time, in milliseconds. 0 asks for none.", valueName: "ms"))
    var maxPingTime: String?

    @Option(name: .long, help: ArgumentHelp("Append every device write to a file, as JSON lines.", valueName: "file"))
    var journal: String?

    @Option(
        name: .long, help: ArgumentHelp("Where device indices and a raised emergency stop are kept. Empty: nowhere.", valueName: "file"))
    var stateFile: String?

    @Option(name: .long, help: ArgumentHelp("trace, debug, info, notice, warning, error or critical.", valueName: "level"))
    var logLevel: String?

    @Option(name: .long, help: ArgumentHelp("text, json, or auto: text on a terminal.", valueName: "format"))
    var logFormat: String?

    func validate() throws {
        guard let port else { return }
        guard listen.isEmpty else { throw ValidationError("--port is short for --listen ws://localhost:N: give one of the two") }
        guard UInt16(port) != nil, port.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw ValidationError("--port takes a number from 0 to 65535, and \(quoted(port)) is none; an address is given with --listen")
        }
    }

    /// The flags that were given, by the keys they set.
    var values: [FlagValue] {
        var values: [FlagValue] = []
        if !listen.isEmpty { values.append(FlagValue(flag: "--listen", key: "server.listen", text: "", texts: listen)) }
        if let port { values.append(FlagValue(flag: "--port", key: "server.listen", text: "", texts: ["ws://localhost:\(port)"])) }
        if !simulate.isEmpty {
            values.append(FlagValue(flag: "--simulate", key: "devices.simulated", text: simulate.joined(separator: ",")))
        }
        if !upstream.isEmpty { values.append(FlagValue(flag: "--upstream", key: "upstream.url", text: "", texts: upstream)) }
        let single: [(String, String, String?)] = [
            ("--server-name", "server.name", serverName), ("--seed", "devices.seed", seed),
            ("--max-ping-time", "server.max_ping_time", maxPingTime), ("--journal", "devices.journal", journal),
            ("--state-file", "server.state_file", stateFile), ("--log-level", "log.level", logLevel),
            ("--log-format", "log.format", logFormat),
        ]
        for case (let flag, let key, let text?) in single { values.append(FlagValue(flag: flag, key: key, text: text)) }
        return values
    }

    /// Puts the settings together, or ends the program.
    func load() throws -> LoadedSettings {
        do throws(ConfigurationRefused) { return try reload() } catch {
            throw error.exitCode.refusing(error.problems.map(\.description))
        }
    }

    /// The same, with the files read that the configuration names.
    func loadWithFiles() throws -> LoadedSettings {
        let loaded = try load()
        do throws(ConfigurationRefused) { return try loaded.withFiles() } catch {
            throw error.exitCode.refusing(error.problems.map(\.description))
        }
    }

    /// The same for another thread.
    var reloadingWithFiles: @Sendable () throws(ConfigurationRefused) -> LoadedSettings {
        let reloading = reloading
        return { () throws(ConfigurationRefused) in try reloading().withFiles() }
    }

    /// Puts the settings together.
    private func reload() throws(ConfigurationRefused) -> LoadedSettings { try reloading() }

    /// The same for another thread.
    var reloading: @Sendable () throws(ConfigurationRefused) -> LoadedSettings {
        let (config, values) = (config, values)
        return { () throws(ConfigurationRefused) in
            try SettingsLoader(environment: Environment.variables).load(file: config, flags: values)
        }
    }
}
