// The keys of [[upstream]].
// Must not know how an upstream is spoken to.

import Host
import UVHost

extension SettingTable {
    static let upstream = SettingList(
        "upstream", \.upstreams, new: { UpstreamEntry() }, required: ["url"], isFixed: true, keys: upstreamKeys,
        """
        Other Buttplug servers whose devices are shown here too. Each is connected to once, however many clients there are; while one is \
        away it is tried again and again.
        """)

    private static let upstreamKeys: [SettingKey<UpstreamEntry>] = [
        .text(
            "url", ifSet: \.url, longest: 4096, example: "\"ws://127.0.0.1:12346\"",
            "Where the server is: ws://HOST:PORT, with a path behind it if it wants one, or unix://PATH.", check: checkURL)
    ]

    @Sendable
    private static func checkURL(_ text: String) throws(Refusal) {
        guard let endpoint = Endpoint(text), UVHost.canDial(endpoint) else {
            let hint = text.hasPrefix("wss://") ? "TLS is not supported: write ws://" : "write ws://HOST:PORT or unix://PATH"
            throw Refusal("is not an address of a server: \(hint)")
        }
    }
}
