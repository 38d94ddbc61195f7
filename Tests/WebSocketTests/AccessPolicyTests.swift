// Who may connect: hosts against DNS rebinding, origins against cross-site hijacking.
// Must not know HTTP heads.

import Testing
import WebSocket

@Suite struct AccessPolicyTests {
    private let closed = AccessPolicy()
    private let open = AccessPolicy(hosts: ["Router.example", "192.168.1.5", "[fe80::1]"], origins: ["https://app.example:8443", "null"])

    @Test("Loopback hosts are welcome with any port, others only when they are named")
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

    @Test("Loopback origins are welcome whatever their scheme and port, others and null only when they are named")
    func origins() {
        let loopback = ["http://localhost", "https://localhost:3000", "http://127.0.0.1:8080", "http://[::1]:5173", "tauri://localhost"]
        for origin in loopback { #expect(closed.allows(origin: origin), "\(origin)") }
        let foreign = [
            "https://example.org", "null", "NULL", "", "localhost", "http://", "http:/localhost", "http://localhost.example.org",
            "://localhost",
            "http://localhost@example.org", "https://app.example:8443", "http://localhost/x", "file://",
            "http://localhost http://example.org",
        ]
        for origin in foreign { #expect(!closed.allows(origin: origin), "\(origin)") }
        #expect(open.allows(origin: "null"))
        #expect(open.allows(origin: "HTTPS://App.example:8443"))
        #expect(!open.allows(origin: "https://app.example"))
        #expect(!open.allows(origin: "https://app.example:8443.evil.example"))
        #expect(AccessPolicy(origins: ["*"]).allows(origin: "null"))
    }

    @Test("An upgrade is refused by the host first, then by the origin; a client without an origin is native and welcome")
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
    }
}
