// The server's answers to HTTP heads, byte for byte where a client depends on them.
// Must not know how the answer was chosen.

import Testing
import WebSocket

@Suite struct HTTPAnswerTests {
    /// Status line, header lines, body.
    private func parts(_ bytes: [UInt8]) -> (status: String, headers: [String], body: String) {
        let text = Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)
        var lines: [String] = []
        var line = ""
        var at = 0
        while at + 1 < text.count {
            if text[at] == "\r", text[at + 1] == "\n" {
                at += 2
                if line.isEmpty { break }
                lines.append(line)
                line = ""
            } else {
                line.unicodeScalars.append(text[at])
                at += 1
            }
        }
        var body = ""
        body.unicodeScalars.append(contentsOf: text[at...])
        return (lines.first ?? "", Array(lines.dropFirst()), body)
    }

    @Test("The upgrade of RFC 6455 §1.3 is accepted with the RFC's key")
    func accept() {
        let request = UpgradeRequest(path: "/chat", host: "server.example.com", key: "dGhlIHNhbXBsZSBub25jZQ==")
        let expected = """
            HTTP/1.1 101 Switching Protocols\r
            Upgrade: websocket\r
            Connection: Upgrade\r
            Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r
            \r

            """
        #expect(String(decoding: HTTPAnswer.accept(request), as: UTF8.self) == expected)
    }

    @Test("The first subprotocol offered is echoed, and no other")
    func subprotocol() {
        var request = UpgradeRequest(path: "/", host: "localhost", key: UpgradeRequestTests.key, subprotocols: ["chat", "superchat"])
        #expect(
            parts(HTTPAnswer.accept(request)).headers.filter { $0.hasPrefix("Sec-WebSocket-Protocol") } == ["Sec-WebSocket-Protocol: chat"])
        request.subprotocols = ["a\r\nX: y"]
        #expect(!parts(HTTPAnswer.accept(request)).headers.contains { $0.hasPrefix("Sec-WebSocket-Protocol") || $0.hasPrefix("X") })
    }

    static let refusals: [(HandshakeRefusal, String, [String])] = [
        (.badRequest("x"), "400 Bad Request", []), (.host("h"), "403 Forbidden", []), (.origin("o"), "403 Forbidden", []),
        (.method, "405 Method Not Allowed", ["Allow: GET"]), (.upgradeRequired, "426 Upgrade Required", ["Upgrade: websocket"]),
        (.version, "426 Upgrade Required", ["Upgrade: websocket", "Sec-WebSocket-Version: 13"]),
        (.headTooLong(9), "431 Request Header Fields Too Large", []), (.tooManyLines(9), "431 Request Header Fields Too Large", []),
        (.tooManySessions, "503 Service Unavailable", ["Retry-After: 5"]),
        (.taken, "503 Service Unavailable", ["Retry-After: 5"]),
    ]

    @Test("Every refusal closes the connection, with the length of its text and the headers its status needs")
    func refused() {
        for (refusal, status, headers) in Self.refusals {
            let answer = parts(HTTPAnswer.refusal(refusal))
            #expect(answer.status == "HTTP/1.1 \(status)")
            for header in headers + ["Content-Length: \(answer.body.utf8.count)"] { #expect(answer.headers.contains(header), "\(refusal)") }
            let connection = headers.contains("Upgrade: websocket") ? "Connection: close, Upgrade" : "Connection: close"
            #expect(answer.headers.filter { $0.hasPrefix("Connection") } == [connection])
            #expect(answer.body == refusal.text + "\n")
        }
    }

    @Test("What the answers to refused clients say themselves has no letter that has to be replaced")
    func ownWords() {
        let faults: [TokenFault] = [.absent, .unknown, .expired]
        let others: [HandshakeRefusal] = [
            .tls, .plain, .tokenInUse, .tooManyFailures(seconds: 9), .notProxy("192.0.2.1"), .origin(String(repeating: "o", count: 200)),
        ]
        for refusal in Self.refusals.map(\.0) + faults.map({ .token($0) }) + others {
            #expect(refusal.text.utf8.allSatisfy { 0x20..<0x7F ~= $0 }, "\(refusal)")
        }
    }

    @Test("A peer's text is quoted without control characters and shortened")
    func echo() {
        let answer = parts(HTTPAnswer.refusal(.origin("http://x\r\nSet-Cookie: a=b\u{1B}[31m" + String(repeating: "y", count: 9_000))))
        #expect(!answer.headers.contains { $0.hasPrefix("Set-Cookie") })
        #expect(answer.body.utf8.count < 500)
        #expect(answer.body.utf8.dropLast().allSatisfy { $0 >= 0x20 && $0 < 0x7F })
    }

    @Test("The root page is a short text, and HEAD gives only its head")
    func root() {
        let get = parts(HTTPAnswer.page(PageRequest(method: .get, page: .root, host: "localhost")))
        #expect(get.status == "HTTP/1.1 200 OK")
        #expect(get.body.contains("ws://"))
        #expect(get.headers.contains("Content-Length: \(get.body.utf8.count)"))
        let head = parts(HTTPAnswer.page(PageRequest(method: .head, page: .root, host: "localhost")))
        #expect(head.headers == get.headers)
        #expect(head.body == "")
        #expect(!get.headers.contains { $0.hasPrefix("Access-Control") })
    }

    @Test("Every origin may read the health page, also a public page, and the preflight is answered")
    func health() {
        let cors = ["Access-Control-Allow-Origin: *", "Access-Control-Allow-Private-Network: true", "Connection: close"]
        let get = parts(HTTPAnswer.page(PageRequest(method: .get, page: .health, host: "localhost")))
        #expect(get.status == "HTTP/1.1 200 OK")
        #expect(get.body == "ok\n")
        for header in cors { #expect(get.headers.contains(header)) }
        let options = parts(HTTPAnswer.page(PageRequest(method: .options, page: .health, host: "localhost")))
        #expect(options.status == "HTTP/1.1 204 No Content")
        #expect(options.body == "")
        for header in cors + ["Access-Control-Allow-Methods: GET, HEAD, OPTIONS"] { #expect(options.headers.contains(header)) }
        #expect(!options.headers.contains { $0.hasPrefix("Content-Length") })
    }
}
