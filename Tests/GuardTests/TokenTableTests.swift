// Tokens are found by their secrets alone, end in time, and are bounded in number; their file reads back as it was written.

import Host
import JSON
import Testing

@testable import Guard

func secret(_ number: UInt8) -> TokenSecret { TokenSecret([UInt8](repeating: number, count: 32)) }

/// 2026-01-01, and that many seconds.
func wall(_ seconds: Int64) -> WallTime { WallTime(milliseconds: 1_767_225_600_000 + seconds * 1_000) }

func token(_ name: String, _ number: UInt8, until seconds: Int64? = nil, sessions: Int = 4) -> Token {
    Token(name, secret(number).digest, created: wall(0), expires: seconds.map { wall($0) }, sessionsMax: sessions)
}

@Suite struct TokenSecretTests {
    @Test("A secret is pb_ and base64url without padding, and printing it shows nothing of it")
    func form() {
        #expect(secret(0).text == "pb_" + String(repeating: "A", count: 43))
        #expect(secret(255).text == "pb_" + String(repeating: "_", count: 42) + "8")
        #expect(TokenSecret((0..<32).map { 0xF8 &+ $0 }).text.utf8.count == 46)
        #expect("\(secret(7))" == "pb_…")
    }

    @Test("The digest is the SHA-256 of the secret's text, and is read from hexadecimal digits of either case")
    func digest() {
        let abc = TokenDigest(of: "abc")
        #expect(abc.hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(TokenDigest(hex: abc.hex.uppercased()) == abc)
        for bad in ["", "ba78", String(abc.hex.dropLast()) + "g", abc.hex + "00"] { #expect(TokenDigest(hex: bad) == nil) }
    }
}

@Suite struct TokenTableTests {
    @Test("Only the whole secret finds a token; a part, another case or a long text does not")
    func lookUp() {
        let table = TokenTable(made: [token("a", 1), token("b", 2)])
        let text = secret(2).text
        #expect(table.token(of: text)?.name == "b")
        for wrong in [
            "", "pb_", String(text.dropLast()), text + "A", text.lowercased(), secret(3).text, String(repeating: "x", count: 100_000),
        ] {
            #expect(table.token(of: wrong) == nil)
        }
    }

    @Test("A configured token comes before one of the same name that was made at run time")
    func configuredFirst() {
        let table = TokenTable(configured: [token("a", 1)], made: [token("a", 2), token("b", 3)])
        #expect(table.tokens.map(\.name) == ["a", "b"])
        #expect(table.token(of: secret(1).text)?.name == "a")
        #expect(table.token(of: secret(2).text) == nil)
        #expect(table.refusal(ofName: "a", limit: 10, at: wall(0)) == .isConfigured("a"))
        #expect(table.refusal(ofName: "b", limit: 10, at: wall(0)) == .exists("b"))
    }

    @Test("A full table refuses another token, unless one is over: the one that has been over for the longest goes")
    func bounded() {
        var table = TokenTable(made: [token("a", 1), token("b", 2, until: 200), token("c", 3, until: 100)])
        #expect(table.refusal(ofName: "d", limit: 3, at: wall(50)) == .tooMany(3))
        #expect(table.refusal(ofName: "d", limit: 3, at: wall(300)) == nil)
        table.setMade(table.made(with: token("d", 4), limit: 3, at: wall(300)))
        #expect(table.tokens.map(\.name) == ["a", "b", "d"])
    }
}

@Suite struct TokenDocumentTests {
    @Test("A file of tokens reads back as it was written")
    func roundTrip() throws {
        var guest = token("guest-1", 2, until: 7_200, sessions: 1)
        guest.note = "for \"Ann\" 🐇"
        guest.grant = TokenGrant()
        guest.grant?.role = .controller
        guest.grant?.priority = 0
        guest.grant?.capTenThousandths = 7_003
        guest.grant?.devices = ["*Rabbit*", "\\"]
        let tokens = [token("a", 1), guest]
        let bytes = TokenDocument.encoded(tokens)
        #expect(try TokenDocument.decoded(bytes) == tokens)
        #expect(try TokenDocument.decoded(TokenDocument.encoded([])) == [])
        #expect(!String(decoding: bytes, as: UTF8.self).contains("pb_"))
    }

