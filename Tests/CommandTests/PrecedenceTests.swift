// Where values come from: default, file, environment, flag, where a later one wins; and what the commands print about it.
// Must not know what the values do.

import Foundation
import Testing

@testable import plugboard

@Suite struct PrecedenceTests {
    @Test("A flag wins over a variable, that over the file, and that over the default; each value knows its origin.")
    func precedence() throws {
        let text = "[server]\nname = \"file\"\n[log]\nlevel = \"debug\"\nformat = \"json\"\n[devices]\nseed = 1\n"
        let environment = ["PLUGBOARD_SERVER_NAME": "environment", "PLUGBOARD_LOG_LEVEL": "error", "PATH": "/bin"]
        let loaded = try settings(
            text, environment: environment, flags: [FlagValue(flag: "--server-name", key: "server.name", text: "flag")])
        #expect(loaded.settings.router.serverName == "flag")
        #expect(loaded.settings.logLevel == .error)
        #expect(loaded.settings.logFormat == .json)
        #expect(loaded.settings.seed == 1)
        #expect(loaded.origins["server.name"] == .flag("--server-name"))
        #expect(loaded.origins["log.level"] == .environment("PLUGBOARD_LOG_LEVEL"))
        #expect(loaded.origins["log.format"]?.description.hasSuffix("plugboard.toml:5:1") == true)
        #expect(loaded.origins["server.listen"] == nil)
    }

    @Test("A variable has the same kinds as a file; commas separate the entries of a list.")
    func variables() throws {
        let loaded = try settings(
            "",
            environment: [
                "PLUGBOARD_SERVER_LISTEN": "ws://127.0.0.1:1, unix:///a", "PLUGBOARD_SERVER_MAX_PING_TIME": "500",
                "PLUGBOARD_ARBITRATION_HOLD": "3s", "PLUGBOARD_LIMITS_MESSAGE_BYTES": "2MiB", "PLUGBOARD_DEVICES_PRESENT_AT_START": "true",
                "PLUGBOARD_SERVER_PING_GRACE": "0.5", "PLUGBOARD_DEVICES_SIMULATED": "",
            ])
        #expect(loaded.settings.listen == ["ws://127.0.0.1:1", "unix:///a"])
        #expect(loaded.settings.maxPingTime == 500)
        #expect(loaded.settings.router.arbitration.leaseHold == .seconds(3))
        #expect(loaded.settings.router.limits.messageBytes == 2 << 20)
        #expect(loaded.settings.presentAtStart)
        #expect(loaded.settings.simulated == [])
    }

    @Test("A variable that names no key of a section is refused, a variable of another program is not.")
    func unknownVariables() throws {
        #expect(throws: ConfigurationRefused.self) { try settings("", environment: ["PLUGBOARD_SERVER_NMAE": "x"]) }
        #expect(throws: ConfigurationRefused.self) { try settings("", environment: ["PLUGBOARD_LOG_LEVEL": "loud"]) }
        // Kubernetes sets this in every container beside a service called "plugboard".
        let loaded = try settings("", environment: ["PLUGBOARD_SERVICE_HOST": "10.0.0.1", "PLUGBOARD_PORT_12345_TCP": "tcp://10.0.0.1"])
        #expect(loaded.origins.isEmpty)
    }

    @Test("A bad flag is a usage error when it is the only problem.")
    func badFlag() throws {
        let flag = FlagValue(flag: "--max-ping-time", key: "server.max_ping_time", text: "soon")
        do throws(ConfigurationRefused) {
            _ = try SettingsLoader(environment: [:], files: ConfigurationFiles(systemFile: "/nonexistent")).load(file: nil, flags: [flag])
            Issue.record("accepted")
        } catch {
            #expect(error.exitCode == .usage)
            #expect(error.problems.first?.description.hasPrefix("flag --max-ping-time: must be a duration") == true)
        }
    }

    @Test("Every flag of serve sets its key.")
    func flags() throws {
        let serve = try ServeCommand.parse([
            "--listen", "ws://127.0.0.1:0", "-l", "unix:///x", "--simulate", "rabbit,plug*2", "--simulate", "kegel", "--seed", "5",
            "--max-ping-time", "750", "--journal", "j", "--log-level", "trace", "--log-format", "json", "--server-name", "n",
            "--state-file", "s", "--resume",
        ])
        #expect(serve.resume)
        let settings = try settings("", flags: serve.flags.values).settings
        #expect(settings.listen == ["ws://127.0.0.1:0", "unix:///x"])
        #expect(settings.simulated == ["rabbit", "plug*2", "kegel"])
        #expect(settings.seed == 5)
        #expect(settings.maxPingTime == 750)
        #expect(settings.journal == "j")
        #expect(settings.logLevel == .trace)
        #expect(settings.logFormat == .json)
        #expect(settings.router.serverName == "n")
        #expect(settings.stateFile == "s")
    }

