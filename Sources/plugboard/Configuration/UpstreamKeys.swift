// The keys of [[upstream]].
// Must not know how the router talks to an upstream.

import Host
import UVHost

extension SettingTable {
    static let upstream = SettingList(
        "upstream", \.upstreams, of: SettingElement(new: { UpstreamEntry() }, required: ["url"], keys: upstreamKeys), isFixed: true,
        """
        Other Buttplug servers whose devices are shown here too. Each is connected to once, however many clients there are; while one is \
        away it is tried again and again. With kind = "device-host" the server opens the connection instead, and is waited for.
        """)

    private static let upstreamKeys: [SettingKey<UpstreamEntry>] = [
        .text(
            "url", ifSet: \.url, longest: 4096, example: "\"ws://127.0.0.1:12346\"",
            """
            Where the server is: ws://HOST:PORT or wss://HOST:PORT, with a path after it if it wants one, or unix://PATH. Of a "device-host": where it dials \
            out to, an address of this computer without a path.
            """, check: checkURL),
        .choice(
            "kind", \.kind,
            """
            "server" is connected to. "device-host" is a server that dials out (Intiface Engine with --websocket-client-address): this \
            router listens at the url, and takes one such server at a time.
            """),
        .interval(
            "gap", ifSet: \.gap, .zero ... .seconds(10), example: "\"50ms\"",
            """
            Least time between two writes to a device of this server. Unset: none, for every write waits for the answer to the last one. \
            The DeviceMessageTimingGap that the server states for its devices is passed on to clients, and paces nothing.
            """),
        .text(
            "ca_file", ifSet: \.authorities, longest: 4096, example: "\"/etc/plugboard/ca.pem\"",
            "Of a wss:// address: the certificate authorities in PEM form that are believed. Unset: the system's."),
        .choice(
            "verify", \.verification,
            """
            Of a wss:// address: "full" checks the certificate's issuer, name and time. "none" checks nothing: anybody on the way can read \
            and change everything; each start says so in the log.
            """),
    ]

    @Sendable
    private static func checkURL(_ text: String) throws(Refusal) {
        do throws(BadAddress) { _ = try Endpoint(text, for: .dialling) } catch {
            // A token may be in its path.
            throw Refusal(Redaction.redacted("names \(quoted(text)), which is not an address of a server: \(error.hint)"))
        }
    }

    /// What is wrong with where servers that dial out are waited for.
    static func refusal(ofDeviceHostAt endpoint: Endpoint, _ settings: Settings) -> String? {
        if case .webSocket(_, _, let path, _) = endpoint, path != "/" {
            return "\(endpoint) has a path, and a device-host comes to an address without"
        }
        guard !endpoint.isLocal, settings.requireToken == .never, !settings.allowInsecure else { return nil }
        return
            "\(endpoint) can be reached from other machines, and with require_token = \"never\" anyone who reaches it can show devices of"
            + " their own; use 127.0.0.1, ask for tokens, or set allow_insecure = true in [server]"
    }
}
