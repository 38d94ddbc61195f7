// `plugboard status`, `sessions`, `lanes`: what a running router is doing, once.
// Must not change anything.

import ArgumentParser
import JSON
import Platform
import UV

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows a running router at a glance.",
        discussion: "Examples:\n  plugboard status\n  plugboard status --json | python3 -m json.tool")
    @OptionGroup(title: "Router") var router: RouterOptions
    @Flag(name: .long, help: "One JSON object.") var json = false

    func run() throws {
        let status = try router.ask("GET", "/v1/status")
        if json { return Descriptor.output.write(status.text + "\n") }
        let isStopped = status["emergency_stop"] == .bool(true)
        var table = TextTable([
            "router", "\(status.cell("name")) \(status.cell("version")), process \(status.cell("pid")), up \(status.cell("uptime")) s",
        ])
        table.add(["apps connect at", status.cell("listeners")])
        table.add(["emergency stop", isStopped ? "RAISED (plugboard resume clears it)" : "no"])
        table.add(["apps", status.cell("sessions")])
        let consents = status["consents"]?.number ?? 0 > 0 ? try router.list("consents") : []
        for one in consents {
            table.add(["waits to be let in", "\(one.cell("id")): \(ConsentWords.who(one)); \(ConsentWords.grant(one))"])
        }
        table.add(["devices", "\(status.cell("devices")) with \(status.counted("lanes", "output"))"])
        table.add(["scanning", status.cell("scanning")])
        table.add(["messages", "\(status.cell("messages")), \(status.rounded("messages_per_second")) a second"])
        table.add(["device writes", status.cell("writes")])
        Descriptor.output.write(table.text)
        if let first = consents.first {
            Descriptor.output.write("`plugboard approve \(first.cell("id"))` lets the first in, `deny` refuses it\n")
        }
    }
}

struct SessionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sessions", abstract: "Lists who is connected.",
        discussion: "The first column is what kick, mute, unmute and priority take.", aliases: ["clients"])
    @OptionGroup(title: "Router") var router: RouterOptions
    @Flag(name: .long, help: "One JSON array.") var json = false

    func run() throws {
        let sessions = try router.list("sessions")
        if json { return Descriptor.output.write(JSONTree.array(sessions).text + "\n") }
        var table = TextTable(["SESSION", "VERSION", "ROLE", "PRIORITY", "CAP", "MUTED", "ADDRESS", "FROM", "TOKEN", "APP"])
        for one in sessions {
            table.add([
                one.cell("id"), one.cell("version"), one.cell("role"), one.cell("priority"), one.cell("cap"), one.cell("mute"),
                one.cell("address"), one["local"] == .bool(false) ? "remote" : "local", one.cell("token"), one.cell("client"),
            ])
        }
        table.write(whenEmpty: "no app is connected")
    }
}

struct LanesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lanes", abstract: "Shows who drives which output of a running router, and who waits.",
        discussion: """
            A lane is one output of one device. WINS drives it; the others want something too. A lease is the right to move an output alone \
            for a time: its owner is under WINS, with the time left, also while it asks for nothing.
            """)
    @OptionGroup(title: "Router") var router: RouterOptions
    @Flag(name: .long, help: "One JSON array.") var json = false

    func run() throws {
        let lanes = try router.list("lanes")
        if json { return Descriptor.output.write(JSONTree.array(lanes).text + "\n") }
        let names = Dictionary(try router.list("sessions").map { ($0.cell("id"), $0.cell("client")) }, uniquingKeysWith: { $1 })
        let devices = Dictionary(
            try router.list("devices").map { ($0.cell("index"), $0["display_name"]?.string ?? $0.cell("name")) }, uniquingKeysWith: { $1 })
        var table = TextTable(["LANE", "WRITTEN", "OF", "WINS", "DEVICE", "ALSO WANTED BY"])
        for one in lanes {
            let driver = LaneDriver(one)
            let others = (one["contributions"]?.elements ?? []).filter { $0["session"]?.string != driver?.session }
                .map { "\(names[$0.cell("session")] ?? $0.cell("session")) (\($0.cell("type")) \($0.cell("value")))" }
            let written = one["written"] ?? .null
            table.add([
                "\(one.cell("device")).\(one.cell("feature"))",
                written == .null ? "-" : "\(written.cell("type")) \(written.cell("value"))", one.cell("max"),
                driver.map { $0.words(names[$0.session] ?? $0.session) } ?? "-", devices[one.cell("device")] ?? "-",
                others.isEmpty ? "-" : others.joined(separator: ", "),
            ])
        }
        table.write(whenEmpty: "there is no output yet; `plugboard scan` looks for some, and so does the scan of an app")
    }
}
