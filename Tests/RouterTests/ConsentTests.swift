// Who is let in: rules that ask the operator or refuse, the answers, and what a client gets meanwhile.
// Must not know how the operator is asked.

import Buttplug
import Host
import Testing

@testable import Router

@Suite struct ConsentTests: AskingWorld {
    @Test("a client whose rule asks gets nothing until the operator lets it in; then its rule is in force", arguments: 0...4)
    func approved(_ version: Int) throws {
        let router = router(settings())
        ask(router, "Guest", version: version)
        #expect(router.taken("Guest") == [])
        let waiting = try #require(router.runner.outline.consents.first)
        #expect(waiting.client == "Guest" && waiting.version.rawValue == version && waiting.rule == 0)
        #expect(waiting.grant.rights.priority == 30 && waiting.grant.rights.cap == Fraction(0.5))
        #expect(router.events.contains { if case .consentAsked(_, "Guest", _) = $0.event { true } else { false } })
        router.advance(30_000)
        #expect(router.taken("Guest") == [] && router.closes.isEmpty)
        #expect(router.runner.answerConsent(router.id("Guest"), ConsentAnswer(isGiven: true)))
        router.host.turn()
        #expect(router.taken("Guest") == ["ServerInfo 7"])
        #expect(router.runner.outline.consents.isEmpty)
        #expect(router.runner.session(router.id("Guest"))?.rights.priority == 30)
        router.advance(120_000)
        #expect(router.closes.isEmpty)
        #expect(router.runner.totals.consentsAsked == 1 && router.runner.totals.consentsGiven == 1)
    }

