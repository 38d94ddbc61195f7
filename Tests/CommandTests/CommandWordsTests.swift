// What is answered to words that name no command, to a taken port, and to a flag that is short for another.

import Testing

@testable import plugboard

@Suite struct CommandWordsTests {
    @Test(
        "A word that names no command is answered with the command that was probably meant.",
        arguments: [
            ("stauts", "there is no command \"stauts\": did you mean status?"),
            ("server --port 1", "there is no command \"server\": did you mean serve?"),
            ("stpo", "there is no command \"stpo\": did you mean stop?"), ("start", "there is no command \"start\": did you mean serve?"),
            ("token ad guest", "there is no command \"token ad\": did you mean token add?"),
            ("help stauts", "there is no command \"stauts\": did you mean status?"),
            ("toaster", "there is no command \"toaster\": `plugboard --help` lists those that there are"),
            ("token toaster", "there is no command \"token toaster\": `plugboard token --help` lists those that there are"),
            ("my.toml", "there is no command \"my.toml\": a configuration is given to serve, with --config FILE"),
            ("--socket /x status", "options come after their command: plugboard status --socket …"),
            ("--url=http://h:1 top", "options come after their command: plugboard top --url=http://h:1 …"),
        ])
    func unknown(line: String, answer: String) {
        #expect(CommandWords.refusal(of: line.split(separator: " ").map(String.init)) == answer)
    }

    @Test(
        "An address alone is answered with the options of serve that take one.",
        arguments: [
            "ws://127.0.0.1:12345", "wss://example.org/plug", "http://localhost", "https://example.org:443", "unix:///run/x", "WSS://X",
        ])
    func address(word: String) {
        let advice = "an address is given to serve, with --listen (where apps connect) or --upstream (another server)"
        let answer = "there is no command \"\(word)\": \(advice)"
        #expect(CommandWords.refusal(of: [word]) == answer)
    }

    @Test(
        "Arguments that name a command, or that begin with an option of serve, are left to the parser.",
        arguments: [
            "", "status", "clients", "token", "token add guest", "token --help", "help", "help token add", "--simulate rabbit", "--help",
            "--version", "-c my.toml", "serve stauts", "kick 3-17", "completions bash",
        ])
    func known(line: String) {
        #expect(CommandWords.refusal(of: line.split(separator: " ").map(String.init)) == nil)
    }

    @Test("A word that would end a line is quoted.")
    func odd() {
        #expect(CommandWords.refusal(of: ["a\nb\u{1B}"])?.hasPrefix(#"there is no command "a\nb\u001b": "#) == true)
    }

    @Test("Every flag that is short for another sets the same, and neither is given with the other.")
    func port() throws {
        let flags = try SettingFlags.parse(["--port", "12399"])
        #expect(flags.values == [FlagValue(flag: "--port", key: "server.listen", text: "", texts: ["ws://localhost:12399"])])
        #expect(try settings("", flags: flags.values).settings.listen == ["ws://localhost:12399"])
        for wrong in [["--port", "abc"], ["--port", "70000"], ["--port", "+5"], ["--port", "1", "--listen", "ws://127.0.0.1:1"]] {
            #expect(throws: (any Error).self) { try SettingFlags.parse(wrong) }
        }
    }

    @Test("A taken port is told with what helps: another Plugboard is shown, Intiface is moved, any other program is ended.")
    func taken() {
        let router = StartHints.busyPort(12_345, .plugboard(4711))
        #expect(router.hasPrefix("port 12345 is taken by another Plugboard, process 4711.") && router.contains("plugboard status"))
        #expect(!router.contains("Intiface") && router.hasSuffix("--port 12346"))
        #expect(!StartHints.busyPort(12_345, .plugboard(nil)).contains("process"))
        let intiface = StartHints.busyPort(12_345, .program(PortHolder(program: "intiface_centra", process: 7)))
        #expect(intiface.contains("by intiface_centra (process 7). Move it to port 12346"), "\(intiface)")
        let other = StartHints.busyPort(12_346, .program(PortHolder(program: "nginx", process: 8)))
        #expect(other.contains("by nginx (process 8). End that program, or give this one another port with --port 12347"), "\(other)")
        #expect(StartHints.busyPort(1, .program(nil)).contains("by another program. End that program"))
    }

    @Test("Why a router cannot be asked is told with the next step.")
    func troubles() {
        #expect(AdminTrouble.notThere(["/a", "/b"]).words.contains("no router answers at /a or /b: start one with `plugboard serve`"))
        let forbidden = AdminTrouble.forbidden("/run/plugboard/admin.sock").words
        #expect(forbidden.contains("sudo") && forbidden.contains("--url"))
    }
}
