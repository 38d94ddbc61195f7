// Sessions with a token end when it does, in the same turn, with their outputs at zero; nobody else's session ends.
// Must not know where tokens come from.

import Host
import Testing

@testable import Router

@Suite struct TokenTests {
    private func peer(_ token: String?, until instant: Instant = .never) -> Peer {
        var peer = Peer(address: "10.0.0.7", listener: "ws://0.0.0.0:12345", isLocal: false, token: token)
        peer.tokenExpires = instant
        return peer
    }

    private func router(_ settings: RouterSettings = RouterSettings()) -> TestRouter {
        let router = TestRouter(settings)
        router.appear(0, .twoMotors())
        router.forget()
        return router
    }

    private func closes(_ router: TestRouter) -> [String] { router.closes.map { "\($0.session) \($0.reason.rawValue)" } }

    @Test("a session ends at the very moment its token does, with its output at zero in that turn") func expires() {
        let router = router()
        router.open("A", from: peer("guest", until: router.host.now + .seconds(10)))
        router.open("B")
        router.output("A", 2, 0, 0, "Vibrate", 50)
        router.forget()
        router.advance(9_999)
        #expect(router.closes.isEmpty && router.backend.writes.isEmpty)
        router.advance(1)
        #expect(closes(router) == ["A token_expired"])
        #expect(router.takenWrites() == ["0.0 Vibrate 0"])
        #expect(router.runner.count(.tokenExpired) == 1)
        #expect(router.runner.sessionCount == 1)
    }

    @Test("a session ends with its token before its handshake, too, and with one reason only") func expiresBeforeTheHandshake() {
        let router = router()
        router.connect("A", from: peer("guest", until: router.host.now + RouterSettings().limits.handshakeTimeout))
        router.host.turn()
        router.advance(20_000)
        #expect(closes(router) == ["A token_expired"])
    }

    @Test("of several tokens each ends its own sessions, in the order of their ends") func several() {
        let router = router()
        for (name, seconds) in [("C", Int64(3)), ("A", 1), ("B", 2)] {
            router.open(name, from: peer(name, until: router.host.now + .seconds(seconds)))
        }
        router.advance(10_000)
        #expect(closes(router) == ["A token_expired", "B token_expired", "C token_expired"])
    }

    @Test("revoking a token ends all its sessions at once, and no other") func revoked() {
        let router = router()
        router.open("A", from: peer("guest"))
        router.connect("B", from: peer("guest"))
        router.open("C", from: peer("other"))
        router.open("D")
        router.output("A", 2, 0, 0, "Vibrate", 50)
        router.output("C", 2, 0, 1, "Vibrate", 30)
        #expect(router.runner.sessionCount(ofToken: "guest") == 2)
        router.forget()
        router.runner.revoke(token: "guest")
        router.advance(0)
        #expect(closes(router) == ["A token_revoked", "B token_revoked"])
        #expect(router.takenWrites() == ["0.0 Vibrate 0"])
        #expect(router.runner.sessionCount(ofToken: "guest") == 0)
        #expect(router.runner.sessionCount(ofToken: "other") == 1)
        router.runner.revoke(token: "guest")
        router.advance(0)
        #expect(router.runner.count(.tokenRevoked) == 2)
    }

    @Test("an end that moves later keeps the session, one that moves to now ends it") func moves() {
        let router = router()
        router.open("A", from: peer("guest", until: router.host.now + .seconds(10)))
        router.advance(5_000)
        router.runner.tokenEnds("guest", at: router.host.now + .seconds(100))
        router.advance(50_000)
        #expect(router.closes.isEmpty)
        router.runner.tokenEnds("guest", at: router.host.now)
        router.advance(1)
        #expect(closes(router) == ["A token_expired"])
    }

    @Test("the own rule of a token holds for its sessions, comes into force by a reload, and gives them no index of a rule") func ownRule()
        throws
    {
        var settings = RouterSettings()
        settings.rules = RuleTable([Rule()])
        let router = router(settings)
        let session = router.open("A", from: peer("guest"))
        router.open("B", from: peer("other"))
        #expect(router.runner.session(session.id)?.rule == 0)
        var own = Rule()
        own.rights.cap = Fraction(0.5)
        settings.rules.ofTokens = [TokenRule(token: "guest", own)]
        router.runner.settingsChanged(settings)
        router.advance(0)
        router.forget()
        router.output("A", 2, 0, 0, "Vibrate", 100)
        router.output("B", 2, 0, 1, "Vibrate", 100)
        #expect(router.takenWrites() == ["0.0 Vibrate 50", "0.1 Vibrate 100"])
        let shown = try #require(router.runner.session(session.id))
        #expect(shown.rule == nil && shown.rights.cap == Fraction(0.5) && shown.peer.token == "guest")
    }
}