    @Test("Without a command the program serves.")
    func defaultCommand() throws {
        #expect(try Plugboard.parseAsRoot(["--simulate", "plug"]) is ServeCommand)
        #expect(try Plugboard.parseAsRoot(["check", "x.toml"]) is CheckCommand)
        #expect(try Plugboard.parseAsRoot(["config", "--json"]) is ConfigCommand)
    }

    @Test("A configuration is looked for in the user's folder, then in the system's.")
    func folders() throws {
        let folder = Folder()
        let system = try folder.file("etc/plugboard.toml", "")
        let files = ConfigurationFiles(systemFile: system)
        #expect(files.find(["HOME": folder.path]) == system)
        let home = try folder.file(".config/plugboard/plugboard.toml", "")
        #expect(files.find(["HOME": folder.path]) == home)
        let xdg = try folder.file("xdg/plugboard/plugboard.toml", "")
        #expect(files.find(["HOME": folder.path, "XDG_CONFIG_HOME": folder.path + "/xdg"]) == xdg)
        #expect(files.find(["HOME": folder.path, "XDG_CONFIG_HOME": "relative"]) == home)
        #expect(ConfigurationFiles(systemFile: folder.path + "/absent").find([:]) == nil)
    }

    @Test("The state is where systemd says, else where XDG says, else in the home folder.")
    func stateFolders() {
        #expect(ConfigurationFiles.stateFile(["STATE_DIRECTORY": "/var/lib/p:/other", "HOME": "/h"]) == "/var/lib/p/state")
        #expect(ConfigurationFiles.stateFile(["XDG_STATE_HOME": "/s", "HOME": "/h"]) == "/s/plugboard/state")
        #expect(ConfigurationFiles.stateFile(["HOME": "/h"]) == "/h/.local/state/plugboard/state")
        #expect(ConfigurationFiles.stateFile([:]) == nil)
    }

    @Test("The output of `config` is a configuration with the same values.")
    func reportIsConfiguration() throws {
        let text = try String(contentsOf: repository.appendingPathComponent("config/quickstart.toml"), encoding: .utf8)
        let first = try settings(text, flags: [FlagValue(flag: "--seed", key: "devices.seed", text: "9")])
        let again = try settings(SettingsReport(loaded: first).text)
        #expect(again.settings.server == first.settings.server)
        #expect(SettingsReport(loaded: first).text.contains("seed = 9  # flag --seed"))
        #expect(SettingsReport(loaded: first).text.contains("name = \"Plugboard\"  # default"))
    }

    @Test("The output of `config --json` is JSON and has every key.")
    func reportIsJSON() throws {
        let loaded = try settings("[[rule]]\nmatch.client = \"a\\\"b\\n\"\n".replacingOccurrences(of: "\\n", with: ""))
        let object = try JSONSerialization.jsonObject(with: Data(SettingsReport(loaded: loaded).json.utf8)) as? [String: Any]
        let values = try #require(object?["values"] as? [String: [String: Any]])
        #expect(values["server.name"]?["source"] as? String == "default")
        #expect(values.count == SettingTable.sections.reduce(0) { $0 + $1.keys.count })
        let rules = (object?["lists"] as? [String: Any])?["rule"] as? [[String: String]]
        #expect(rules == [["match.client": "a\"b"]])
    }

    @Test("The report marks the keys that a reload does not change, and no others.")
    func marksForRestart() throws {
        let report = SettingsReport(loaded: try settings("[[devices.simulated_device]]\narchetype = \"plug\""))
        #expect(report.text.contains("unix_mode = \"0600\"  # default; a change needs a restart\n"))
        #expect(report.text.contains("# unix_group is not set; a change needs a restart\n"))
        #expect(report.text.contains("name = \"Plugboard\"  # default\n"))
        #expect(report.text.contains("; a change needs a restart\narchetype = \"plug\""))
        #expect(report.json.contains("\"server.unix_mode\":{\"value\":\"0600\",\"source\":\"default\",\"needs_restart\":true}"))
        #expect(report.json.contains("\"server.name\":{\"value\":\"Plugboard\",\"source\":\"default\",\"needs_restart\":false}"))
    }

    @Test("A reload names the changes that must wait for a restart, and only those.")
    func changesForRestart() throws {
        let old = try settings("[server]\nlisten = [\"ws://127.0.0.1:1\"]\n").settings
        let new = try settings("[server]\nname = \"x\"\n[limits]\nhead_lines = 50\n[[devices.simulated_device]]\narchetype = \"plug\"\n")
            .settings
        #expect(SettingTable.changesForRestart(from: old, to: new) == ["server.listen", "limits.head_lines", "devices.simulated_device"])
        #expect(SettingTable.changesForRestart(from: new, to: new).isEmpty)
    }
}
