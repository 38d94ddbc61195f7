// The server's side of the opening handshake: which heads are requests, and which are refused with which error, in any pieces.
// Must not know how heads are read.

import Testing
import WebSocket

/// The parser's result for a head that arrives in these pieces, and how many bytes it used in all.
func parse(_ pieces: [[UInt8]], limits: HeadLimits = HeadLimits()) -> (step: UpgradeRequestParser.Step, used: Int) {
    var parser = UpgradeRequestParser(limits: limits)
    var used = 0
    for piece in pieces {
        let step = piece.withUnsafeBytes { parser.read($0) }
        switch step {
        case .needMore: used += piece.count
        case .upgrade(let request, let count): return (.upgrade(request, used: 0), used + count)
        case .page(let page, let count): return (.page(page, used: 0), used + count)
        case .refused: return (step, used)
        }
    }
    return (.needMore, used)
}

func parse(_ head: String, limits: HeadLimits = HeadLimits()) -> UpgradeRequestParser.Step {
    let result = parse([Array(head.utf8)], limits: limits)
    switch result.step {
    case .upgrade(let request, _): return .upgrade(request, used: result.used)
    case .page(let page, _): return .page(page, used: result.used)
    default: return result.step
    }
}

@Suite struct UpgradeRequestTests {
    static let key = "dGhlIHNhbXBsZSBub25jZQ=="

    /// A right upgrade; `changing` replaces or removes lines by their names, `adding` appends lines.
    static func head(
        _ start: String = "GET /chat?x=1 HTTP/1.1", changing changes: [String: String?] = [:], adding more: [String] = []
    ) -> String {
        let lines = [
            ("Host", "127.0.0.1:12345"), ("Upgrade", "websocket"), ("Connection", "keep-alive, Upgrade"), ("Sec-WebSocket-Key", key),
            ("Sec-WebSocket-Version", "13"),
        ]
        let kept = lines.compactMap { name, value in (changes[name] ?? value).map { "\(name): \($0)" } }
        return ([start] + kept + more).map { $0 + "\r\n" }.joined() + "\r\n"
    }

    static let right = UpgradeRequest(path: "/chat?x=1", host: "127.0.0.1:12345", key: key)

    @Test("A right upgrade is read, and the bytes after it are left for the frames, with the head cut at any byte")
    func right() {
        let head = Array(Self.head().utf8)
        let frames: [UInt8] = [0x81, 0x80, 1, 2, 3, 4]
        for cut in 0...head.count {
            let result = parse([Array(head[..<cut]), head[cut...] + frames])
            #expect(result.step == .upgrade(Self.right, used: 0))
            #expect(result.used == head.count)
        }
        let single = parse((head + frames).map { [$0] })
        #expect(single.step == .upgrade(Self.right, used: 0))
        #expect(single.used == head.count)
        #expect(parse([Array(head.dropLast())]).step == .needMore)
    }

    @Test("Names and tokens are compared without case, lists in several lines count as one, spaces around values are ignored")
    func liberties() {
        let head = """
            GET / HTTP/1.1\r
            hOST:localhost\r
            UPGRADE: h2c, WebSocket\r
            connection:keep-alive\r
            Connection:\t upgrade \t\r
            sec-websocket-key:   \(Self.key)  \r
            SEC-WEBSOCKET-VERSION:13\r
            Origin: http://localhost:8080\r
            Sec-WebSocket-Protocol: a, b\r
            sec-websocket-protocol: c\r
            X-Empty:\r
            \r

            """
        var expected = UpgradeRequest(path: "/", host: "localhost", key: Self.key)
        expected.origin = "http://localhost:8080"
        expected.subprotocols = ["a", "b", "c"]
        #expect(parse(head) == .upgrade(expected, used: head.utf8.count))
    }

    @Test("An absolute target gives path and host (RFC 6455 §4.2.1)")
    func absolute() {
        for (target, path) in [("http://example.org:1/a?b", "/a?b"), ("WS://example.org:1", "/"), ("wss://example.org:1?q", "/?q")] {
            let expected = UpgradeRequest(path: path, host: "example.org:1", key: Self.key)
            let head = Self.head("GET \(target) HTTP/1.1")
            #expect(parse(head) == .upgrade(expected, used: head.utf8.count))
        }
    }

    struct Refused: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var head: String
        var status: Int
        /// A text that the refusal must have.
        var word: String

