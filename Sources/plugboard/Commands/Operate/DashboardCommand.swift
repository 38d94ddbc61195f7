// `plugboard dashboard`: the address of a running router's page, with a key that makes its reader the operator.
// Must not log the key or keep it.

import ArgumentParser
import JSON
import Platform
import UV

struct DashboardCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dashboard", abstract: "Prints the address of the dashboard, with which a browser may invite guests.",
        discussion: """
            Everybody who uses this computer reaches the page. What lets somebody in, the tokens, is for the operator alone: this address \
            brings a key for that, which ends with the router, after twelve hours or when the browser's tab is closed. Do not pass it on.
            """)
    private static let path = "/v1/operator-keys"

    @OptionGroup(title: "Router") var router: RouterOptions
    @Flag(name: .long, help: "One JSON object.") var json = false

    func run() throws {
        let made = try router.change("POST", Self.path)
        let addresses = (made["pages"]?.elements ?? []).compactMap(\.string).map { "\($0)/#operator=\(made.cell("key"))" }
        guard !addresses.isEmpty else {
            throw ExitStatus.unavailable.refusing("the router has no page: add an address like http://127.0.0.1:12380 to admin.listen")
        }
        guard !json else {
            let all = JSONTree { text in text.object { $0.member("addresses") { $0.array { for one in addresses { $0.value(one) } } } } }
            return Descriptor.output.write(all.text + "\n")
        }
        Descriptor.output.write(
            "The dashboard, for 12 hours with your rights. Open it in a browser, and do not pass it on:\n\n"
                + addresses.map { "  \($0)\n" }.joined())
    }
}
