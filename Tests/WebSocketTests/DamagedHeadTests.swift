// Heads that are no requests: wrong bytes, too long, TLS, random bytes.
// Must not know how heads are read.

import Testing
import WebSocket

@Suite struct DamagedHeadTests {
    static let broken: [(name: String, begin: String, byte: String)] = [
        ("NUL in a value", "GET / HTTP/1.1\r\nHost: a", "\u{0}"),
        ("escape in a value", "GET / HTTP/1.1\r\nHost: a", "\u{1B}"),
        ("DEL in a value", "GET / HTTP/1.1\r\nHost: a", "\u{7F}"),
        ("NUL in a name", "GET / HTTP/1.1\r\nHo", "\u{0}"),
        ("space before the colon", "GET / HTTP/1.1\r\nHost", " "),
        ("line without a colon", "GET / HTTP/1.1\r\nHost", "\r"),
        ("line that begins with a colon", "GET / HTTP/1.1\r\n", ":"),
        ("folded line", "GET / HTTP/1.1\r\nHost: a\r\n", " "),
        ("line folded with a tab", "GET / HTTP/1.1\r\nHost: a\r\n", "\t"),
        ("CR without LF in a value", "GET / HTTP/1.1\r\nHost: a\r", "b"),
        ("CR CR", "GET / HTTP/1.1\r", "\r"),
        ("LF without CR after the first line", "GET / HTTP/1.1", "\n"),
        ("LF without CR after a header", "GET / HTTP/1.1\r\nHost: a", "\n"),
        ("LF without CR for the empty line", "GET / HTTP/1.1\r\nHost: a\r\n", "\n"),
        ("CR without LF at the end", "GET / HTTP/1.1\r\nHost: a\r\n\r", "x"),
        ("empty line first", "", "\r"),
        ("control character in the first line", "GET /", "\u{1}"),
        ("byte over 127 in the first line", "GET /", "\u{E9}"),
        ("binary", "", "\u{3}"),
        ("brace", "", "{"),
    ]

    @Test("A byte that is not allowed at its position is refused when it is read, not before", arguments: broken.indices)
    func firstWrongByte(_ index: Int) {
        let row = Self.broken[index]
        #expect(parse(row.begin) == .needMore, "\(row.name)")
        guard case .refused(let refusal) = parse(row.begin + row.byte) else {
            Issue.record("not refused: \(row.name)")
            return
        }
        #expect(refusal.status == 400, "\(row.name)")
    }

    @Test("The first byte of a TLS hello is recognized, and gets no answer")
    func tls() {
        #expect(parse([[0x16, 0x03, 0x01]]).step == .refused(.tls))
        #expect(HTTPAnswer.refusal(.tls) == [])
        #expect(HandshakeRefusal.tls.text.contains("ws://"))
        guard case .refused(.badRequest) = parse([Array("GET".utf8), [0x16]]).step else {
            Issue.record("0x16 later is an ordinary wrong byte")
            return
        }
    }

    @Test("A head at its limits passes; one byte or one line more is 431")
    func limits() {
        let head = UpgradeRequestTests.head()
        let bytes = head.utf8.count
        #expect(parse(head, limits: HeadLimits(bytes: bytes, lines: 5)) == .upgrade(UpgradeRequestTests.right, used: bytes))
        #expect(parse(head, limits: HeadLimits(bytes: bytes - 1, lines: 5)) == .refused(.headTooLong(bytes - 1)))
        #expect(parse(head, limits: HeadLimits(bytes: bytes, lines: 4)) == .refused(.tooManyLines(4)))
        #expect(HandshakeRefusal.headTooLong(1).status == 431)
        #expect(HandshakeRefusal.tooManyLines(1).status == 431)
    }

    @Test("One header of 300 kB and 20,000 headers are refused at the limit, without reading on")
    func floods() {
        var parser = UpgradeRequestParser()
        var given = 0
        var step = Array("GET / HTTP/1.1\r\nCookie: ".utf8).withUnsafeBytes { parser.read($0) }
        while step == .needMore, given < 300_000 {
            step = [UInt8](repeating: 0x61, count: 1_000).withUnsafeBytes { parser.read($0) }
            given += 1_000
        }
        #expect(step == .refused(.headTooLong(16 * 1024)))
        #expect(given <= 17_000)
        let many = "GET / HTTP/1.1\r\n" + String(repeating: "a: b\r\n", count: 20_000) + "\r\n"
        #expect(parse(many) == .refused(.tooManyLines(100)))
    }

    @Test("Random bytes and randomly damaged heads never trap, and give the same result in any pieces")
    func random() {
        let head = Array(UpgradeRequestTests.head(adding: ["Origin: null", "Sec-WebSocket-Protocol: a"]).utf8)
        for seed in 0..<2_000 {
            var random = RandomSource(UInt64(seed))
            var bytes = seed % 2 == 0 ? head : random.bytes(random.below(60))
            if seed % 2 == 0 { for _ in 0...random.below(4) { bytes[random.below(bytes.count)] = UInt8(random.below(256)) } }
            let whole = parse([bytes])
            let cut = parse(random.split(bytes, upTo: 12))
            #expect(whole.step == cut.step, "seed \(seed)")
            if case .upgrade = whole.step { #expect(whole.used == cut.used, "seed \(seed)") }
        }
    }
}
