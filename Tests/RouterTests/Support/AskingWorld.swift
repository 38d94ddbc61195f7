// A router whose rule asks the operator about clients with names that begin with G, and such clients.
// Must not check anything.

import Buttplug
import Host

@testable import Router

protocol AskingWorld {}

extension AskingWorld {
    func settings(_ admit: Admission = .ask, _ change: (inout RouterSettings) -> Void = { _ in }) -> RouterSettings {
        var settings = RouterSettings()
        var rule = Rule(match: RuleMatch(client: Glob("G*")), admit: admit)
        rule.rights.priority = 30
        rule.rights.cap = Fraction(0.5)
        settings.rules.rules = [rule]
        change(&settings)
        return settings
    }

    func router(_ settings: RouterSettings, state: RouterState = RouterState()) -> TestRouter {
        let router = TestRouter(settings, state: state)
        router.appear(0, .twoMotors())
        router.forget()
        return router
    }

    /// Connects and introduces itself; the answer is not awaited.
    func ask(
        _ router: TestRouter, _ name: String, version: Int = 4, token: String? = nil, identity: UInt64 = 0,
        from address: String = "127.0.0.1"
    ) {
        var peer = Peer(address: address, listener: "ws://127.0.0.1:12345", token: token)
        peer.tokenIdentity = identity
        router.connect(name, from: peer)
        router.send(name, router.handshake(name, version, id: 7))
    }
}
