// What a server says of itself, keys and addresses are read as their owners write them, and nothing else is taken for them.
import Testing

@testable import NATS

@Suite struct NATSInfoTests {
    private func info(_ text: String) throws(NATSViolation) -> NATSInfo {
        let bytes = Array(text.utf8)
        let result: Result<NATSInfo, NATSViolation> = bytes.withUnsafeBytes { buffer in
            Result { () throws(NATSViolation) in try NATSInfo(buffer) }
        }
        return try result.get()
    }

    @Test("Of what nats-server says, what we need is taken.")
    func real() throws {
        let found = try info(
            """
            {"server_id":"NB2I","server_name":"bus1","version":"2.9.10","proto":1,"go":"go1.19.8","host":"0.0.0.0","port":4222,\
            "headers":true,"max_payload":1048576,"client_id":5,"client_ip":"127.0.0.1","auth_required":true,"tls_required":true,\
            "tls_available":true,"nonce":"abc\\u003c_-","ldm":true,"connect_urls":["10.0.0.1:4222","[::1]:4222"],"jetstream":false,\
            "other":{"a":[1.5e3,null,{"b":[]}],"c":{}}}
            """)
        #expect(found.serverName == "bus1" && found.version == "2.9.10" && found.maxPayload == 1_048_576 && found.nonce == "abc<_-")
        #expect(found.hasHeaders && found.requiresTLS && found.offersTLS && found.isLameDuck)
        #expect(found.otherServers == ["10.0.0.1:4222", "[::1]:4222"])
        #expect(try info("{}") == NATSInfo())
        #expect(try info(" { \"connect_urls\" : [ ] , \"ldm\" : false } ") == NATSInfo())
    }