    @Test("A file that is cut short anywhere is refused")
    func cutShort() {
        let bytes = TokenDocument.encoded([token("a", 1), token("b", 2, until: 5)])
        for count in 0..<(bytes.count - 1) {
            #expect(throws: TokenDocument.Malformed.self) { try TokenDocument.decoded(Array(bytes[..<count])) }
        }
    }

    @Test(
        "A file with a member that is missing, wrong or there twice is refused",
        arguments: [
            (#""name":"a""#, #""name":"a b""#), (#""name":"a""#, #""name":"""#), (#""name":"b""#, #""name":"a""#),
            ("\"sha256\":\"", "\"sha256\":\"0"),
            ("plugboard-tokens 1", "plugboard-tokens 2"), (#""sessions":4"#, #""sessions":0"#), (#""expires":null"#, #""expires":"soon""#),
            (#""rule":null"#, #""rule":{"cap":2}"#), (#""rule":null"#, #""rule":7"#), (#""note":"""#, #""note":1"#),
            (#""created":"2026"#, #""created":"20x6"#),
        ])
    func damaged(good: String, bad: String) {
        let text = String(decoding: TokenDocument.encoded([token("a", 1), token("b", 2)]), as: UTF8.self)
        #expect(text.contains(good))
        #expect(throws: TokenDocument.Malformed.self) { try TokenDocument.decoded(Array(text.replacing(good, with: bad).utf8)) }
    }
}

@Suite struct TokenWishTests {
    private func wish(_ json: String) throws -> TokenWish {
        let tree = try #require(JSONTree(json.utf8))
        return try TokenWish(tree.members, at: wall(0))
    }

    @Test("A wish says name, end, sessions, note and rights")
    func whole() throws {
        let wish = try wish(
            #"{"name":"guest","expires":"2h","sessions":2,"note":"n","role":"observer","priority":200,"cap":0.7,"devices":["*Rabbit*"]}"#)
        let token = wish.token(secret(1).digest, at: wall(0))
        #expect(token.name == "guest" && token.expires == wall(7_200) && token.sessionsMax == 2 && token.note == "n")
        #expect(token.grant?.role == .observer && token.grant?.priority == 200)
        #expect(token.grant?.capTenThousandths == 7_000 && token.grant?.devices == ["*Rabbit*"])
        let plain = try self.wish(#"{"name":"x","expires":"never"}"#).token(secret(1).digest, at: wall(0))
        #expect(plain.expires == nil && plain.grant == nil && plain.sessionsMax == 4)
    }

    @Test(
        "Durations and times both give an absolute end",
        arguments: [("90s", 90), ("30m", 1_800), ("7d", 604_800), ("2w", 1_209_600), ("2026-01-01T00:00:05Z", 5)])
    func ends(text: String, seconds: Int64) throws {
        #expect(try wish(#"{"name":"x","expires":"\#(text)"}"#).expires == wall(seconds))
    }

    @Test(
        "Every member that is wrong is refused, and the text begins with its name",
        arguments: [
            (#""name":"a/b""#, "name"), (#""name":"""#, "name"), (#""name":".a""#, "name"), (#""name":7"#, "name"),
            (#""name":"-a""#, "name"),
            (#""name":"x","expires":"2x""#, "expires"), (#""name":"x","expires":"-2h""#, "expires"),
            (#""name":"x","expires":"0s""#, "expires"),
            (#""name":"x","expires":"101w9""#, "expires"), (#""name":"x","expires":"9999999999999999w""#, "expires"),
            (#""name":"x","expires":"2025-12-31T00:00:00Z""#, "expires"), (#""name":"x","expires":7"#, "expires"),
            (#""name":"x","sessions":0"#, "sessions"), (#""name":"x","sessions":1.5"#, "sessions"),
            (#""name":"x","note":"a\u0007""#, "note"),
            (#""name":"x","role":"king""#, "role"), (#""name":"x","priority":201"#, "priority"), (#""name":"x","cap":1.1"#, "cap"),
            (#""name":"x","devices":[]"#, "devices"), (#""name":"x","devices":"a""#, "devices"), (#""name":"x","devices":[""]"#, "devices"),
            (#""name":"x","secret":"pb_x""#, "secret"), (#""sessions":1"#, "name"),
        ])
    func refused(members: String, first: String) throws {
        let error = #expect(throws: TokenRefusal.self) { try wish("{\(members)}") }
        #expect("\(try #require(error))".hasPrefix("\(first): "))
    }
}
