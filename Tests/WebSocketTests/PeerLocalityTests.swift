// Who is local, and under which address a peer is known: forwarding headers, right and hostile, and trusted proxies.
// Must not know how headers are kept.

import Testing
import WebSocket

@Suite struct PeerLocalityTests {
    private func place(_ socket: String, _ lines: [String], trusting trusted: [String] = []) throws -> PeerLocality {
        PeerLocality(
            socket: socket, headers: try TokenCarrierTests.request("/", lines).forwarding, trusting: TrustedProxies(trusted))
    }

    @Test("Without a forwarding header loopback and Unix sockets are local, and nobody else is")
    func plain() throws {
        for own in ["127.0.0.1", "127.9.9.9", "::1", "unix"] {
            let peer = try place(own, ["Via: 1.1 proxy", "X-Forwarded-Proto: https", "X-Forwarded-Host: a"], trusting: [own])
            #expect(peer.isLocal && peer.address == own)
        }
        for other in ["192.168.1.5", "10.0.0.1", "fd00::1", "fe80::1%eth0", "128.0.0.1", "::2"] {
            let peer = try place(other, [], trusting: [other])
            #expect(!peer.isLocal && peer.address == other)
        }
    }

    @Test(
        "Any forwarding header makes a peer remote, with any value, and never gives it an address of this computer",
        arguments: ["Forwarded", "forwarded", "X-Forwarded-For", "x-FORWARDED-for", "X-Real-IP", "CF-Connecting-IP"])
    func anyHeader(name: String) throws {
        let values = [
            "", "127.0.0.1", "for=127.0.0.1", "for=\"[::1]\"", "unix", "localhost", "unknown", "_hidden", ",", ";", "\"", "for=", "=",
            "::1",
            "\u{E9}", String(repeating: "127.0.0.1,", count: 1_000),
        ]
        for value in values {
            for (socket, trusted) in [("127.0.0.1", []), ("::1", ["::1"]), ("unix", ["unix"]), ("127.0.0.1", ["127.0.0.0/8", "::1"])] {
                let peer = try place(socket, ["\(name): \(value)"], trusting: trusted)
                #expect(!peer.isLocal)
                #expect(!PeerLocality.isOwn(peer.address), "\(value) from \(socket): \(peer.address)")
            }
        }
    }

    struct Row: CustomTestStringConvertible, Sendable {
        var testDescription: String { lines.joined(separator: " | ") }
        var lines: [String]
        var address: String

        init(_ lines: String..., is address: String) { (self.lines, self.address) = (lines, address) }
    }

    static let rows: [Row] = [
        Row("X-Forwarded-For: 203.0.113.9", is: "203.0.113.9"),
        Row("X-Forwarded-For: 1.2.3.4, 203.0.113.9", is: "203.0.113.9"),
        Row("X-Forwarded-For: 1.2.3.4", "X-Forwarded-For: 203.0.113.9, 10.1.2.3", is: "203.0.113.9"),
        Row("X-Forwarded-For: 203.0.113.9:4711", is: "203.0.113.9"),
        Row("X-Forwarded-For: 2001:db8::1", is: "2001:db8::1"),
        Row("X-Forwarded-For: [2001:DB8:0:0::1]:80", is: "2001:db8::1"),
        Row("X-Forwarded-For: ::ffff:203.0.113.9", is: "203.0.113.9"),
        Row("X-Forwarded-For: fe80::1%eth0", is: "fe80::1"),
        Row("Forwarded: for=203.0.113.9;proto=https;by=10.0.0.1", is: "203.0.113.9"),
        Row("Forwarded: proto=https ; FOR = \"203.0.113.9:_port\"", is: "203.0.113.9"),
        Row("Forwarded: for=1.2.3.4, for=\"[2001:db8::7]:47011\"", is: "2001:db8::7"),
        Row("Forwarded: for=1.2.3.4", "Forwarded: for=203.0.113.9", is: "203.0.113.9"),
        Row("Forwarded: by=\"a,b;for=6.6.6.6\";for=203.0.113.9", is: "203.0.113.9"),
        Row("Forwarded: for=\"203.0.113\\.9\"", is: "203.0.113.9"),
        Row("X-Real-IP: 203.0.113.9", "X-Forwarded-For: 6.6.6.6, 203.0.113.9", is: "203.0.113.9"),
        Row("CF-Connecting-IP: 203.0.113.9", is: "203.0.113.9"),
        // All are proxies: the first one asked for itself.
        Row("X-Forwarded-For: 10.9.9.9, 10.1.1.1", is: "10.9.9.9"),
        // A header of proxies alone says less than one that names a client.
        Row("X-Real-IP: 10.9.9.9", "X-Forwarded-For: 203.0.113.9, 10.9.9.9", is: "203.0.113.9"),
        // The last address that is no proxy is not known, or two headers disagree.
        Row("X-Forwarded-For: 203.0.113.9, unknown", is: "forwarded"),
        Row("X-Forwarded-For: 203.0.113.9,", is: "forwarded"),
        Row("X-Forwarded-For: 203.0.113.9, localhost, 10.0.0.1", is: "forwarded"),
        Row("X-Forwarded-For: 203.0.113.9", "X-Real-IP: 203.0.113.8", is: "forwarded"),
        Row("X-Forwarded-For: 203.0.113.9", "Forwarded: for=_secret", is: "forwarded"),
        Row("Forwarded: for=203.0.113.9, for=unknown", is: "forwarded"),
        Row("Forwarded: for=203.0.113.9, proto=https", is: "forwarded"),
        Row("Forwarded: for=203.0.113.9;for=203.0.113.8", is: "forwarded"),
        Row("Forwarded: for=\"203.0.113.9", is: "forwarded"),
        Row("Forwarded: for=\"203.0.113.9\"x", is: "forwarded"),
        Row("Forwarded: for=203.0.113.9\"", is: "forwarded"),
        Row("Forwarded: for=[2001:db8::1", is: "forwarded"),
        Row("Forwarded: for=[2001:db8::1]80", is: "forwarded"),
        Row("X-Forwarded-For: 203.0.113.256", is: "forwarded"),
        Row("X-Forwarded-For: 203.0.113.9 203.0.113.8", is: "forwarded"),
        Row("X-Real-IP:", is: "forwarded"),
        Row("X-Forwarded-For: 127.0.0.1", is: "forwarded"),
        Row("X-Forwarded-For: ::1", is: "forwarded"),
    ]

