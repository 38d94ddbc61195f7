// `plugboard token add`, `list`, `show`, `revoke`: who may come from elsewhere.
// Must not keep or log a secret; `add` prints it once.

import ArgumentParser
import Guard
import JSON
import Platform
import UV

struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Makes, lists and revokes tokens, with which apps come from other machines.",
        discussion: """
            A running router is asked through its admin socket. When none runs, the tokens are written for the next one.

            Examples:
              plugboard token add guest --expires 2h --cap 0.7
              plugboard token add ann --devices '*Rabbit*' --sessions 1
              plugboard token list
              plugboard token revoke guest
            """,
        subcommands: [TokenAddCommand.self, TokenListCommand.self, TokenShowCommand.self, TokenRevokeCommand.self])
}

struct TokenAddCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Makes a token, and prints the address that its holder pastes into an app.",
        discussion: """
            The secret is shown now and never again. With --cap, --devices, --role or --priority the token brings a rule of its own, \
            which counts before those of the configuration; without any of them the configured rules decide.
            """)

    @Argument(help: ArgumentHelp("What lists and rules call it: letters, digits, '.', '_' and '-'.", valueName: "name"))
    var name: String

    @Option(name: .long, help: ArgumentHelp("2h, 7d, a time like 2030-01-31T18:00:00Z, or never.", valueName: "when"))
    var expires: String?

    @Option(name: .long, help: ArgumentHelp("Sessions that may use it at once.", valueName: "number"))
    var sessions: Int?

    @Option(name: .long, help: ArgumentHelp("For people.", valueName: "text"))
    var note: String?

    @Option(name: .long, help: ArgumentHelp("No value passes this fraction of the range, 0 to 1.", valueName: "fraction"))
    var cap: Double?

    @Option(name: .long, help: ArgumentHelp("The only devices it shows, by name. May be given several times.", valueName: "pattern"))
    var devices: [String] = []

    @Option(name: .long, help: ArgumentHelp("controller or observer.", valueName: "role"))
    var role: String?

    @Option(name: .long, help: ArgumentHelp("0 to 200; the highest that wants something wins.", valueName: "number"))
    var priority: Int?

    @Flag(name: .long, help: "One JSON object.") var json = false

    @OptionGroup var place: TokenPlace

    func run() throws {
        let body = JSONTree { text in
            text.object {
                $0.member("name", name)
                if let expires { $0.member("expires", expires) }
                if let sessions { $0.member("sessions", sessions) }
                if let note { $0.member("note", note) }
                if let cap { $0.member("cap", cap) }
                if !devices.isEmpty { $0.member("devices") { $0.array { for one in devices { $0.value(one) } } } }
                if let role { $0.member("role", role) }
                if let priority { $0.member("priority", priority) }
            }
        }
        let made = try place.ask("POST", "/v1/tokens", body: body.text) { files throws(TokenRefusal) in try files.add(body) }
        let secret = made["secret"]?.string ?? ""
        guard !json else {
            let members = made.members.filter { $0.key != "codes" }
            let all = JSONTree { text in text.object { for one in members { $0.member(named: one.key) { $0.value(one.value) } } } }
            return Descriptor.output.write(all.text + "\n")
        }
        let paste = PasteAddress((made["addresses"]?.elements ?? []).compactMap(\.string))
        let token = made["token"] ?? .null
        let end = token["expires"]?.string.map { "until \($0)" } ?? "until it is revoked"
        Descriptor.output.write(
            """
            token \(name) is valid \(end), for \(token.counted("sessions_max", "session")) at once. It is shown only now:

              \(secret)

            \(paste.advice)
            """)
        if Descriptor.output.isTerminal, let code = paste.codes.first { Descriptor.output.write("\n\(code.terminalText)\n") }
        if let warning = paste.warning { Descriptor.error.write("plugboard: \(warning)\n") }
    }
}

struct TokenListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists the tokens, without their secrets.")
    @Flag(name: .long, help: "One JSON array.") var json = false
    @OptionGroup var place: TokenPlace

    func run() throws {
        var tokens: [JSONTree] = []
        var after = ""
        while true {
            let page = try place.ask("GET", "/v1/tokens?limit=1000" + (after.isEmpty ? "" : "&after=\(after)")) { files in files.list() }
            tokens += page["tokens"]?.elements ?? []
            guard let next = page["next"]?.string else { break }
            after = next
        }
        if json { return Descriptor.output.write(JSONTree.array(tokens).text + "\n") }
        var table = TextTable(["TOKEN", "STATE", "EXPIRES", "SESSIONS", "OWN RULE", "FROM", "NOTE"])
        for one in tokens {
            table.add([
                one.cell("name"), one.cell("state"), one["expires"]?.string ?? "never",
                "\(one.cell("sessions")) of \(one.cell("sessions_max"))", TokenShowCommand.rule(one), one.cell("source"), one.cell("note"),
            ])
        }
        table.write(whenEmpty: "there is no token; `plugboard token add NAME` makes one")
    }
}

struct TokenShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Shows one token, without its secret.")
    @Argument(help: ArgumentHelp("As `plugboard token list` shows it.", valueName: "name")) var name: String
    @Flag(name: .long, help: "One JSON object.") var json = false
    @OptionGroup var place: TokenPlace

    func run() throws {
        try TokenName.check(name)
        let token = try place.ask("GET", "/v1/tokens/\(name)") { files throws(TokenRefusal) in try files.show(name) }
        if json { return Descriptor.output.write(token.text + "\n") }
        var table = TextTable(["token", printable(token.cell("name"))])
        table.add(["state", token.cell("state")])
        table.add(["made", token["created"]?.string ?? "by the configuration"])
        table.add(["expires", token["expires"]?.string ?? "never"])
        table.add(["sessions", "\(token.cell("sessions")) of \(token.cell("sessions_max"))"])
        table.add(["own rule", Self.rule(token)])
        table.add(["note", token.cell("note")])
        Descriptor.output.write(table.text)
    }

    /// "cap 0.7, devices *Rabbit*"; a dash when it brings no rule.
    static func rule(_ token: JSONTree) -> String {
        let members = token["rule"]?.members ?? []
        return members.isEmpty ? "-" : members.map { "\($0.key) \($0.value.cell)" }.joined(separator: ", ")
    }
}

struct TokenRevokeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Takes a token back: its sessions end at once, and what they drove goes to zero.")
    @Argument(help: ArgumentHelp("As `plugboard token list` shows it.", valueName: "name")) var name: String
    @Flag(name: .long, help: "One JSON object: the token as it was.") var json = false
    @OptionGroup var place: TokenPlace

    func run() throws {
        try TokenName.check(name)
        let token = try place.ask("DELETE", "/v1/tokens/\(name)") { files throws(TokenRefusal) in try files.revoke(name) }
        if json { return Descriptor.output.write(token.text + "\n") }
        Descriptor.output.write("token \(name) is revoked; sessions ended: \(token.cell("sessions"))\n")
    }
}

/// A name goes into a path.
private enum TokenName {
    static func check(_ name: String) throws {
        if let trouble = Token.trouble(withName: name) { throw ExitStatus.usage.refusing("name: \(trouble)") }
    }
}
