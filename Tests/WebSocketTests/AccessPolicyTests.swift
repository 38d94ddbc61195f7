// Which connections are accepted: hosts against DNS rebinding, origins against cross-site hijacking.
// Must not know HTTP heads.

import Testing
import WebSocket

@Suite struct AccessPolicyTests {
    private let closed = AccessPolicy()
    private let open = AccessPolicy(hosts: ["Router.example", "192.168.1.5", "[fe80::1]"], origins: ["https://app.example:8443", "null"])

    @Test("Loopback hosts are accepted with any port, others only when they are named")
    func hosts() {
        let loopback = [
            "localhost", "LocalHost:12345", "localhost.", "localhost:", "app.localhost:1", "127.0.0.1", "127.255.0.3:80", "[::1]",
            "[::1]:12345",
        ]
        for host in loopback { #expect(closed.allows(host: host), "\(host)") }
        let foreign = [
            "example.org", "localhost.example.org", "notlocalhost", "128.0.0.1", "127.0.0.1.example.org", "127.0.0", "127.0.0.256",
            "127.0.0.x",
            "127.0.0.0001", "[::2]", "::1", "", ":80", "localhost:x", "localhost:99999999", "[::1", "[]", "local host",
            "[::1]x",
        ]
        for host in foreign { #expect(!closed.allows(host: host), "\(host)") }
        for host in ["router.EXAMPLE", "router.example:12345", "192.168.1.5:1", "[fe80::1]:9"] {
            #expect(open.allows(host: host), "\(host)")
            #expect(!closed.allows(host: host), "\(host)")
        }
        #expect(AccessPolicy(hosts: ["*"]).allows(host: "example.org"))
    }

    @Test("Loopback origins and file:// are accepted in every spelling, others and null only when they are named")
    func origins() {
        let local = [
            "http://localhost", "https://localhost:3000", "http://127.0.0.1:8080", "http://[::1]:5173", "tauri://localhost",
            "http://localhost/", "http://127.0.0.1/", "http://localhost:12345/buttplug", "http://localhost?x", "ws://localhost:1",
            "localhost", "localhost:12345", "127.0.0.1:12345", "localhost:12345/", "//localhost:1", "[::1]:12345", "[::1]",
            "HTTP://LOCALHOST",
            "LocalHost.:80", "http://app.localhost:1", "http://127.255.3.4", "http://[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]:1",
            "file://", "FILE://", "file:///", "file:///home/me/page.html", "file://localhost/page.html",
        ]
        for origin in local { #expect(closed.allows(origin: origin), "\(origin)") }
        let foreign = [
            "https://example.org", "null", "NULL", "", "http://", "http:/localhost", "http://localhost.example.org", "://localhost",
            "http://localhost@example.org", "https://app.example:8443", "http://localhost http://example.org",
            "http://evil.example/localhost", "localhost.evil.example:80", "127.0.0.1.evil.example", "http://127.0.0.1.evil.example/",
            "http://evil-localhost", "http://localhost-evil.example", "http://localhost:80@evil.example", "http://localhost@evil",
            "http://evil@localhost", "http://evil.example\\@localhost", "http://localhost\\.evil.example",
            "http://localhost%2eevil.example",
            "http://%6cocalhost", "http://localhost%00.evil.example", "http://2130706433", "http://127.1", "http://0x7f000001",
            "http://0177.0.0.1", "http://127.0.0.256", "http://[::2]", "http://[::1", "http://::1", "http://[::1].evil.example",
            "http://[::1]x",
            "http://localhost:99999", "http://localhost:x", "http://.localhost", "http://localhost..", "http:localhost",
            "blob:http://localhost",
            "1http://localhost", "http ://localhost", "http://localhost, http://evil.example", "http://localhost,http://evil.example",
            "http://localhost/,http://evil.example", "http://l\u{F6}calhost", "http://localhost\u{2024}evil.example",
            "http://localhost\u{FF0E}",
            "http://lo\u{2060}calhost", "\u{FEFF}http://localhost", "file://evil.example/x", "file:", "file", "about:blank", "data:,x",
            "http://" + String(repeating: "localhost.", count: 2000) + "evil.example",
        ]
        for origin in foreign { #expect(!closed.allows(origin: origin), "\(origin)") }
        #expect(open.allows(origin: "null"))
        #expect(open.allows(origin: "HTTPS://App.example:8443"))
        #expect(open.allows(origin: "https://app.example.:8443/"))
        #expect(!open.allows(origin: "https://app.example"))
        #expect(!open.allows(origin: "http://app.example:8443"))
        #expect(!open.allows(origin: "https://app.example:8443.evil.example"))
        #expect(AccessPolicy(origins: ["*"]).allows(origin: "null"))
    }

    @Test("A named origin is accepted in every spelling")
    func spellingsOfOrigins() {
        let spellings = ["https://x.example", "https://x.example:443", "HTTPS://X.Example/", "wss://x.example", "https://x.example.:443"]
        for named in spellings {
            let policy = AccessPolicy(origins: [named])
            for origin in spellings { #expect(policy.allows(origin: origin), "\(named) \(origin)") }
            for origin in ["http://x.example", "https://x.example:444", "x.example", "https://x.example.org", "https://y.x.example"] {
                #expect(!policy.allows(origin: origin), "\(named) \(origin)")
            }
        }
        #expect(AccessPolicy(origins: ["chrome-extension://abcdefgh"]).allows(origin: "chrome-extension://abcdefgh"))
        #expect(AccessPolicy(origins: ["http://[FE80:0::1]:80"]).allows(origin: "http://[fe80::1]"))
    }

    @Test("The address that a connection came in at is accepted as a host, and as an origin with the same port")
    func ownAddress() {
        func refusal(_ host: String, _ origin: String? = nil, at local: String?, _ policy: AccessPolicy? = nil) -> HandshakeRefusal? {
            (policy ?? closed).refusal(of: UpgradeRequest(path: "/", host: host, origin: origin, key: UpgradeRequestTests.key), at: local)
        }
        for (host, local) in [
            ("192.168.77.5:12345", "192.168.77.5"), ("192.168.77.5", "192.168.77.5"), ("[fd00:77::5]:1", "fd00:77::5"),
            ("[FD00:77:0:0::5]:1", "fd00:77::5"), ("[::ffff:192.168.77.5]:1", "192.168.77.5"), ("[::ffff:c0a8:4d05]", "192.168.77.5"),
            ("[fe80::1%25eth0]:1", "fe80::1"), ("[fe80::1%eth0]:1", "fe80::1"), ("[fe80::1]:1", "fe80::1%eth0"), ("0.0.0.0:1", "127.0.0.1"),
            ("[::]:1", "::1"),
        ] {
            #expect(refusal(host, at: local) == nil, "\(host)")
        }
        for (host, local) in [
            ("192.168.77.6:1", "192.168.77.5"), ("evil.example:1", "192.168.77.5"), ("192.168.77.5.evil.example", "192.168.77.5"),
            ("192.168.77.5", nil), ("3232255237", "192.168.77.5"), ("[fd00:77::6]", "fd00:77::5"), ("0.0.0.0", "192.168.77.5"),
        ] {
            #expect(refusal(host, at: local) == .host(host), "\(host)")
        }
        let host = "192.168.77.5:12345"
        for origin in ["http://192.168.77.5:12345", "192.168.77.5:12345", "ws://192.168.77.5:12345/", "192.168.77.5"] {
            #expect(refusal(host, origin, at: "192.168.77.5") == nil, "\(origin)")
        }
        for origin in ["http://192.168.77.5", "http://192.168.77.5:8080", "http://192.168.77.6:12345", "http://evil.example:12345"] {
            #expect(refusal(host, origin, at: "192.168.77.5") == .origin(origin), "\(origin)")
        }
        // DNS rebinding: the page is at its own name, and so is the request.
        let every = AccessPolicy(hosts: ["*"])
        #expect(refusal("evil.example:1", "http://evil.example:1", at: "127.0.0.1", every) == .origin("http://evil.example:1"))
        #expect(refusal("router.lan:1", "http://router.lan:1", at: "10.0.0.1", AccessPolicy(hosts: ["Router.lan."])) == nil)
        #expect(refusal("router.lan", "http://router.lan", at: "10.0.0.1", AccessPolicy(hosts: ["router.lan"])) == nil)
    }

    @Test("An entry is understood in every spelling, or refused with a text that says what to write")
    func entries() throws {
        for text in [
            "router.lan", "Router.LAN.", "router.lan:12345", "192.168.1.5", "192.168.1.5:1", "fe80::1", "[fe80::1]", "[fe80::1]:1", "*",
        ] {
            _ = try AllowedHost(text)
        }
        #expect(try AllowedHost("FE80:0::1") == AllowedHost("[fe80::1%eth0]:1"))
        for (text, word) in [
            ("", "is not a host"), ("http://router.lan/", "\"router.lan\""), ("router.lan/x", "\"router.lan\""),
            ("*.lan", "* is written alone"),
            ("router lan", "is not a host"), ("r\u{F6}uter.lan", "xn--"), ("[fe80::1", "is not a host"),
            ("http://[fe80::1]:1/", "\"[fe80::1]\""),
        ] {
            #expect(throws: EntryRefusal.self, "\(text)") { try AllowedHost(text) }
            do { _ = try AllowedHost(text) } catch { #expect(error.reason.contains(word), "\(text): \(error.reason)") }
        }
        for text in [
            "https://example.org", "HTTPS://Example.org:443/", "null", "NULL", "file://", "*", "http://localhost", "localhost:3000",
            "app://obsidian.md", "moz-extension://0a1b-2c", "http://[fe80::1]:8080", "wss://example.org",
        ] {
            _ = try AllowedOrigin(text)
        }
        for (text, word) in [
            ("", "is not an origin"), ("example.org", "https://example.org"), ("https://example.org/app", "\"https://example.org\""),
            ("https://example.org/?x", "\"https://example.org\""), ("https://*.example.org", "* is written alone"),
            ("https://a.example https://b.example", "is not an origin"), ("https://a.example,https://b.example", "is not an origin"),
            ("https://me@example.org", "is not an origin"), ("https://m\u{FC}ller.example", "xn--"), ("https://", "is not an origin"),
            ("https://example.org:99999", "is not an origin"), ("https:example.org", "is not an origin"),
        ] {
            #expect(throws: EntryRefusal.self, "\(text)") { try AllowedOrigin(text) }
            do { _ = try AllowedOrigin(text) } catch { #expect(error.reason.contains(word), "\(text): \(error.reason)") }
        }
    }

    @Test("A refusal prints the line to copy, and never a line that a stranger could misuse")
    func pasting() throws {
        for (origin, entry) in [
            ("https://Evil.example:443/x", "https://evil.example:443"), ("http://192.168.1.9:8080", "http://192.168.1.9:8080"),
            ("null", "null"),
            ("chrome-extension://abc", "chrome-extension://abc"),
        ] {
            let text = HandshakeRefusal.origin(origin).text
            #expect(text.contains("[server] allowed_origins = [\"\(entry)\"]"), "\(text)")
            #expect(AccessPolicy(origins: [entry]).allows(origin: origin), "\(origin)")
        }
        let crooked = [
            "x\"]\nallow_insecure = true #", "https://a.example\", \"*", "https://*", "*", "evil.example", "https://\u{FC}.example", "",
            "https://" + String(repeating: "a", count: 300) + ".example", "https://a.example https://b.example",
        ]
        for origin in crooked { #expect(!HandshakeRefusal.origin(origin).text.contains("[server]"), "\(origin)") }
        for (host, entry) in [
            ("Router.lan:12345", "router.lan"), ("192.168.1.5:12345", "192.168.1.5"), ("[FE80::1%25eth0]:1", "[fe80::1]"),
            ("x.example", "x.example"),
        ] {
            let text = HandshakeRefusal.host(host).text
            #expect(text.contains("[server] allowed_hosts = [\"\(entry)\"]"), "\(text)")
            #expect(!text.contains("127.0.0.1"))
            #expect(AccessPolicy(hosts: [entry]).allows(host: host), "\(host)")
        }
        for host in ["x\"]", "*", "a b", String(repeating: "a", count: 300)] {
            #expect(!HandshakeRefusal.host(host).text.contains("[server]"))
        }
        for origin in crooked { #expect(HandshakeRefusal.origin(origin).text.utf8.count < 640) }
        let longest = "https://" + String(repeating: "a", count: 240)
        let answer = String(decoding: HTTPAnswer.refusal(.origin(longest)), as: UTF8.self)
        #expect(answer.contains("allowed_origins = [\"\(longest)\"]\n"))
    }

    @Test("An upgrade is refused by the host first, then by the origin; a client without an origin is native and accepted")
    func upgrades() {
        var request = UpgradeRequest(path: "/", host: "localhost:1", key: UpgradeRequestTests.key)
        #expect(closed.refusal(of: request) == nil)
        request.origin = "https://evil.example"
        #expect(closed.refusal(of: request) == .origin("https://evil.example"))
        request.host = "evil.example"
        #expect(closed.refusal(of: request) == .host("evil.example"))
        #expect(HandshakeRefusal.host("x").status == 403)
        #expect(HandshakeRefusal.origin("x").status == 403)
        #expect(HandshakeRefusal.origin("https://evil.example").text.contains("https://evil.example"))
    }

    @Test("A page is open to every origin, not to every host")
    func pages() {
        var page = PageRequest(method: .get, page: .health, host: "localhost", origin: "https://example.org")
        #expect(closed.refusal(of: page) == nil)
        page.host = "example.org"
        #expect(closed.refusal(of: page) == .host("example.org"))
        page.host = ""
        #expect(closed.refusal(of: page) == nil)
    }
}
