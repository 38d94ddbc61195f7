// The keys of [[listener]]: addresses that need more than `server.listen` can say.
// Must not know how a listener does what it is told.

import Host
import UVHost

/// One `[[listener]]`, or one address of `server.listen`.
struct ListenerEntry: Sendable {
    var address: String?
    var expectsProxyHeader = false

    var endpoint: Endpoint? { address.flatMap { try? Endpoint($0, for: .listening) } }
}

extension SettingTable {
    static let listener = SettingList(
        "listener", \.listeners, of: SettingElement(new: { ListenerEntry() }, required: ["address"], keys: listenerKeys), isFixed: true,
        "Further addresses where clients connect, each with keys of its own, in addition to server.listen.")

    private static let listenerKeys: [SettingKey<ListenerEntry>] = [
        .text(
            "address", ifSet: \.address, longest: 4096, example: "\"ws://127.0.0.1:12346\"",
            "Where clients connect, written as in server.listen.", check: ServerChecks.address),
        .boolean(
            "proxy_protocol", \.expectsProxyHeader,
            """
            Every connection begins with a header of the PROXY protocol, version 1 or 2, in which a proxy like haproxy names the client's \
            address. Connections come from this computer or from trusted_proxies; none of the clients is local.
            """),
    ]

    /// What is wrong with addresses that other machines can reach.
    static func refusal(ofOpen address: Endpoint, _ settings: Settings) -> String? {
        guard !address.isLocal, settings.requireToken == .never, !settings.allowInsecure else { return nil }
        return "\(address) can be reached from other machines, and with require_token = \"never\" anyone who reaches it can drive your"
            + " devices; listen on 127.0.0.1, ask for tokens, or set allow_insecure = true in [server]"
    }
}