        init(_ name: String, _ head: String, _ status: Int, _ word: String) {
            testDescription = name
            self.head = head
            self.status = status
            self.word = word
        }
    }

    static let refused: [Refused] = [
        Refused("POST", head("POST / HTTP/1.1"), 405, "GET"),
        Refused("POST with a body and no upgrade", "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc", 405, "GET"),
        Refused("OPTIONS elsewhere", "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", 405, "GET"),
        Refused("HTTP/1.0", head("GET / HTTP/1.0"), 400, "HTTP/1.1"),
        Refused("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "HTTP/1.1"),
        Refused("no version", head("GET /"), 400, "request line"),
        Refused("two spaces", head("GET  / HTTP/1.1"), 400, "request line"),
        Refused("target without a slash", head("GET chat HTTP/1.1"), 400, "path"),
        Refused("no key", head(changing: ["Sec-WebSocket-Key": nil]), 400, "Sec-WebSocket-Key"),
        Refused("two keys", head(adding: ["Sec-WebSocket-Key: \(key)"]), 400, "two Sec-WebSocket-Key"),
        Refused("key of 15 bytes", head(changing: ["Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25j"]), 400, "16 bytes"),
        Refused("key of 17 bytes", head(changing: ["Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZXM="]), 400, "16 bytes"),
        Refused("key that is not Base64", head(changing: ["Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25j!Q=="]), 400, "16 bytes"),
        Refused("empty key", head(changing: ["Sec-WebSocket-Key": ""]), 400, "16 bytes"),
        Refused("version 8", head(changing: ["Sec-WebSocket-Version": "8"]), 426, "13"),
        Refused("version 13 and more", head(changing: ["Sec-WebSocket-Version": "13, 8"]), 426, "13"),
        Refused("no version header", head(changing: ["Sec-WebSocket-Version": nil]), 426, "13"),
        Refused("two version headers", head(adding: ["Sec-WebSocket-Version: 13"]), 400, "two Sec-WebSocket-Version"),
        Refused("no Upgrade", head(changing: ["Upgrade": nil]), 400, "Upgrade: websocket"),
        Refused("Upgrade to something else", head(changing: ["Upgrade": "h2c"]), 400, "Upgrade: websocket"),
        Refused("no Connection", head(changing: ["Connection": nil]), 400, "Connection: Upgrade"),
        Refused("Connection without Upgrade", head(changing: ["Connection": "keep-alive"]), 400, "Connection: Upgrade"),
        Refused("no Host", head(changing: ["Host": nil]), 400, "no Host"),
        Refused("empty Host", head(changing: ["Host": ""]), 400, "no Host"),
        Refused("two Hosts", head(adding: ["Host: 127.0.0.1:12345"]), 400, "two Host"),
        Refused("Host with a path", head(changing: ["Host": "localhost/x"]), 400, "not a host"),
        Refused("Host with a long port", head(changing: ["Host": "localhost:123456"]), 400, "not a host"),
        Refused("two Origins", head(adding: ["Origin: http://localhost", "Origin: http://localhost"]), 400, "two Origin"),
        Refused("Content-Length", head(adding: ["Content-Length: 5"]), 400, "body"),
        Refused("two Content-Lengths", head(adding: ["Content-Length: 0", "Content-Length: 5"]), 400, "body"),
        Refused("a list of Content-Lengths", head(adding: ["Content-Length: 0, 1"]), 400, "body"),
        Refused("Content-Length with a sign", head(adding: ["Content-Length: +0"]), 400, "Content-Length"),
        Refused("negative Content-Length", head(adding: ["Content-Length: -0"]), 400, "Content-Length"),
        Refused("hexadecimal Content-Length", head(adding: ["Content-Length: 0x0"]), 400, "Content-Length"),
        Refused("empty Content-Length", head(adding: ["Content-Length:"]), 400, "Content-Length"),
        Refused("empty element of Content-Length", head(adding: ["Content-Length: 0,"]), 400, "Content-Length"),
        Refused("two numbers in Content-Length", head(adding: ["Content-Length: 0 0"]), 400, "Content-Length"),
        Refused("Content-Length beside Transfer-Encoding", head(adding: ["Content-Length: 0", "Transfer-Encoding: chunked"]), 400, "body"),
        Refused("a page with a body", "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx", 400, "body"),
        Refused("HTTP/1.0 without an upgrade elsewhere", "GET /buttplug HTTP/1.0\r\n\r\n", 426, "ws://"),
        Refused("HTTP/0.9", head("GET / HTTP/0.9"), 400, "HTTP/1.1"),
        Refused("Transfer-Encoding", head(adding: ["Transfer-Encoding: chunked"]), 400, "body"),
        Refused("another path without an upgrade", "GET /buttplug HTTP/1.1\r\nHost: localhost\r\n\r\n", 426, "ws://"),
    ]

    @Test("A head that asks for the wrong thing is refused with its status and says why", arguments: refused)
    func wrong(_ row: Refused) {
        guard case .refused(let refusal) = parse(row.head) else {
            Issue.record("not refused")
            return
        }
        #expect(refusal.status == row.status)
        #expect(refusal.text.contains(row.word), "\(refusal.text)")
        #expect(parse(row.head.utf8.map { [$0] }).step == .refused(refusal))
    }

    @Test(
        "A Content-Length of 0, also when it is repeated, is no body", arguments: ["0", "00", "0000000000000000000000000", "0, 0", "0,00"])
    func noBody(_ value: String) {
        for lines in [["Content-Length: \(value)"], ["Content-Length: \(value)", "content-length: 0"]] {
            let head = Self.head(adding: lines)
            #expect(parse(head) == .upgrade(Self.right, used: head.utf8.count))
        }
        let page = "GET /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(value)\r\n\r\n"
        #expect(parse(page) == .page(PageRequest(method: .get, page: .health, host: "localhost"), used: page.utf8.count))
    }

    @Test("Pages may be asked for in HTTP/1.0, with and without Host, and by an absolute target; an upgrade may not")
    func oldHTTP() {
        let rows: [(String, PageRequest)] = [
            ("GET / HTTP/1.0\r\n\r\n", PageRequest(method: .get, page: .root, host: "")),
            ("GET /health HTTP/1.0\r\n\r\n", PageRequest(method: .get, page: .health, host: "")),
            ("HEAD /health HTTP/1.0\r\nHost: localhost\r\n\r\n", PageRequest(method: .head, page: .health, host: "localhost")),
            ("OPTIONS / HTTP/1.0\r\n\r\n", PageRequest(method: .options, page: .root, host: "")),
            ("GET http://localhost:1/health HTTP/1.0\r\n\r\n", PageRequest(method: .get, page: .health, host: "localhost:1")),
            ("GET http://localhost:1/health HTTP/1.1\r\nHost: x\r\n\r\n", PageRequest(method: .get, page: .health, host: "localhost:1")),
            ("OPTIONS /health?x HTTP/1.1\r\nHost: x\r\n\r\n", PageRequest(method: .options, page: .health, host: "x")),
        ]
        for (head, page) in rows { #expect(parse(head) == .page(page, used: head.utf8.count), "\(head)") }
        guard case .refused(.badRequest) = parse("GET http://localhost/ HTTP/1.1\r\n\r\n") else {
            Issue.record("HTTP/1.1 needs a Host beside an absolute target too (RFC 9112 §3.2)")
            return
        }
    }

    @Test("Extension offers, right or wrong, and unknown headers change nothing")
    func extensions() {
        for line in ["Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=99", "Sec-WebSocket-Extensions: ;;;=,", "X: y"] {
            let head = Self.head(adding: [line])
            #expect(parse(head) == .upgrade(Self.right, used: head.utf8.count))
        }
    }

    @Test("The first subprotocol offered is selected, if it is a token")
    func subprotocols() {
        for (line, selected) in [("a, b", "a"), (" , buttplug", "buttplug"), ("a b, c", nil), ("", nil), ("\"x\"", nil)]
            as [(String, String?)]
        {
            guard case .upgrade(let request, _) = parse(Self.head(adding: ["Sec-WebSocket-Protocol: \(line)"])) else {
                Issue.record("refused: \(line)")
                continue
            }
            #expect(request.selectedSubprotocol == selected, "\(line)")
        }
    }

    @Test("The two pages are distinguished from upgrades, by method and path")
    func pages() {
        let rows: [(String, PageRequest.Method, PageRequest.Page)] = [
            ("GET /", .get, .root), ("HEAD /", .head, .root), ("GET /?a=b", .get, .root),
            ("GET /health", .get, .health), ("HEAD /health", .head, .health), ("OPTIONS /health", .options, .health),
        ]
        for (start, method, page) in rows {
            let head = "\(start) HTTP/1.1\r\nHost: localhost:1\r\nOrigin: https://example.org\r\n\r\n"
            let expected = PageRequest(method: method, page: page, host: "localhost:1", origin: "https://example.org")
            #expect(parse(head) == .page(expected, used: head.utf8.count))
        }
        guard case .upgrade = parse(Self.head("GET / HTTP/1.1")), case .upgrade = parse(Self.head("GET /health HTTP/1.1")) else {
            Issue.record("an upgrade may name any path")
            return
        }
    }
}
