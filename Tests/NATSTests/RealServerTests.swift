// What a session takes for granted of a server, asked of the real one: the system's nats-server over loopback.
import Foundation
import Testing

@testable import NATS

@Suite(.serialized, .enabled(if: natsServer != nil, "nats-server is not installed: scripts/setup --unit installs it"))
struct RealServerTests {
    @Test("A session opens, and what one publishes another receives, in order and not itself.")
    func opensAndPublishes() throws {
        let server = try RealServer()
        let (one, two) = (RealClient([server], to: ["to.a.*"]), RealClient([server], to: ["to.b.*", "to.a.b"]))
        try RealClient.run(one, two) { one.session.state == .open && two.session.state == .open }
        #expect(one.session.info.hasHeaders && one.session.info.maxPayload == 1_048_576 && one.session.info.nonce == "")
        one.forgetTold()
        two.forgetTold()
        for number in 0..<100 { #expect(one.publish("to.b.a", "\(number)")) }
        // Its own subscription fits too: `echo` is off.
        one.publish("to.a.b", "mine")
        try RealClient.run(one, two) { two.told.count == 101 }
        #expect(two.told == (0..<100).map { .message("to.b.a", "\($0)", status: 0) } + [.message("to.a.b", "mine", status: 0)])
        two.publish("to.a.b", "end")
        try RealClient.run(one, two) { !one.told.isEmpty }
        #expect(one.told == [.message("to.a.b", "end", status: 0)])
        one.leave()
        try RealClient.run(one, two) { one.session.state == .over }
        #expect(one.told.last == .ended(.left, wasOpen: true))
    }

    @Test("Payloads up to the server's largest arrive whole; a longer one is not sent, and sent anyway it ends the stream.")
    func payloads() throws {
        let server = try RealServer("max_payload: 70000")
        let (one, two) = (RealClient([server]), RealClient([server], to: ["x"]))
        try RealClient.run(one, two) { one.session.state == .open && two.session.state == .open }
        #expect(one.session.info.maxPayload == 70_000)
        two.forgetTold()
        let texts = [0, 1, 9, 10, 99, 100, 4_095, 65_536, 70_000].map { String(repeating: "p", count: $0) }
        for text in texts { #expect(one.publish("x", text)) }
        try RealClient.run(one, two) { two.told.count == texts.count }
        #expect(two.told == texts.map { .message("x", $0, status: 0) })
        #expect(!one.publish("x", String(repeating: "p", count: 70_001)))
        one.write("PUB x 70001\r\n")
        try RealClient.run(one, two) { one.told.contains(.ended(.closed, wasOpen: true)) }
        #expect(one.told.contains(.complaint("Maximum Payload Violation")))
        try RealClient.run(one, two) { one.session.state == .open }
    }

    @Test("That nobody listens is told where the publisher wants it, to itself too, and only that place says who was meant.")
    func noResponders() throws {
        let server = try RealServer()
        let client = RealClient([server], to: ["miss.me.*", "here.*"])
        try RealClient.run(client) { client.session.state == .open }
        client.forgetTold()
        client.publish("to.nobody", "x")
        client.publish("to.nobody", "x", reply: "miss.me.nobody")
        try RealClient.run(client) { !client.told.isEmpty }
        #expect(client.told == [.message("miss.me.nobody", "", status: NATSMessage.noResponders)])
        // Somebody who goes is missed from then on.
        let other = RealClient([server], to: ["to.nobody"])
        try RealClient.run(client, other) { other.session.state == .open }
        client.forgetTold()
        client.publish("to.nobody", "y", reply: "miss.me.nobody")
        try RealClient.run(client, other) { other.told.contains(.message("to.nobody", "y", status: 0)) }
        other.leave()
        try RealClient.run(client, other) { other.session.state == .over }
        try RealClient.run(client) {
            client.publish("to.nobody", "z", reply: "miss.me.nobody")
            return client.told.contains(.message("miss.me.nobody", "", status: 503))
        }
    }

    @Test("A client with a known key is let in, one with another or none is not, and the server's refusal is known as one.")
    func keys() throws {
        let (known, unknown) = (try RealKey(1), try RealKey(2))
        let server = try RealServer("authorization { users = [ { nkey: \(known.publicText) } ] }")
        let (right, wrong, none) = (
            RealClient([server], known.credentials), RealClient([server], unknown.credentials), RealClient([server])
        )
        try RealClient.run(right, wrong, none) {
            right.session.state == .open && wrong.session.state == .waiting && none.session.state == .waiting
        }
        #expect(wrong.told.contains(.ended(.refused("Authorization Violation"), wasOpen: false)) && wrong.dials.count == 1)
        #expect(none.told.contains(.ended(.refused("Authorization Violation"), wasOpen: false)) && none.dials.count == 1)
        #expect(wrong.session.deadline > RealClient.now + 5_000_000_000)
    }

    @Test("A client with the right password is let in, one with another is not.")
    func passwords() throws {
        let server = try RealServer("authorization { users = [ { user: attic, password: \"a \\\"b\\\\\" } ] }")
        let right = RealClient([server], .password(user: "attic", password: "a \"b\\"))
        let wrong = RealClient([server], .password(user: "attic", password: "a"))
        try RealClient.run(right, wrong) { right.session.state == .open && wrong.session.state == .waiting }
        #expect(wrong.told.contains(.ended(.refused("Authorization Violation"), wasOpen: false)))
    }

    @Test("A member can publish only under its own name: everything else is denied with its subject, and the connection goes on.")
    func permissions() throws {
        let (one, two) = (try RealKey(1), try RealKey(2))
        func user(_ key: RealKey, _ name: String) -> String {
            "{ nkey: \(key.publicText), permissions: { publish: [\"plug.home.here.\(name)\", \"plug.home.to.*.\(name)\"], "
                + "subscribe: [\"plug.home.here.*\", \"plug.home.to.\(name).*\", \"plug.home.miss.\(name)\"] } }"
        }
        let server = try RealServer("authorization { users = [ \(user(one, "attic")), \(user(two, "cellar")) ] }")
        let attic = RealClient([server], one.credentials, to: ["plug.home.here.*", "plug.home.to.attic.*", "plug.home.miss.attic"])
        let cellar = RealClient([server], two.credentials, to: ["plug.home.to.cellar.*", "plug.home.to.attic.*", "plug.home.miss.cellar"])
        try RealClient.run(attic, cellar) { attic.session.state == .open && cellar.session.state == .open }
        // It may not receive what is for another.
        #expect(cellar.told.contains(.denied(NATSDenial(isPublish: false, subject: "plug.home.to.attic.*"))))
        #expect(!attic.told.contains { if case .denied = $0 { true } else { false } })
        attic.forgetTold()
        cellar.forgetTold()
        attic.publish("plug.home.to.cellar.loft", "as another")
        attic.publish("plug.home.here.cellar", "as another")
        attic.publish("plug.home.to.cellar.attic", "as itself")
        try RealClient.run(attic, cellar) { !cellar.told.isEmpty && attic.told.count == 2 }
        #expect(cellar.told == [.message("plug.home.to.cellar.attic", "as itself", status: 0)])
        #expect(
            attic.told == [
                .denied(NATSDenial(isPublish: true, subject: "plug.home.to.cellar.loft")),
                .denied(NATSDenial(isPublish: true, subject: "plug.home.here.cellar")),
            ])
        // The reply subject of a beat needs no permission to publish to it, and is answered.
        attic.forgetTold()
        attic.publish("plug.home.to.nobody.attic", "beat", reply: "plug.home.miss.attic")
        try RealClient.run(attic, cellar) { !attic.told.isEmpty }
        #expect(attic.told == [.message("plug.home.miss.attic", "", status: 503)])
    }

    @Test("A server that dies is tried again until it is back, and then everything subscribed to arrives as before.")
    func restart() throws {
        let server = try RealServer()
        let (one, two) = (RealClient([server]), RealClient([server], to: ["to.you"]))
        try RealClient.run(one, two) { one.session.state == .open && two.session.state == .open }
        server.kill9()
        try RealClient.run(one, two) { one.told.contains(.ended(.unreachable, wasOpen: false)) && two.session.state != .open }
        #expect(one.told.contains(.ended(.closed, wasOpen: true)) && !one.publish("to.you", "lost"))
        try server.start()
        try RealClient.run(one, two) { one.session.state == .open && two.session.state == .open }
        two.forgetTold()
        one.publish("to.you", "back")
        try RealClient.run(one, two) { !two.told.isEmpty }
        #expect(two.told == [.message("to.you", "back", status: 0)])
    }

    @Test("A server that is told to end says so: its clients go to another one that they know, and one without another stays.")
    func lameDuck() throws {
        let (first, second) = (try RealServer("lame_duck_duration: 30s"), try RealServer())
        let (moves, stays) = (RealClient([first, second]), RealClient([first], to: ["x"]))
        try RealClient.run(moves, stays) { moves.session.state == .open && stays.session.state == .open }
        first.signal(SIGUSR2)
        try RealClient.run(moves, stays) { stays.told.contains(.lameDuck) && moves.told.contains(.opened) && moves.dials.count == 2 }
        try RealClient.run(moves, stays) { moves.session.state == .open }
        #expect(moves.told.contains(.ended(.lameDuck, wasOpen: true)) && moves.session.server == second.address)
        #expect(stays.session.state == .open)
    }

    @Test("A server that is frozen is given up after its silence, and found again when it goes on.")
    func frozen() throws {
        let server = try RealServer()
        let client = RealClient([server]) {
            $0.silenceMax = 600_000_000
            $0.openingMax = 600_000_000
        }
        try RealClient.run(client) { client.session.state == .open }
        server.signal(SIGSTOP)
        client.forgetTold()
        // The system still takes connections for it.
        try RealClient.run(client) { client.told.contains(.ended(.tooSlow, wasOpen: false)) }
        #expect(client.told.first == .ended(.silent, wasOpen: true))
        server.signal(SIGCONT)
        try RealClient.run(client) { client.session.state == .open }
    }

    @Test("A client that does not read is cut by the server, and others go on.")
    func slowConsumer() throws {
        let server = try RealServer("write_deadline: \"200ms\"\nmax_pending: 4000000")
        let (one, deaf, other) = (RealClient([server]), RealClient([server], to: ["flood"]), RealClient([server], to: ["calm"]))
        try RealClient.run(one, deaf, other) { [one, deaf, other].allSatisfy { $0.session.state == .open } }
        deaf.isDeaf = true
        other.forgetTold()
        let text = String(repeating: "f", count: 60_000)
        // More than the buffers of the system and the server hold together.
        for number in 0..<400 {
            one.publish("flood", text)
            one.publish("calm", "\(number)")
        }
        try RealClient.run(one, other) { other.told.count == 400 }
        #expect(one.session.state == .open)
        deaf.isDeaf = false
        try RealClient.run(deaf) { deaf.told.contains(.ended(.closed, wasOpen: true)) }
        try RealClient.run(deaf) { deaf.session.state == .open }
    }
}
