// Which rule a session gets, what globs match, and how rates are limited.
// Must not need a router: these are values.

import Buttplug
import Host
import Testing

@testable import Router

@Suite struct RuleTests {
    @Test(
        "a star matches any text, a question mark one character, and case matters",
        arguments: [
            ("OBS*", "OBS Studio", true), ("OBS*", "obs studio", false), ("*Stroker*", "My Stroker 2", true), ("*", "", true),
            ("", "", true), ("", "x", false), ("?", "é", true), ("?", "", false), ("a*b*c", "aXbYbZc", true), ("a*b*c", "aXbYbZ", false),
            ("**a**", "bab", true), ("a?c", "abc", true), ("a?c", "ac", false), ("abc", "abcd", false), ("*.example", "x.example", true),
        ]) func globs(_ pattern: String, _ text: String, _ isMatch: Bool)
    {
        #expect(Glob(pattern).matches(text) == isMatch)
    }

    @Test("a pattern that is made to be slow is matched fast") func hostile() {
        let pattern = Glob(String(repeating: "a*", count: 60) + "b")
        #expect(!pattern.matches(String(repeating: "a", count: 4_000)))
    }

    static let shown: Peer = {
        var peer = Self.peer
        peer.certificate = "CN=tablet,O=Home"
        return peer
    }()
    static let peer = Peer(address: "10.0.0.7", listener: "ws://0.0.0.0:12345", origin: "https://x.example", token: "guest-3")