    @Test("A trusted proxy names the client: the last address that is not a proxy's own", arguments: rows)
    func trusted(row: Row) throws {
        let peer = try place("10.0.0.1", row.lines, trusting: ["10.0.0.0/8"])
        #expect(!peer.isLocal)
        #expect(peer.address == row.address)
    }

    @Test("A peer that is no trusted proxy keeps its own address, and one of this computer has none", arguments: rows)
    func untrusted(row: Row) throws {
        #expect(try place("192.168.1.7", row.lines, trusting: ["10.0.0.0/8", "unix"]).address == "192.168.1.7")
        #expect(try place("127.0.0.1", row.lines).address == PeerLocality.hidden)
        #expect(try place("unix", row.lines, trusting: ["10.0.0.0/8"]).address == PeerLocality.hidden)
    }

    @Test("A PROXY header makes a peer remote and names it; then headers count if that address is a trusted proxy's")
    func proxied() throws {
        let client = try #require(HostName("203.0.113.9"))
        let trusting = TrustedProxies(["127.0.0.1", "10.0.0.0/8"])
        let headers = try TokenCarrierTests.request("/", ["X-Forwarded-For: 198.51.100.1"]).forwarding
        let rows: [(ProxySource, ForwardingHeaders?, String)] = [
            (.address(client), nil, "203.0.113.9"), (.address(client), headers, "203.0.113.9"), (.own, nil, "forwarded"),
            (.own, headers, "forwarded"), (.address(try #require(HostName("10.3.3.3"))), headers, "198.51.100.1"),
            (.address(try #require(HostName("127.0.0.1"))), nil, "forwarded"), (.address(try #require(HostName("::1"))), nil, "forwarded"),
        ]
        for (source, headers, address) in rows {
            let peer = PeerLocality(socket: "127.0.0.1", proxy: source, headers: headers, trusting: trusting)
            #expect(!peer.isLocal && peer.address == address)
        }
    }

    @Test("Ranges of addresses hold what begins in their bits, mapped IPv4 too, and nothing of the other family")
    func ranges() {
        let rows: [(String, [String], [String])] = [
            ("10.0.0.0/8", ["10.0.0.0", "10.255.255.255", "::ffff:10.1.2.3"], ["11.0.0.0", "9.255.255.255", "::a00:1"]),
            ("192.168.1.128/25", ["192.168.1.128", "192.168.1.255"], ["192.168.1.127"]),
            ("192.168.1.5", ["192.168.1.5"], ["192.168.1.4", "192.168.1.6"]),
            ("::ffff:10.0.0.0/104", ["10.9.9.9"], ["11.0.0.1"]),
            ("2001:db8::/33", ["2001:db8:7fff::1"], ["2001:db8:8000::1", "32.1.13.184"]),
            ("0.0.0.0/0", ["1.2.3.4"], ["2001:db8::1"]), ("::/0", ["2001:db8::1"], ["1.2.3.4"]),
            ("fe80::1%eth0", ["fe80::1", "fe80::1%lo"], []),
        ]
        for (range, inside, outside) in rows {
            let proxies = TrustedProxies([range])
            for address in inside { #expect(proxies.contains(peer: address), "\(address) in \(range)") }
            for address in outside + ["unix", "", "proxy.lan"] { #expect(!proxies.contains(peer: address), "\(address) in \(range)") }
        }
        #expect(TrustedProxies(["unix"]).contains(peer: "unix") && !TrustedProxies(["unix"]).contains(peer: "127.0.0.1"))
    }

    @Test(
        "A range that means nothing is refused with what to write",
        arguments: [
            ("proxy.lan", "no address"), ("", "no address"), ("*", "no address"), ("10.0.0.0/8/8", "no address"),
            ("10.0.0.0/", "number of bits"),
            ("10.0.0.0/+8", "number of bits"), ("10.0.0.0/33", "from 0 to 32"), ("::/129", "from 0 to 128"),
            ("::ffff:1.2.3.4/90", "from 96 to 128"),
            ("10.0.0.1/8", "\"10.0.0.0/8\""), ("2001:db8::1/64", "\"2001:db8::/64\""), ("localhost", "no address"),
        ])
    func badRanges(text: String, word: String) {
        do throws(EntryRefusal) {
            _ = try AddressRange(text)
            Issue.record("accepted")
        } catch {
            #expect(error.reason.contains(word), "\(error.reason)")
        }
        #expect(!TrustedProxies([text]).contains(peer: "10.0.0.0"))
    }

    @Test("An address from a header is written as the kernel writes it")
    func text() throws {
        let rows = [
            ("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("0:0:1::", "0:0:1::"),
            ("1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"), ("::ffff:1.2.3.4", "1.2.3.4"), ("fe80::1%eth0", "fe80::1"),
            ("Host.Example.", "host.example"),
        ]
        for (written, text) in rows { #expect(try #require(HostName(written)).text == text) }
    }
}
