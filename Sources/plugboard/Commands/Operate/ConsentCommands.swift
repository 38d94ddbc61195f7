// `plugboard consents`, `approve`, `deny`: who waits to be let in to a running router, and the answers.
// Must not decide anything. What a client calls itself is printed as plain text only.

import ArgumentParser
import JSON
import Platform

struct ConsentsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "consents", abstract: "Lists who waits to be let in, and what each would get.",
        discussion: """
            A client waits when its rule has admit = "ask". The first column is what approve and deny take.

            Examples:
              plugboard consents
              plugboard consents --remembered  what was answered with --always
              plugboard consents --forget      forgets that: everybody is asked about again
            """)
    @OptionGroup(title: "Router") var router: RouterOptions
    @Flag(name: .long, help: "One JSON array.") var json = false
    @Flag(name: .long, help: "Lists what was answered with --always.") var remembered = false
    @Flag(name: .long, help: "Forgets what was answered with --always. Sessions live on.") var forget = false

    func run() throws {
        if forget {
            _ = try router.change("DELETE", "/v1/remembered-consents")
            return Descriptor.output.write("forgotten; from now on everybody is asked about\n")
        }
        if remembered { return try listRemembered() }
        let consents = try router.list("consents")
        if json { return Descriptor.output.write(JSONTree.array(consents).text + "\n") }
        var table = TextTable(["SESSION", "VERSION", "ADDRESS", "TOKEN", "LEFT", "WOULD GET", "APP"])
        for one in consents {
            table.add([
                one.cell("id"), one.cell("version"), one.cell("address"), one.cell("token"), "\(one.cell("left")) s",
                ConsentWords.grant(one),
                one.cell("client"),
            ])
        }
        table.write(whenEmpty: "nobody waits to be let in")
    }

    private func listRemembered() throws {
        let all = try router.ask("GET", "/v1/remembered-consents")["remembered"]?.elements ?? []
        if json { return Descriptor.output.write(JSONTree.array(all).text + "\n") }
        var table = TextTable(["ANSWER", "TOKEN", "APP"])
        for one in all { table.add([one.cell("answer"), one.cell("token"), one.cell("client")]) }
        table.write(whenEmpty: "nothing is remembered")
    }
}

/// What a client that waits would get, in words.
enum ConsentWords {
    static func grant(_ consent: JSONTree) -> String {
        var parts: [String] = []
        if consent["role"]?.string == "observer" {
            parts.append("only looks")
        } else {
            parts.append("priority \(consent.cell("priority"))")
            if consent["cap"]?.number != 1 { parts.append("cap \(consent.cell("cap"))") }
            if consent["gain"]?.number != 1 { parts.append("gain \(consent.cell("gain"))") }
            if consent["mute"] == .bool(true) { parts.append("muted") }
            if consent["rate_limit"]?.number != nil { parts.append("\(consent.counted("rate_limit", "command")) a second") }
        }
        if let scope = consent["stop_scope"]?.string, scope != "own" { parts.append("stop_scope \(scope)") }
        let allow = consent["devices_allow"] ?? .null
        parts.append(allow == .null ? "all devices" : "devices \(allow.cell)")
        if let deny = consent["devices_deny"], !deny.elements.isEmpty { parts.append("but not \(deny.cell)") }
        return parts.joined(separator: ", ")
    }

    /// Who asks, in one line.
    static func who(_ consent: JSONTree) -> String {
        let token = consent["token"]?.string.map { " by token \($0)" } ?? ""
        return printable("\(consent.cell("client")) from \(consent.cell("address"))\(token)")
    }
}

/// What `approve` and `deny` share.
struct ConsentReply: ParsableArguments {
    @OptionGroup(title: "Router") var router: RouterOptions
    @Argument(help: ArgumentHelp("The client, as `plugboard consents` shows it.", valueName: "client"))
    var client: String
    @Flag(name: .long, help: "Always, for this name and token.") var always = false

    func validate() throws {
        guard SessionArgument.isOne(client) else {
            throw ValidationError("a client looks like 3-17; `plugboard consents` lists those that wait")
        }
    }

    static func discussion(_ outcome: String) -> String {
        "With --always later clients of the same name and token are \(outcome) without a question, until `plugboard consents --forget`."
    }

    func send(_ answer: String, _ outcome: String) throws {
        _ = try router.change("POST", "/v1/consents/\(client)", body: #"{"answer":"\#(answer)","always":\#(always)}"#)
        let more = always ? ", and so are later ones of its name and token" : ""
        Descriptor.output.write("session \(client) is \(outcome)\(more)\n")
    }
}

struct ApproveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve", abstract: "Lets in a client that waits.", discussion: ConsentReply.discussion("let in"))
    @OptionGroup var reply: ConsentReply

    func run() throws { try reply.send("approve", "let in") }
}

struct DenyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deny", abstract: "Refuses a client that waits to be let in.", discussion: ConsentReply.discussion("refused"))
    @OptionGroup var reply: ConsentReply

    func run() throws { try reply.send("deny", "refused") }
}
