// What the operator has answered for good: for whose later sessions it counts, and how it is kept.
// Must not know how the operator is asked.

import Buttplug
import Host
import Testing

@testable import Router

@Suite struct ConsentMemoryTests: AskingWorld {
    @Test("an answer for good counts for this name and this token only, and survives a restart") func remembered() throws {
        let first = router(settings())
        ask(first, "Guest", token: "home")
        ask(first, "Gast")
        #expect(first.runner.answerConsent(first.id("Guest"), ConsentAnswer(isGiven: true, isRemembered: true)))
        #expect(first.runner.answerConsent(first.id("Gast"), ConsentAnswer(isGiven: false, isRemembered: true)))
        first.host.turn()
        #expect(first.events.contains { if case .stateChanged = $0.event { true } else { false } })
        let router = router(settings(), state: try RouterState.decoded(first.runner.state.encoded()))
        ask(router, "Guest", token: "home")
        #expect(router.taken("Guest") == ["ServerInfo 7"])
        ask(router, "Gast")
        #expect(router.closes.map(\.session) == ["Gast"] && router.closes.map(\.reason) == [.consentDenied])
        router.forget()
        for token in [nil, "other", ""] {
            ask(router, "Guest", token: token)
            #expect(router.taken("Guest") == [])
            router.close("Guest")
        }
        router.runner.forgetConsents()
        ask(router, "Guest", token: "home")
        #expect(router.taken("Guest") == [])
        #expect(router.runner.rememberedConsents.isEmpty && router.runner.state.consents == ConsentMemory())
    }

    @Test("a new token with the name of an old one does not inherit its answer, also after a restart") func renamed() throws {
        let first = router(settings())
        ask(first, "Guest", token: "home", identity: 0xFEDC_BA98_7654_3210)
        #expect(first.runner.answerConsent(first.id("Guest"), ConsentAnswer(isGiven: true, isRemembered: true)))
        first.host.turn()
        first.close("Guest")
        for router in [first, router(settings(), state: try RouterState.decoded(first.runner.state.encoded()))] {
            router.forget()
            ask(router, "Guest", token: "home", identity: 2)
            #expect(router.taken("Guest") == [])
            router.close("Guest")
            ask(router, "Guest", token: "home", identity: 0xFEDC_BA98_7654_3210)
            #expect(router.taken("Guest") == ["ServerInfo 7"])
            router.close("Guest")
        }
    }

    @Test("a line that names a token without saying which of that name is forgotten") func nameAlone() throws {
        let text = "plugboard-state 1\nemergency-stop clear\nconsent give home Guest\nconsent deny - Gast\nend\n"
        #expect(
            try RouterState.decoded(Array(text.utf8)).consents.entries == [RememberedConsent(client: "Gast", token: nil, isGiven: false)])
    }

    @Test("a remembered client is refused all the same by a rule that lets nobody in") func rememberedButNever() {
        var state = RouterState()
        state.consents.add(RememberedConsent(client: "Guest", token: nil, isGiven: true), atMost: 8)
        let router = router(settings(.never), state: state)
        ask(router, "Guest")
        #expect(router.closes.map(\.reason) == [.notAdmitted])
    }

    @Test("the memory keeps one answer per client, and forgets the oldest beyond its limit") func memory() {
        var memory = ConsentMemory()
        for name in ["a", "b", "a", "c"] {
            memory.add(RememberedConsent(client: name, token: nil, isGiven: name != "c"), atMost: 2)
        }
        #expect(memory.entries.map(\.client) == ["a", "c"])
        #expect(memory.answer(client: "a", token: nil) == true && memory.answer(client: "c", token: nil) == false)
        for identity: UInt64 in [1, 2] {
            memory.add(RememberedConsent(client: "a", token: "x", tokenIdentity: identity, isGiven: true), atMost: 9)
        }
        #expect(memory.entries.count == 3 && memory.answer(client: "a", token: "x", tokenIdentity: 1) == nil)
        #expect(memory.answer(client: "b", token: nil) == nil && memory.answer(client: "a", token: "x") == nil)
    }

    @Test("names and tokens of any characters are read back as they were") func state() throws {
        var state = RouterState()
        for (client, token) in [("", nil), ("a b\nconsent give - x", "-"), ("100 %", "my token"), ("\u{202E}x", ""), ("-", "a%b")]
            as [(String, String?)]
        {
            state.consents.add(
                RememberedConsent(client: client, token: token, tokenIdentity: token == nil ? 0 : 1 << 40, isGiven: token != nil),
                atMost: 99)
        }
        #expect(try RouterState.decoded(state.encoded()) == state)
    }

    @Test(
        "a line about a consent that says nothing is refused",
        arguments: [
            "consent", "consent ", "consent give -", "consent maybe - x", "consent give a%2 x", "consent deny - a%g", "consent give a#12 x",
            "consent give a#00000000000000zz x",
        ])
    func badState(_ line: String) {
        #expect(throws: RouterState.Malformed.self) {
            try RouterState.decoded(Array("plugboard-state 1\nemergency-stop clear\n\(line)\nend\n".utf8))
        }
    }
}