    @Test(
        "What is no object of such values is refused.",
        arguments: [
            "", "[]", "{", "{}x", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{\"headers\":1}", "{\"headers\":tru}",
            "{\"max_payload\":-1}",
            "{\"max_payload\":1.5}", "{\"max_payload\":1e3}", "{\"max_payload\":1234567890123456}", "{\"nonce\":5}", "{\"nonce\":\"a}",
            "{\"nonce\":\"\\x\"}", "{\"nonce\":\"\\u12\"}", "{\"nonce\":\"\\u12g4\"}", "{\"nonce\":\"\u{1}\"}", "{\"connect_urls\":{}}",
            "{\"connect_urls\":[1]}", "{\"connect_urls\":[\"a\",]}", "{\"a\":nul}", "{\"a\":[}", "{\"a\":{\"b\"}}",
            "{\"a\":" + String(repeating: "[", count: 100) + String(repeating: "]", count: 100) + "}",
        ])
    func refused(text: String) {
        #expect(throws: NATSViolation.badInfo) { try info(text) }
    }

    @Test("What is kept has limits: 64 servers, 512 bytes of a text.")
    func limits() throws {
        let names = (0..<200).map { "\"h\($0):1\"" }.joined(separator: ",")
        #expect(try info("{\"connect_urls\":[\(names)]}").otherServers.count == 64)
        #expect(try info("{\"nonce\":\"\(String(repeating: "n", count: 5_000))\"}").nonce.utf8.count == 512)
        #expect(try info("{\"nonce\":\"\(String(repeating: "\\u0041", count: 5_000))\"}").nonce.utf8.count == 512)
    }

    @Test("Addresses of servers are read, and what is none is refused.")
    func servers() throws {
        for (text, host, port, tls) in [
            ("bus.lan", "bus.lan", 4_222, false), ("tls://bus.lan:5", "bus.lan", 5, true),
            ("nats://10.0.0.1:4222", "10.0.0.1", 4_222, false),
            ("[::1]:7", "::1", 7, false), ("tls://[fe80::1%eth0]", "fe80::1%eth0", 4_222, true),
        ] {
            let server = try #require(NATSServer(text))
            #expect(server.host == host && server.port == UInt16(port) && server.requiresTLS == tls && server.certificateName == host)
        }
        #expect(NATSServer("[::1]:7")?.description == "[::1]:7")
        for bad in [
            "", "http://a", "a:", "a:0", "a:65536", "a:x", "nats://", "nats://u:p@a", "a b", "[::1", "[::1]7", "a/b", "a:1:2", "://a",
            "a:+5",
        ] { #expect(NATSServer(bad) == nil, "\(bad)") }
    }
}

@Suite struct NKeyTests {
    // Of the bytes 0x29 to 0x48, for these tests alone.
    static let seed = "SUACSKRLFQWS4LZQGEZDGNBVGY3TQOJ2HM6D2PR7IBAUEQ2EIVDEOSESXI"

    @Test("A user's seed is decoded, with white space around it.")
    func decodes() throws {
        let seed = try NKeySeed("  \(Self.seed)\r\n")
        #expect(seed.bytes.count == 32 && seed.bytes == Array(0x29...0x48))
        #expect("\(seed) \(String(reflecting: seed))" == "NKeySeed(…) NKeySeed(…)")
        var shown = ""
        dump(seed, to: &shown)
        #expect(!shown.contains("41") && !shown.contains("0x29"))
    }

    @Test("What is not the seed of a user is refused, with a reason and without any of it.")
    func refuses() throws {
        func problem(_ text: String) -> NKeyProblem? {
            do throws(NKeyProblem) { _ = try NKeySeed(text) } catch { return error }
            return nil
        }
        #expect(problem("") == .notASeed)
        #expect(problem("UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4") == .notASeed)
        #expect(problem(String(Self.seed.dropLast())) == .length)
        #expect(problem(Self.seed + "A") == .length)
        #expect(problem(String(Self.seed.dropLast()) + "1") == .alphabet)
        for place in Self.seed.indices.dropFirst(2) {
            var wrong = Self.seed
            wrong.replaceSubrange(place...place, with: Self.seed[place] == "A" ? "B" : "A")
            #expect([.checksum, .alphabet, .notAUser].contains(problem(wrong)))
        }
        // An account's key of the same form.
        let account = [18 << 3, 0] + [UInt8](repeating: 7, count: 32)
        let sum = CRC16.of(account[...])
        #expect(problem(Base32.encode(account + [UInt8(truncatingIfNeeded: sum), UInt8(sum >> 8)])) == .notAUser)
        for problem in [NKeyProblem.notASeed, .notAUser, .length, .alphabet, .checksum] { #expect(!problem.description.isEmpty) }
    }

    @Test("Base32, base64 and the checksum agree with their standards.")
    func standards() {
        // RFC 4648 §10, without padding.
        for (plain, coded) in [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("foobar", "MZXW6YTBOI")] {
            #expect(Base32.encode(Array(plain.utf8)) == coded)
            #expect(Base32.decode(Array(coded.utf8)[...]) == Array(plain.utf8))
        }
        for bad in ["MZ", "m", "0", "M="] { #expect(Base32.decode(Array(bad.utf8)[...]) == nil) }
        for (plain, coded) in [("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("\u{FB}\u{FF}", "w7vDvw")] {
            #expect(NKey.signatureText(Array(plain.utf8)) == coded)
        }
        #expect(NKey.signatureText([0xFB, 0xFF, 0xFE]) == "-__-")
        #expect(CRC16.of(Array("123456789".utf8)[...]) == 0x31C3)
        let text = NKey.publicText([UInt8](repeating: 0, count: 32))
        #expect(text.hasPrefix("U") && text.utf8.count == 56)
    }

    @Test("Credentials are described without what is secret.")
    func secrets() {
        let password = NATSCredentials.password(user: "attic", password: "hush")
        var shown = "\(password) \(String(reflecting: password))"
        dump(password, to: &shown)
        #expect(shown.contains("attic") && !shown.contains("hush"))
        #expect("\(NATSCredentials.key(publicText: "UABC", sign: { _ in nil }))" == "key UABC" && "\(NATSCredentials.none)" == "none")
    }
}
