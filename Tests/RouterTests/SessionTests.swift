// How sessions begin and end: handshakes, deadlines, pings, limits.
// Must not know the form of a version's messages, except those that the tests send.

import Host
import Testing

@testable import Router

@Suite struct SessionTests {
    private func settings(_ change: (inout RouterSettings) -> Void) -> RouterSettings {
        var settings = RouterSettings()
        change(&settings)
        return settings
    }

    private func ping(_ id: Int) -> String { #"[{"Ping":{"Id":\#(id)}}]"# }

    // MARK: Handshake

    @Test("the handshake is answered with the server's name and the rule's ping time", arguments: [0, 1, 2, 3, 4])
    func handshake(_ version: Int) throws {
        let router = TestRouter(
            settings {
                $0.serverName = "Here"
                $0.rules.rules = [Rule(match: RuleMatch(client: Glob("A*")), maxPingTime: 700)]
            })
        router.connect("Ann")
        router.send("Ann", router.handshake("Ann", version, id: 9))
        let info = try #require(router.received.first)
        #expect(info.name == "ServerInfo" && info.id == 9)
        #expect(info.raw.contains(#""ServerName":"Here""#) && info.raw.contains(#""MaxPingTime":700"#))
        #expect(router.events.contains { if case .handshaken(_, "Ann", _, 700) = $0.event { true } else { false } })
    }

    @Test("without a handshake a session is closed after ten seconds, and not before") func noHandshake() {
        let router = TestRouter()
        router.connect("A")
        router.open("B")
        router.advance(9_999)
        #expect(router.closes.isEmpty)
        router.advance(2)
        #expect(router.closes.map(\.session) == ["A"] && router.closes[0].reason == .handshakeTimeout)
        #expect(router.runner.sessionCount == 1)
    }

    @Test("a message before the handshake is Error 1 and the session goes on; a second handshake too") func order() {
        let router = TestRouter()
        router.connect("A")
        router.send("A", ping(5))
        #expect(router.taken("A") == ["Error 1 5"])
        router.send("A", router.handshake("A", 4))
        router.send("A", router.handshake("A", 4, id: 6))
        router.send("A", ping(7))
        #expect(router.taken("A") == ["ServerInfo 1", "Error 1 6", "Ok 7"])
    }

    @Test("an unknown version is Error 1, and the session ends") func version() {
        let router = TestRouter()
        router.connect("A")
        router.send("A", router.handshake("A", 99, id: 3))
        #expect(router.taken("A") == ["Error 1 3"])
        #expect(router.closes.map(\.reason) == [.versionRefused])
    }

    @Test("Disconnect is answered, then the session is closed; the rest of the frame is not answered") func disconnect() {
        let router = TestRouter()
        router.open("A")
        router.send("A", #"[{"Disconnect":{"Id":2}},{"Ping":{"Id":3}}]"#)
        #expect(router.taken("A") == ["Ok 2"])
        #expect(router.closes.map(\.reason) == [.clientDisconnected])
    }

    @Test("no message of a frame with a bad message is carried out") func malformed() {
        let router = TestRouter()
        router.appear(0, .twoMotors())
        router.open("A")
        router.forget()
        router.send("A", #"[\#(TestRouter.output(2, 0, 0, "Vibrate", 50).dropFirst().dropLast()),{"Nonsense":{"Id":3}}]"#)
        #expect(router.taken("A") == ["Error 3 3"])
        #expect(router.takenWrites().isEmpty)
    }

    // MARK: Slots

    @Test("a slot that becomes free in a turn is not used again in that turn, and old ids are ignored") func slots() {
        let router = TestRouter()
        let old = router.open("A").id
        router.runner.closed(old, .peerVanished, at: router.host.now)
        let inTurn = router.connect("B").id
        #expect(inTurn.slot != old.slot)
        router.host.turn()
        let after = router.connect("C").id
        #expect(after.slot == old.slot && after.generation != old.generation)
        let text = Array(ping(1).utf8)
        router.runner.received(text.span.bytes, from: old, at: router.host.now)
        router.runner.closed(old, .peerClosed, at: router.host.now)
        router.host.turn()
        #expect(router.runner.sessionCount == 2)
        #expect(router.received.isEmpty)
    }

    @Test("nothing is sent to a session that has ended, also when its device answers later") func afterEnd() {
        let router = TestRouter()
        router.appear(0, .twoMotors())
        router.open("A")
        router.backend.faults[[0, 0]] = ScriptedBackend.Fault(latency: .milliseconds(300))
        router.output("A", 2, 0, 0, "Vibrate", 50)
        router.close("A")
        router.open("B")
        router.forget()
        router.advance(1_000)
        #expect(router.received.isEmpty)
    }

    @Test("when many sessions leave at once during writes, outputs end at zero, and late answers and old ids are ignored")
    func burst() {
        let router = TestRouter()
        router.appear(0, .twoMotors())
        router.backend.faults[[0, 0]] = ScriptedBackend.Fault(latency: .milliseconds(300))
        for n in 0..<200 { router.open("S\(n)") }
        for n in 0..<200 { router.post("S\(n)", TestRouter.output(2, 0, 0, "Vibrate", n % 100 + 1)) }
        router.host.turn()
        let last = router.id("S199")
        for n in 0..<200 { router.runner.closed(router.id("S\(n)"), .peerVanished, at: router.host.now) }
        router.host.turn()
        #expect(router.runner.sessionCount == 0)
        router.advance(2_000)
        #expect(router.backend.writes.last?.write.value == 0)
        router.backend.faults = [:]
        router.open("New")
        router.forget()
        router.runner.closed(LinkID(slot: router.id("New").slot, generation: last.generation), .peerVanished, at: router.host.now)
        router.output("New", 2, 0, 0, "Vibrate", 40)
        #expect(router.taken("New") == ["Ok 2"])
        #expect(router.takenWrites() == ["0.0 Vibrate 40"])
    }

    @Test("when a link closes during a send, its outputs go to zero in the same turn") func closedInSend() {
        let router = TestRouter()
        router.appear(0, .twoMotors())
        let session = router.open("A")
        router.forget()
        session.link.duringSend = { [unowned router, unowned session] in
            router.runner.closed(session.id, .peerVanished, at: router.host.now)
        }
        router.output("A", 2, 0, 0, "Vibrate", 50)
        #expect(router.takenWrites() == ["0.0 Vibrate 50", "0.0 Vibrate 0"])
        #expect(router.runner.sessionCount == 0)
    }

    // MARK: Pings

    @Test("a Ping is answered with Ok also when none is required") func freePing() {
        let router = TestRouter()
        router.open("A")
        router.send("A", ping(2))
        router.advance(100_000)
        #expect(router.taken("A") == ["Ok 2"])
        #expect(router.closes.isEmpty)
    }

    @Test(
        "a Ping is missed a tenth of its time after the deadline, at least 50 ms; in every version it is Error 2 with Id 0",
        arguments: [(100, 150), (500, 550), (2_000, 2_200)], [1, 4])
    func pingMissed(_ times: (limit: Int, missed: Int), _ version: Int) {
        let router = TestRouter(settings { $0.rules.fallback.maxPingTime = UInt32(times.limit) })
        router.open("A", version: version)
        router.advance(times.missed - 1)
        #expect(router.closes.isEmpty)
        router.advance(1)
        #expect(router.taken("A") == ["Error 2 0"])
        #expect(router.closes.map(\.reason) == [.pingMissed])
    }

    @Test("a Ping that arrives in the turn of the deadline counts") func lastMoment() {
        let router = TestRouter(settings { $0.rules.fallback.maxPingTime = 500 })
        let session = router.open("A")
        router.advance(549)
        // The deadline and the message come in one turn: the message is read first.
        router.runner.deadlinePassed(at: router.host.now + .milliseconds(1))
        let text = Array(ping(2).utf8)
        router.runner.received(text.span.bytes, from: session.id, at: router.host.now + .milliseconds(1))
        router.runner.turnEnded(at: router.host.now + .milliseconds(1))
        #expect(router.taken("A") == ["Ok 2"])
        router.advance(500)
        #expect(router.closes.isEmpty)
        router.advance(100)
        #expect(router.closes.map(\.reason) == [.pingMissed])
    }

    @Test("only Ping counts: commands do not keep a session open") func onlyPing() {
        let router = TestRouter(settings { $0.rules.fallback.maxPingTime = 500 })
        router.open("A")
        for n in 0..<10 {
            router.advance(60)
            if router.closes.isEmpty { router.send("A", #"[{"RequestDeviceList":{"Id":\#(n + 2)}}]"#) }
        }
        #expect(router.closes.map(\.reason) == [.pingMissed])
    }

    // MARK: Limits

    @Test("at the limit of sessions the next connection is refused, until a session ends") func sessionLimit() {
        let router = TestRouter(settings { $0.limits.sessions = 2 })
        let peer = Peer(address: "127.0.0.1", listener: "l")
        router.connect("A")
        #expect(router.runner.refusal(of: peer) == nil)
        router.connect("B")
        #expect(router.runner.refusal(of: peer) == .tooManySessions)
        #expect(router.runner.refusal(of: peer) == .tooManySessions)
        #expect(router.runner.count(.tooManySessions) == 2)
        router.close("A")
        #expect(router.events.filter { if case .connectionRefused = $0.event { true } else { false } }.count == 1)
        #expect(router.runner.refusal(of: peer) == nil)
    }

    @Test(
        "sessions of one address are counted, except local ones",
        arguments: [
            ("10.1.2.3", true), ("127.0.0.1", false), ("127.9.9.9", false), ("::1", false), ("unix", false), ("::ffff:127.0.0.1", false),
        ])
    func addressLimit(_ address: String, _ isCounted: Bool) {
        let router = TestRouter(settings { $0.limits.sessionsPerAddress = 2 })
        let peer = Peer(address: address, listener: "l")
        router.connect("A", from: peer)
        router.connect("B", from: peer)
        #expect(router.runner.refusal(of: peer) == (isCounted ? .tooManySessions : nil))
        #expect(router.runner.refusal(of: Peer(address: "10.9.9.9", listener: "l")) == nil)
        router.close("B")
        #expect(router.runner.refusal(of: peer) == nil)
    }

    @Test("a frame with more requests than the limit is refused as a whole") func requestLimit() {
        let router = TestRouter(settings { $0.limits.requestsPerMessage = 3 })
        router.open("A")
        let one = #"{"Ping":{"Id":2}}"#
        router.send("A", "[\(one),\(one),\(one)]")
        #expect(router.taken("A") == ["Ok 2", "Ok 2", "Ok 2"])
        router.send("A", "[\(one),\(one),\(one),\(one)]")
        #expect(router.taken("A").count == 1)
        #expect(router.closes.isEmpty)
    }

    @Test("every end is counted under its reason") func counted() {
        let router = TestRouter()
        router.open("A")
        router.open("B")
        router.close("A", .peerVanished)
        router.runner.kick(router.id("B"))
        router.host.turn()
        #expect(router.runner.count(.peerVanished) == 1)
        #expect(router.runner.count(.kicked) == 1)
        #expect(router.runner.count(.pingMissed) == 0)
        #expect(router.closes.map(\.reason) == [.kicked])
    }
}
