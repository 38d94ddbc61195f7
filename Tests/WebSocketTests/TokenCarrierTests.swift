// Tokens in heads: the four carriers, what only looks like one, and that none is printed.
// Must not know what a token is worth.

import Testing
import WebSocket

@Suite struct TokenCarrierTests {
    static let secret = "pb_Aq3-_9Zk0123456789abcdefghijklmnopqrstuvwxyz"

    static func request(_ target: String, _ lines: [String] = []) throws -> UpgradeRequest {
        let head = UpgradeRequestTests.head("GET \(target) HTTP/1.1", adding: lines)
        guard case .upgrade(let request, let used) = parse(head) else { throw Refused() }
        #expect(used == head.utf8.count)
        return request
    }

    struct Refused: Error {}

    static let carriers: [(target: String, lines: [String], path: String)] = [
        ("/?token=\(secret)", [], "/"), ("/?a=1&token=\(secret)&b=2", [], "/?a=1&b=2"), ("/x?token=\(secret)#y", [], "/x#y"),
        ("/t/\(secret)", [], "/"), ("/plug/board/t/\(secret)?a=1", [], "/plug/board?a=1"),
        ("/%74?token=pb%5F\(secret.dropFirst(3))", [], "/%74"),
        ("ws://localhost:1/t/\(secret)", [], "/"), ("ws://localhost?token=\(secret)", [], "/"),
        ("/", ["Authorization: Bearer \(secret)"], "/"), ("/", ["authorization: bEARER   \(secret)"], "/"),
        ("/", ["Authorization: Basic eDp5", "Authorization: Bearer \(secret)"], "/"),
        ("/", ["Sec-WebSocket-Protocol: buttplug, plugboard.token.\(secret)"], "/"),
        ("/", ["Sec-WebSocket-Protocol: plugboard.token.\(secret)", "Sec-WebSocket-Protocol: buttplug"], "/"),
        ("/t/\(secret)?token=\(secret)", ["Authorization: Bearer \(secret)"], "/"),
    ]

    @Test("Each carrier shows the token, alone and together, and nothing of it is left in what is printed", arguments: carriers)
    func carried(row: (target: String, lines: [String], path: String)) throws {
        let request = try Self.request(row.target, row.lines)
        #expect(request.token == ShownToken(Self.secret))
        #expect(request.token?.isOurs == true)
        #expect(request.path == row.path)
        #expect(!"\(request)".contains("Aq3") && !String(reflecting: request).contains("Aq3"))
        let answer = String(decoding: HTTPAnswer.accept(request), as: UTF8.self)
        #expect(!answer.contains("Aq3"))
        #expect(answer.contains("Sec-WebSocket-Protocol: buttplug\r\n") == row.lines.contains { $0.contains("buttplug") })
    }

    @Test("A subprotocol that carries a token is never selected, also when it is the only one")
    func notSelected() throws {
        #expect(try Self.request("/", ["Sec-WebSocket-Protocol: plugboard.token.\(Self.secret)"]).selectedSubprotocol == nil)
    }

    @Test(
        "Two different tokens are a bad request, in every pair of carriers",
        arguments: [
            ("/?token=a&token=b", []), ("/t/a?token=b", []), ("/t/a", ["Authorization: Bearer b"]),
            ("/", ["Authorization: Bearer a", "Authorization: Bearer b"]), ("/?token=a", ["Sec-WebSocket-Protocol: plugboard.token.b"]),
            ("/", ["Sec-WebSocket-Protocol: plugboard.token.a, plugboard.token.b"]), ("/?token=pb_a", ["Authorization: Bearer pb_A"]),
        ] as [(String, [String])])
    func different(target: String, lines: [String]) {
        guard case .refused(let refusal) = parse(UpgradeRequestTests.head("GET \(target) HTTP/1.1", adding: lines)) else {
            Issue.record("not refused")
            return
        }
        #expect(refusal.status == 400)
        #expect(refusal.text.contains("two different tokens"))
    }

    @Test(
        "What only looks like a carrier shows nothing and stays in the path",
        arguments: [
            ("/", []), ("/t", []), ("/t/", []), ("/tt/x", []), ("/at/x", []), ("/t/x/y", []), ("/T/x", []), ("//x", []), ("/?xtoken=a", []),
            ("/?token", []), ("/?Token=a", []), ("/x#token=a", []), ("/x#?token=a", []), ("/?a=token=b", []), ("/?a&&b", []),
            ("/", ["Authorization: Basic pb_x"]), ("/", ["Authorization: Bearer"]), ("/", ["Authorization:"]),
            ("/", ["Authorization: Bearerx y"]),
            ("/", ["Sec-WebSocket-Protocol: plugboard.token., x"]), ("/", ["Sec-WebSocket-Protocol: Plugboard.token.x"]),
        ] as [(String, [String])])
    func alike(target: String, lines: [String]) throws {
        let request = try Self.request(target, lines)
        #expect(request.token == nil)
        #expect(request.path == target)
    }

    @Test("An empty parameter counts as none, and percent signs that mean nothing stay in the token")
    func oddities() throws {
        #expect(try Self.request("/?token=").token == nil)
        #expect(try Self.request("/?token=&token=a").token == ShownToken("a"))
        for odd in ["%", "%4", "%zz", "a%4"] { #expect(try Self.request("/?token=\(odd)").token == ShownToken(odd)) }
    }

    @Test("A refusal for a token is 401 with a challenge, one for too many is 429 with a time, and both say what to do")
    func answers() {
        for fault in [TokenFault.absent, .unknown, .expired] {
            let answer = String(decoding: HTTPAnswer.refusal(.token(fault)), as: UTF8.self)
            #expect(answer.hasPrefix("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer\r\n"))
            #expect(answer.contains("plugboard token add"))
        }
        let later = String(decoding: HTTPAnswer.refusal(.tooManyFailures(seconds: 42)), as: UTF8.self)
        #expect(later.hasPrefix("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 42\r\n"))
        #expect(String(decoding: HTTPAnswer.refusal(.tokenInUse), as: UTF8.self).hasPrefix("HTTP/1.1 503 "))
        #expect(String(decoding: HTTPAnswer.refusal(.notProxy("10.0.0.7")), as: UTF8.self).contains("trusted_proxies = [\"10.0.0.7\"]"))
    }
}
