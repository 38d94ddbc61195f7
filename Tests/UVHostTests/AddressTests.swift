// Addresses: how they are read, written and compared.
// Must not open sockets.

import Host
import Testing

@testable import UVHost

@Suite struct AddressTests {
    @Test(
        "Addresses are read as they are written, and written as they are read.",
        arguments: [
            ("ws://127.0.0.1:12345", Endpoint.webSocket(host: "127.0.0.1", port: 12_345), true),
            ("ws://[::1]:0", .webSocket(host: "::1", port: 0), true), ("ws://localhost:80", .webSocket(host: "localhost", port: 80), true),
            ("ws://0.0.0.0:65535", .webSocket(host: "0.0.0.0", port: 65_535), false),
            ("ws://[::]:1", .webSocket(host: "::", port: 1), false),
            ("unix:///run/plugboard.sock", .unix(path: "/run/plugboard.sock"), true), ("unix://p.sock", .unix(path: "p.sock"), true),
        ])
    func reads(text: String, address: Endpoint, isLocal: Bool) throws {
        let read = try Endpoint(text, for: .listening)
        #expect(read == address)
        #expect(read.description == text)
        #expect(read.isLocal == isLocal)
    }

    @Test("A closing slash is allowed.")
    func allowsASlash() throws {
        #expect(try Endpoint("ws://127.0.0.1:12345/", for: .listening) == .webSocket(host: "127.0.0.1", port: 12_345))
    }

    @Test(
        "Other spellings become the usual spelling.",
        arguments: [
            ("WS://LocalHost.:80", "ws://localhost:80", true),
            ("ws://localhost:1/", "ws://localhost:1", true),
            ("ws://[FE80::1%25eth0]:1", "ws://[fe80::1%eth0]:1", false), ("ws://[0:0::1]:1", "ws://[0:0::1]:1", true),
            ("ws://[::ffff:127.0.0.1]:1", "ws://[::ffff:127.0.0.1]:1", true), ("UNIX:///Run/P.sock", "unix:///Run/P.sock", true),
            ("ws://Router.LAN:1", "ws://router.lan:1", false),
        ])
    func otherSpellings(text: String, usual: String, isLocal: Bool) throws {
        let read = try Endpoint(text, for: .listening)
        #expect(read.description == usual)
        #expect(read.isLocal == isLocal)
    }

    @Test("Two addresses that cannot be opened together are one address named twice, in any spelling.")
    func collides() throws {
        let rows: [(String, String, Bool)] = [
            ("ws://127.0.0.1:1", "ws://127.0.0.1:1", true), ("ws://127.0.0.1:1", "ws://127.0.0.1:2", false),
            ("ws://localhost:1", "ws://127.0.0.1:1", true),
            ("ws://localhost:1", "ws://[::1]:1", true), ("ws://[0::1]:1", "ws://[::1]:1", true),
            ("ws://127.0.0.1:1", "ws://[::1]:1", false),
            ("ws://0.0.0.0:1", "ws://127.0.0.1:1", true), ("ws://0.0.0.0:1", "ws://localhost:1", true),
            ("ws://0.0.0.0:1", "ws://192.168.1.5:1", true),
            ("ws://0.0.0.0:1", "ws://[::1]:1", false), ("ws://[::]:1", "ws://0.0.0.0:1", true), ("ws://[::]:1", "ws://127.0.0.1:1", true),
            ("ws://127.0.0.1:1", "ws://127.0.0.2:1", false), ("ws://127.0.0.1:0", "ws://127.0.0.1:0", false),
            ("ws://a.lan:1", "ws://A.lan.:1", true),
            ("ws://a.lan:1", "ws://b.lan:1", false), ("ws://a.lan:1", "ws://0.0.0.0:1", true),
            ("ws://[::ffff:127.0.0.1]:1", "ws://127.0.0.1:1", true),
            ("unix:///a/b", "unix:///a/./b/", true), ("unix:///a/b", "unix:///a/c", false), ("unix:///a", "ws://127.0.0.1:1", false),
        ]
        for (a, b, expected) in rows {
            #expect(try Endpoint(a, for: .listening).collides(with: Endpoint(b, for: .listening)) == expected, "\(a) \(b)")
            #expect(try Endpoint(b, for: .listening).collides(with: Endpoint(a, for: .listening)) == expected, "\(b) \(a)")
        }
    }

    @Test(
        "A text that is not an address is refused with a hint that quotes it.",
        arguments: [
            "", "127.0.0.1:12345", "http://127.0.0.1:1", "wss://127.0.0.1", "ws://127.0.0.1", "ws://[::1]", "ws://:1", "ws://127.0.0.1:",
            "ws://127.0.0.1:x",
            "ws://127.0.0.1:65536", "ws://127.0.0.1:-1", "ws://127.0.0.1:+1", "ws://::1:12345", "ws://[::1", "ws://a/b:1",
            "ws://127.0.0.1:1/buttplug", "ws://127.1:1", "ws://*:1", "ws://me@127.0.0.1:1", "ws://127.0.0.1?x", "unix://",
            "ws://a b:1",
        ])
    func refuses(text: String) throws {
        let error = #expect(throws: BadAddress.self) { try Endpoint(text, for: .listening) }
        #expect("\(try #require(error))".hasPrefix("\"\(text)\""))
    }

    @Test(
        "To connect to, an address may leave out its port and have a path.",
        arguments: [
            ("ws://Server.LAN", "ws://server.lan:12345"), ("ws://127.0.0.1:80/", "ws://127.0.0.1:80"),
            ("ws://[::1]/a/b?c=d", "ws://[::1]:12345/a/b?c=d"), ("ws://[fe80::1%25eth0]:1", "ws://[fe80::1%eth0]:1"),
            ("unix:///run/p.sock", "unix:///run/p.sock"),
        ])
    func dials(text: String, usual: String) throws { #expect(try "\(Endpoint(text, for: .dialling))" == usual) }

    @Test(
        "What nobody can connect to is refused with a hint.",
        arguments: [
            ("ws://127.0.0.1:0", "1 to 65535"), ("wss://a.lan:0", "1 to 65535"), ("ws://a.lan?x", "ws://a.lan/?x"),
            ("ws://::1", "brackets"),
            ("127.0.0.1:12345", "ws://127.0.0.1:12345"), ("ws://a.lan/b c", "%20"), ("ws://me@a.lan", "nobody logs in"),
            ("rabbit", "ws://HOST:PORT"),
            ("unix://" + String(repeating: "a", count: 108), "107"),
        ])
    func refusesToDial(text: String, hint: String) throws {
        let error = #expect(throws: BadAddress.self) { try Endpoint(text, for: .dialling) }
        #expect(try #require(error).hint.contains(hint))
    }
}