    @Test("all fields that a rule gives must match; a field that the session does not have does not match") func fields() {
        let bare = Peer(address: "10.0.0.7", listener: "unix:///run/plugboard")
        let cases: [(RuleMatch, Peer, Bool)] = [
            (RuleMatch(), Self.peer, true),
            (RuleMatch(client: Glob("OBS*")), Self.peer, true),
            (RuleMatch(client: Glob("VLC*")), Self.peer, false),
            (RuleMatch(client: Glob("OBS*"), address: Glob("10.*")), Self.peer, true),
            (RuleMatch(client: Glob("OBS*"), address: Glob("192.*")), Self.peer, false),
            (RuleMatch(origin: Glob("https://*")), Self.peer, true),
            (RuleMatch(origin: Glob("*")), bare, false),
            (RuleMatch(listener: Glob("unix:*")), bare, true),
            (RuleMatch(listener: Glob("unix:*")), Self.peer, false),
            (RuleMatch(token: Glob("guest-3")), Self.peer, true),
            (RuleMatch(token: Glob("guest*")), Self.peer, true),
            (RuleMatch(token: Glob("Guest*")), Self.peer, false),
            (RuleMatch(token: Glob("*")), bare, false),
            (RuleMatch(certificate: Glob("CN=tablet*")), Self.shown, true),
            (RuleMatch(certificate: Glob("tablet*")), Self.shown, false),
            (RuleMatch(certificate: Glob("*")), bare, false),
        ]
        for (match, peer, expected) in cases { #expect(match.matches(client: "OBS 30", peer) == expected, "\(match)") }
    }

    @Test("the own rule of a token counts before every other, for sessions that show it alone") func ofToken() {
        var table = RuleTable([Rule(maxPingTime: 1)], fallback: Rule(maxPingTime: 2))
        table.ofTokens = [TokenRule(token: "guest-4", Rule(maxPingTime: 4)), TokenRule(token: "guest-3", Rule(maxPingTime: 3))]
        #expect(table.rule(client: "A", peer: Self.peer).maxPingTime == 3)
        #expect(table.rule(client: "A", peer: Peer(address: "10.0.0.7", listener: "ws://0.0.0.0:12345", token: "guest")).maxPingTime == 1)
        #expect(table.rule(client: "A", peer: Peer(address: "10.0.0.7", listener: "ws://0.0.0.0:12345")).maxPingTime == 1)
        table.rules = []
        #expect(table.rule(client: "A", peer: Peer(address: "10.0.0.7", listener: "ws://0.0.0.0:12345")).maxPingTime == 2)
    }

    @Test("the first rule that matches counts, and the fallback when none does") func order() {
        var first = Rule(match: RuleMatch(client: Glob("A*")))
        first.rights.priority = 1
        var second = Rule(match: RuleMatch(client: Glob("AB*")))
        second.rights.priority = 2
        var fallback = Rule()
        fallback.rights.priority = 3
        let table = RuleTable([first, second], fallback: fallback)
        #expect(table.rule(client: "ABC", peer: Self.peer).rights.priority == 1)
        #expect(RuleTable([second, first], fallback: fallback).rule(client: "ABC", peer: Self.peer).rights.priority == 2)
        #expect(table.rule(client: "B", peer: Self.peer).rights.priority == 3)
    }

    static func device(_ name: String, _ shown: String? = nil) -> DeviceDescription {
        DeviceDescription(identity: name, name: name, displayName: shown, features: [])
    }

    @Test("a denied device is denied also when it is allowed; without a list all are allowed") func devices() {
        #expect(DeviceAccess().allows(Self.device("Anything")))
        #expect(DeviceAccess(allow: []).allows(Self.device("Anything")) == false)
        let access = DeviceAccess(allow: [Glob("R*")], deny: [Glob("Ro*")])
        #expect(access.allows(Self.device("Rabbit")))
        #expect(!access.allows(Self.device("Rotator")))
        #expect(!access.allows(Self.device("Stroker")))
    }

    @Test("each of a device's two names can allow it, and each can deny it") func bothNames() {
        let allow = DeviceAccess(allow: [Glob("Left*")])
        #expect(allow.allows(Self.device("Hush", "Left one")))
        #expect(!allow.allows(Self.device("Hush", "Right one")))
        #expect(!allow.allows(Self.device("Hush")))
        let deny = DeviceAccess(allow: [Glob("Hush")], deny: [Glob("Left*")])
        #expect(!deny.allows(Self.device("Hush", "Left one")))
        #expect(deny.allows(Self.device("Hush", "Right one")))
        #expect(!DeviceAccess(deny: [Glob("Hush")]).allows(Self.device("Hush", "Left one")))
    }

    @Test(
        "composed and decomposed characters are equal; a star also matches the combining marks after a letter",
        arguments: [
            ("Ger\u{E4}t*", "Gera\u{308}t 2", true), ("Gera\u{308}t*", "Ger\u{E4}t 2", true), ("*\u{C5}*", "x\u{212B}y", true),
            ("caf?", "cafe\u{301}", true), ("caf?", "caf\u{E9}", true), ("\u{AC00}*", "\u{1100}\u{1161}", true),
            ("Ger\u{E4}t", "Gerat", false), ("Ger\u{E4}t", "GER\u{C4}T", false), ("Hush*", "Hush\u{FE0F}", true),
            ("Hush*", "Hush\u{301} 2", true),
            ("\u{2764}*", "\u{2764}\u{FE0F} 2", true), ("*\u{1F1E9}\u{1F1EA}", "x \u{1F1E9}\u{1F1EA}", true),
        ] as [(String, String, Bool)]) func canonical(_ pattern: String, _ text: String, _ isMatch: Bool)
    {
        #expect(Glob(pattern).matches(text) == isMatch)
    }
}

@Suite struct RateLimiterTests {
    private func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: 5_000_000_000) + .milliseconds(milliseconds) }

    @Test("the commands of one second pass at once, then one per gap") func burst() {
        var limiter = RateLimiter(rate: 10)
        let times: [Int64] = Array(repeating: 0, count: 11) + [99, 100, 150]
        let taken = times.map { limiter.take(at: at($0)) }
        #expect(taken == Array(repeating: true, count: 10) + [false, false, true, false])
        #expect(limiter.nextToken == at(200))
    }

    @Test("below twice the rate some of a client's commands are replaced by newer ones, and none is refused") func thinned() {
        var limiter = RateLimiter(rate: 10)
        var answers: Set<RateLimiter.Answer> = []
        for n in 0..<600 { answers.insert(limiter.admit(at: at(Int64(n) * 55), isQueued: false)) }
        #expect(answers == [.passes, .delayed])
    }

    @Test("at three times the rate commands are refused after a while, and later the session ends") func exhausted() {
        var limiter = RateLimiter(rate: 10)
        var firstRefused: Int?
        var firstExhausted: Int?
        for n in 0..<900 where firstExhausted == nil {
            let time = n * 33
            switch limiter.admit(at: at(Int64(time)), isQueued: false) {
            case .refused: firstRefused = firstRefused ?? time
            case .exhausted: firstExhausted = time
            case .passes, .delayed: break
            }
        }
        #expect((1_000...4_000).contains(firstRefused ?? 0))
        #expect((8_000...20_000).contains(firstExhausted ?? 0))
    }

    @Test("a pause gives tokens back, at most those of one second") func refill() {
        var limiter = RateLimiter(rate: 5)
        while limiter.take(at: at(0)) {}
        var passed = 0
        while limiter.take(at: at(60_000)) { passed += 1 }
        #expect(passed == 5)
    }
}
