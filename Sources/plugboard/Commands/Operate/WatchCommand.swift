// `plugboard watch`: what happens in a running router, line by line.
// Must not change anything.

import ArgumentParser
import Host
import JSON
import Platform
import UV

struct WatchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "Prints what happens in a running router, as it happens.",
        discussion: """
            The first line is the whole state. With --json each line is {"event":…,"data":…}.

            Examples:
              plugboard watch
              plugboard watch --json --levels 10 | jq .
            """)
    @OptionGroup(title: "Router") var router: RouterOptions
    @Flag(name: .long, help: "JSON lines.") var json = false
    @Option(name: .long, help: ArgumentHelp("How often a second written values are shown as well, 1 to 30.", valueName: "number"))
    var levels: Int?

    func run() throws {
        do throws(AdminTrouble) {
            let stream = try router.client.openEvents(levels: levels)
            while let events = try stream.next() {
                for (name, data) in events {
                    let text = json ? "{\"event\":\"\(name)\",\"data\":\(data.text)}" : Self.words(name, data)
                    if !text.isEmpty { Descriptor.output.write(text + "\n") }
                }
            }
        } catch {
            throw ExitStatus.unavailable.refusing(error.words)
        }
        throw ExitStatus.unavailable.refusing("the router has ended")
    }

    /// One line for people; empty for what only counts.
    static func words(_ event: String, _ data: JSONTree) -> String {
        switch event {
        case "snapshot":
            "now: \(counted(data["sessions"]?.elements.count ?? 0, "app")), \(counted(data["devices"]?.elements.count ?? 0, "device"))"
        case "session":
            printable("session \(data.cell("id")): \(data.cell("client")), \(data.cell("role")), priority \(data.cell("priority"))")
        case "session_closed": "session \(data.cell("id")) is gone"
        case "consent": "session \(data.cell("id")) waits to be let in: \(ConsentWords.who(data)); \(printable(ConsentWords.grant(data)))"
        case "consent_closed": "session \(data.cell("id")) waits no more"
        case "device": printable("device \(data.cell("index")): \(data.cell("name"))")
        case "device_gone": "device \(data.cell("index")) is gone"
        case "lane":
            "lane \(data.cell("device")).\(data.cell("feature")): \(data["type"]?.string ?? "rest") \(data.cell("value")), \(LaneDriver(data).map { "driven by \($0.words($0.session))" } ?? "driven by nobody")"
        case "upstream": printable("upstream \(data.cell("url")): \(data.cell("state"))")
        case "levels": (data["lanes"]?.elements ?? []).map { "\($0.elements.map(\.cell).joined(separator: " "))" }.joined(separator: "; ")
        default: ""
        }
    }
}
