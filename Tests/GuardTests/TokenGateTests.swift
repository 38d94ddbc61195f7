// What a shown token is worth at each moment, and what follows for its sessions when tokens or the clock are set.

import Host
import Testing

@testable import Guard

/// A gate with a clock that is set by hand.
private final class World {
    var wallSeconds: Int64 = 0
    var now = Instant.zero + .seconds(1_000)
    var sessions: [String: Int] = [:]
    private(set) var gate: TokenGate!

    init(configured: [Token] = [], made: [Token] = []) {
        gate = TokenGate(TokenTable(configured: configured, made: made), wall: { [unowned self] in wall(wallSeconds) }) { [unowned self] in
            sessions[$0] ?? 0
        }
    }

    func pass(_ seconds: Int64) {
        wallSeconds += seconds
        now = now + .seconds(seconds)
    }

    func answer(_ number: UInt8) -> TokenAnswer { gate.answer(to: secret(number).text, at: now) }
}

@Suite struct TokenGateTests {
    @Test("A token counts until the moment of its end, and is called expired from then on")
    func ends() {
        let world = World(made: [token("a", 1, until: 60)])
        #expect(world.answer(1) == .valid(name: "a", identity: secret(1).digest.identity, expires: world.now + .seconds(60)))
        world.pass(59)
        #expect(world.answer(1) == .valid(name: "a", identity: secret(1).digest.identity, expires: world.now + .seconds(1)))
        world.pass(1)
        #expect(world.answer(1) == .expired(name: "a"))
        #expect(world.answer(2) == .unknown)
    }

    @Test("A token without an end has none")
    func endless() {
        #expect(World(made: [token("a", 1)]).answer(1) == .valid(name: "a", identity: secret(1).digest.identity, expires: .never))
    }

    @Test("A token with as many sessions as it may have is in use; each token counts for itself")
    func inUse() {
        let world = World(made: [token("a", 1, sessions: 2), token("b", 2)])
        world.sessions = ["a": 2, "b": 3]
        #expect(world.answer(1) == .inUse(name: "a"))
        #expect(world.answer(2) == .valid(name: "b", identity: secret(2).digest.identity, expires: .never))
        world.sessions["a"] = 1
        #expect(world.answer(1) == .valid(name: "a", identity: secret(1).digest.identity, expires: .never))
    }

    @Test("A revoked token is unknown at once, and its sessions end")
    func revoked() throws {
        let world = World(configured: [token("c", 3)], made: [token("a", 1), token("b", 2)])
        #expect(try world.gate.revoke("a", at: world.now) == [.revoked("a")])
        #expect(world.answer(1) == .unknown)
        #expect(world.answer(2) == .valid(name: "b", identity: secret(2).digest.identity, expires: .never))
        #expect(throws: TokenRefusal.unknown("a")) { try world.gate.revoke("a", at: world.now) }
        #expect(throws: TokenRefusal.isConfigured("c")) { try world.gate.revoke("c", at: world.now) }
    }

    @Test("A new configuration ends the sessions of tokens that are gone or have another secret, and moves the ends of the others")
    func configured() {
        let world = World(configured: [token("gone", 1), token("changed", 2), token("same", 3), token("later", 4, until: 60)])
        let fresh = [token("changed", 9), token("same", 3), token("later", 4, until: 90)]
        let effects = world.gate.setConfigured(fresh, at: world.now)
        #expect(effects == [.revoked("gone"), .revoked("changed"), .ends("later", world.now + .seconds(90))])
        #expect(world.answer(2) == .unknown)
        #expect(world.answer(9) == .valid(name: "changed", identity: secret(9).digest.identity, expires: .never))
    }

    @Test("When the calendar is set, ends move with it: an hour forwards ends what had less than that, an hour backwards gives it back")
    func clockIsSet() {
        let world = World(made: [token("a", 1, until: 7_200), token("b", 2), token("c", 3, until: 600)])
        #expect(world.gate.look(at: world.now) == [])
        world.pass(10)
        #expect(world.gate.look(at: world.now) == [])
        world.wallSeconds += 3_600
        #expect(world.gate.look(at: world.now) == [.ends("a", world.now + .seconds(3_590)), .ends("c", world.now)])
        #expect(world.answer(3) == .expired(name: "c"))
        #expect(world.gate.look(at: world.now) == [])
        world.wallSeconds -= 3_600
        #expect(world.gate.look(at: world.now) == [.ends("a", world.now + .seconds(7_190)), .ends("c", world.now + .seconds(590))])
        #expect(world.answer(3) == .valid(name: "c", identity: secret(3).digest.identity, expires: world.now + .seconds(590)))
    }

    @Test("A suspended computer's clock is not a set clock: what counts is the calendar")
    func suspended() {
        let world = World(made: [token("a", 1, until: 600)])
        _ = world.gate.look(at: world.now)
        // The host's clock stands still while the computer sleeps; the calendar does not.
        world.wallSeconds += 599
        #expect(world.gate.look(at: world.now) == [.ends("a", world.now + .seconds(1))])
    }

    @Test("Views say state, source, end and sessions, and neither secret nor digest")
    func views() throws {
        let world = World(configured: [token("c", 3)], made: [token("a", 1, until: 5)])
        world.sessions = ["a": 1]
        world.pass(5)
        let views = world.gate.views
        #expect(views.map(\.token.name) == ["c", "a"])
        #expect(views.map(\.isOver) == [false, true] && views.map(\.isConfigured) == [true, false] && views.map(\.sessions) == [0, 1])
    }

    @Test("A new token with the name of an old one has another identity; the same secret keeps its own")
    func identities() {
        let (old, new) = (secret(1).digest, secret(2).digest)
        #expect(old.identity != new.identity && old.identity != 0)
        #expect(TokenDigest(hex: old.hex)?.identity == old.identity)
    }
}