    @Test("what a waiting client sends is Error 1, drives nothing, and shows nothing of the devices") func waits() {
        let router = router(settings())
        ask(router, "Guest")
        router.output("Guest", 8, 0, 0, "Vibrate", 10)
        router.output("Guest", 9, 77, 0, "Vibrate", 10)
        router.send("Guest", #"[{"RequestDeviceList":{"Id":10}},{"StopCmd":{"Id":11}},{"Ping":{"Id":12}}]"#)
        router.send("Guest", router.handshake("Guest", 4, id: 13))
        #expect(router.taken("Guest") == (8...13).map { "Error 1 \($0)" })
        router.appear(1, .rotator())
        #expect(router.taken("Guest") == [])
        router.advance(1_000)
        #expect(!router.takenWrites().contains { !$0.hasSuffix(" 0") })
    }

    @Test("requests in the text of the handshake are Error 1 too") func together() {
        let router = router(settings())
        router.connect("Guest")
        let text = router.handshake("Guest", 4).dropLast() + #",{"RequestDeviceList":{"Id":2}}]"#
        router.send("Guest", String(text))
        #expect(router.taken("Guest") == ["Error 1 2"])
        #expect(router.runner.outline.consents.count == 1)
    }

    @Test("a refused client is told so and closed", arguments: 0...4) func denied(_ version: Int) {
        let router = router(settings())
        ask(router, "Guest", version: version)
        #expect(router.runner.answerConsent(router.id("Guest"), ConsentAnswer(isGiven: false)))
        router.host.turn()
        #expect(router.lastError("Guest").hasPrefix("router.denied.consent"))
        #expect(router.taken("Guest") == ["Error 1 7"])
        #expect(router.closes.map(\.reason) == [.consentDenied])
        #expect(!router.runner.answerConsent(router.id("Guest"), ConsentAnswer(isGiven: true)))
        #expect(router.runner.sessionCount == 0)
    }

    @Test("when nobody answers, the wait ends after consent_timeout, and not before") func timeout() {
        let router = router(settings { $0.limits.consentTimeout = .seconds(20) })
        router.advance(5_000)
        ask(router, "Guest")
        router.advance(19_990)
        #expect(router.closes.isEmpty)
        router.advance(20)
        #expect(router.lastError("Guest").hasPrefix("router.denied.consent"))
        #expect(router.closes.map(\.reason) == [.consentTimeout])
        #expect(router.runner.outline.consents.isEmpty && router.runner.count(.consentTimeout) == 1)
    }

    @Test("a rule that lets nobody in refuses at once") func never() {
        let router = router(settings(.never))
        ask(router, "Guest")
        #expect(router.lastError("Guest").hasPrefix("router.denied.rule"))
        #expect(router.taken("Guest") == ["Error 1 7"])
        #expect(router.closes.map(\.reason) == [.notAdmitted])
        router.open("Other")
        router.output("Other", 3, 0, 0, "Vibrate", 5)
        #expect(router.taken("Other") == ["Ok 3"])
    }

    @Test("one client too many is refused, and the others go on waiting") func bounded() {
        let router = router(settings { $0.limits.consents = 2 })
        for name in ["G1", "G2", "G3"] { ask(router, name) }
        #expect(router.closes.map(\.session) == ["G3"] && router.closes.map(\.reason) == [.tooManyConsents])
        #expect(router.runner.outline.consents.map(\.client) == ["G1", "G2"])
        router.close("G1")
        ask(router, "G4")
        #expect(router.runner.outline.consents.map(\.client) == ["G2", "G4"])
    }

    @Test("one address fills its own places in the queue only, and a /64 of IPv6 is one address") func boundedByAddress() {
        let router = router(
            settings {
                $0.limits.consents = 5
                $0.limits.consentsPerAddress = 2
            })
        for (name, address) in [("G1", "203.0.113.9"), ("G2", "203.0.113.9"), ("G3", "203.0.113.9"), ("G4", "203.0.113.10")] {
            ask(router, name, from: address)
        }
        #expect(router.closes.map(\.session) == ["G3"] && router.closes.map(\.reason) == [.tooManyConsents])
        for (name, address) in [("G5", "2001:db8::1"), ("G6", "2001:DB8:0:0:5::7"), ("G7", "2001:db8::9"), ("G8", "2001:db8:0:1::1")] {
            ask(router, name, from: address)
        }
        // The last is the sixth in all.
        #expect(router.closes.map(\.session) == ["G3", "G7", "G8"])
        #expect(router.runner.outline.consents.map(\.client) == ["G1", "G2", "G4", "G5", "G6"])
        router.close("G1")
        ask(router, "G9", from: "203.0.113.9")
        #expect(router.runner.outline.consents.map(\.client) == ["G2", "G4", "G5", "G6", "G9"])
    }

    @Test("a waiting client that sends too many messages is closed") func noisy() {
        let router = router(settings { $0.limits.consentMessages = 3 })
        ask(router, "Guest")
        for id in 1...3 { router.send("Guest", #"[{"Ping":{"Id":\#(id)}}]"#) }
        #expect(router.closes.isEmpty)
        router.send("Guest", "nonsense")
        #expect(router.closes.map(\.reason) == [.policyViolation])
        #expect(router.runner.outline.consents.isEmpty)
    }

    @Test("while a client waits, new rules let it in, refuse it, or change what it would get") func reload() {
        let router = router(settings())
        for name in ["G1", "G2"] { ask(router, name) }
        router.open("Other")
        router.output("Other", 3, 0, 0, "Vibrate", 9)
        router.runner.settingsChanged(settings { $0.rules.rules[0].rights.priority = 10 })
        router.host.turn()
        #expect(router.runner.outline.consents.map(\.grant.rights.priority) == [10, 10])
        router.forget()
        router.runner.settingsChanged(settings { $0.rules.rules.insert(Rule(match: RuleMatch(client: Glob("G1"))), at: 0) })
        router.host.turn()
        #expect(router.taken("G1") == ["ServerInfo 7"] && router.taken("G2") == [])
        var fresh = settings(.never)
        fresh.rules.fallback.admit = .never
        router.runner.settingsChanged(fresh)
        router.host.turn()
        #expect(router.taken("G2") == ["Error 1 7"])
        #expect(Set(router.closes.map(\.session)) == ["G1", "G2", "Other"])
        #expect(router.closes.allSatisfy { $0.reason == .notAdmitted })
        #expect(router.takenWrites().last == "0.0 Vibrate 0")
    }

    @Test("a kick, a lost connection and the router's end take a waiting client away") func gone() {
        let router = router(settings())
        for name in ["G1", "G2", "G3"] { ask(router, name) }
        router.runner.kick(router.id("G1"))
        router.close("G2", .peerVanished)
        #expect(router.closes.map(\.reason) == [.kicked])
        #expect(router.runner.outline.consents.map(\.client) == ["G3"])
        #expect(!router.runner.answerConsent(router.id("G1"), ConsentAnswer(isGiven: true, isRemembered: true)))
        #expect(!router.runner.answerConsent(router.id("G2"), ConsentAnswer(isGiven: true)))
        #expect(router.runner.rememberedConsents.isEmpty)
        router.runner.shutDown()
        router.advance(3_000)
        #expect(router.closes.map(\.reason) == [.kicked, .routerEnding])
        #expect(router.runner.outline.consents.isEmpty)
    }

    @Test("an answer reaches the session that it names, not a later one in its slot") func slots() {
        let router = router(settings())
        ask(router, "G1")
        let old = router.id("G1")
        router.close("G1")
        ask(router, "G2")
        #expect(router.id("G2").slot == old.slot)
        #expect(!router.runner.answerConsent(old, ConsentAnswer(isGiven: true)))
        router.host.turn()
        #expect(router.taken("G2") == [])
    }

    @Test("under an emergency stop a client may be let in, and still drives nothing") func stopped() {
        let router = router(settings())
        ask(router, "Guest")
        router.runner.raiseEmergencyStop()
        #expect(router.runner.answerConsent(router.id("Guest"), ConsentAnswer(isGiven: true)))
        router.host.turn()
        router.output("Guest", 9, 0, 0, "Vibrate", 10)
        router.advance(500)
        #expect(!router.takenWrites().contains { !$0.hasSuffix(" 0") })
    }
}
