// The client's side of the opening handshake (RFC 6455 §4.1), with the server's side and with wrong answers.
// Must not know how answers are read.

import Testing
import WebSocket

@Suite struct UpgradeResponseTests {
    private static let nonce = Array("the sample nonce".utf8)
    private let offer = UpgradeOffer(host: "localhost:1", path: "/a?b", subprotocols: ["x", "y"], nonce: nonce)

    private func parse(_ pieces: [[UInt8]]) -> (step: UpgradeResponseParser.Step, used: Int) {
        var parser = UpgradeResponseParser(offer)
        var used = 0
        for piece in pieces {
            let step = piece.withUnsafeBytes { parser.read($0) }
            switch step {
            case .needMore: used += piece.count
            case .accepted(let subprotocol, let count): return (.accepted(subprotocol: subprotocol, used: 0), used + count)
            case .failed: return (step, used)
            }
        }
        return (.needMore, used)
    }

    @Test("Our server reads our client's request, and our client accepts our server's answer, with the answer cut at any byte")
    func bothSides() {
        let asked = String(decoding: offer.bytes(), as: UTF8.self)
        guard case .upgrade(let request, let used) = WebSocketTests.parse(asked) else {
            Issue.record("refused: \(asked)")
            return
        }
        #expect(used == asked.utf8.count)
        #expect(request == UpgradeRequest(path: "/a?b", host: "localhost:1", key: UpgradeRequestTests.key, subprotocols: ["x", "y"]))
        let answer = HTTPAnswer.accept(request)
        let frames: [UInt8] = [0x81, 0x00]
        for cut in 0...answer.count {
            let result = parse([Array(answer[..<cut]), answer[cut...] + frames])
            #expect(result.step == .accepted(subprotocol: "x", used: 0))
            #expect(result.used == answer.count)
        }
    }

    @Test("An offer has the given origin, and no list of subprotocols when there is none")
    func offers() {
        let text = String(decoding: UpgradeOffer(host: "h", origin: "http://o", nonce: Self.nonce).bytes(), as: UTF8.self)
        #expect(text.contains("\r\nOrigin: http://o\r\n"))
        #expect(!text.contains("Sec-WebSocket-Protocol"))
        #expect(text.hasPrefix("GET / HTTP/1.1\r\nHost: h\r\n"))
    }

    static let upgrade = "Upgrade: websocket"
    static let connection = "Connection: Upgrade"
    static let accept = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    static let answers: [([String], UpgradeResponseParser.Step)] = [
        (["HTTP/1.1 101 Switching Protocols", upgrade, connection, accept], .accepted(subprotocol: nil, used: 0)),
        (["HTTP/1.1 101 ", "upgrade: WebSocket", "connection: keep-alive, upgrade", accept], .accepted(subprotocol: nil, used: 0)),
        (["HTTP/1.1 101", upgrade, connection, accept, "Sec-WebSocket-Protocol: y"], .accepted(subprotocol: "y", used: 0)),
        (["HTTP/1.1 101 x", upgrade, connection, accept, "Sec-WebSocket-Protocol: z"], .failed(.subprotocol("z"))),
        (
            ["HTTP/1.1 101 x", upgrade, connection, accept, "Sec-WebSocket-Protocol: x", "Sec-WebSocket-Protocol: y"],
            .failed(.subprotocol("y"))
        ),
        (
            ["HTTP/1.1 101 x", upgrade, connection, accept, "Sec-WebSocket-Extensions: permessage-deflate"],
            .failed(.unexpectedExtension("permessage-deflate"))
        ),
        (["HTTP/1.1 101 x", connection, accept], .failed(.notAnUpgrade)),
        (["HTTP/1.1 101 x", "Upgrade: h2c", connection, accept], .failed(.notAnUpgrade)),
        (["HTTP/1.1 101 x", upgrade, accept], .failed(.notAnUpgrade)),
        (["HTTP/1.1 101 x", upgrade, connection], .failed(.acceptKey)),
        (["HTTP/1.1 101 x", upgrade, connection, accept, accept], .failed(.acceptKey)),
        (["HTTP/1.1 101 x", upgrade, connection, accept.lowercased()], .failed(.acceptKey)),
        (["HTTP/1.1 200 OK"], .failed(.status(200))), (["HTTP/1.1 403 Forbidden"], .failed(.status(403))),
        (["HTTP/1.0 101 x", upgrade, connection, accept], .failed(.notHTTP)), (["HTTP/1.1 1O1 x"], .failed(.notHTTP)),
        (["HTTP/1.1 +01 x"], .failed(.notHTTP)), (["HTTP/1.1"], .failed(.notHTTP)), (["220 mail.example.org ESMTP"], .failed(.notHTTP)),
        (["HTTP/1.1 101 x", " folded: x"], .failed(.notHTTP)),
    ]

    @Test("Each answer is accepted, or refused for the right reason", arguments: answers.indices)
    func answer(_ index: Int) {
        let (lines, expected) = Self.answers[index]
        let bytes = Array((lines.map { $0 + "\r\n" }.joined() + "\r\n").utf8)
        let whole = parse([bytes])
        #expect(whole.step == expected)
        #expect(parse(bytes.map { [$0] }).step == expected)
        if case .accepted = expected { #expect(whole.used == bytes.count) }
    }
}
