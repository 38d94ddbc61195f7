// Who is let in, over sockets: tokens, forwarding headers, PROXY headers, and strangers that never say what they want.
// Must not repeat the rules; EntranceTests has them.

import Glibc
import Host
import Testing
import UVHost

/// A table with one token that counts.
final class FakeTokens: TokenCheck {
    func answer(to secret: String, at now: Instant) -> TokenAnswer {
        secret == "pb_good" ? .valid(name: "guest", identity: 7, expires: Instant(nanoseconds: 99)) : .unknown
    }
}

@Suite struct GateTests {
    private func head(_ target: String = "/", _ lines: [String] = [], host: String = "localhost") -> [UInt8] {
        let all =
            [
                "GET \(target) HTTP/1.1", "Host: \(host)", "Upgrade: websocket", "Connection: Upgrade",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
            ] + lines
        return Array((all.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }

    private func answer(_ world: World, _ bytes: [UInt8]) throws -> String {
        let client = try WebClient(port: world.look().port, upgrading: false)
        client.send(bytes)
        let answer = try #require(client.readHead())
        client.close()
        return answer
    }

    @Test("A forwarding header makes a peer of this computer remote: it needs a token, and every carrier of one is taken.")
    func forwarded() throws {
        let tokens = FakeTokens()
        let world = try World(options: { $0.tokens = tokens })
        let forwarded = "X-Forwarded-For: 127.0.0.1"
        let refusal = try answer(world, head("/", [forwarded]))
        #expect(refusal.hasPrefix("HTTP/1.1 401 ") && refusal.contains("\r\nWWW-Authenticate: Bearer\r\n"))
        for (target, line) in [
            ("/?token=pb_good", ""), ("/t/pb_good", ""), ("/", "Authorization: Bearer pb_good"),
            ("/", "Sec-WebSocket-Protocol: buttplug, plugboard.token.pb_good"),
        ] {
            let accepted = try answer(world, head(target, [forwarded, "Origin: http://evil.example"] + (line.isEmpty ? [] : [line])))
            #expect(accepted.hasPrefix("HTTP/1.1 101 ") && !accepted.contains("pb_good"))
            #expect(!line.contains("buttplug") || accepted.contains("\r\nSec-WebSocket-Protocol: buttplug\r\n"))
        }
        #expect(try answer(world, head("/?token=pb_good", host: "evil.example")).hasPrefix("HTTP/1.1 403 "))
        #expect(try answer(world, head()).hasPrefix("HTTP/1.1 101 "))
        let seen = world.look()
        #expect(seen.peers.map(\.token) == ["guest", "guest", "guest", "guest", nil])
        #expect(seen.peers.map(\.isLocal) == [false, false, false, false, true])
        #expect(seen.peers.map(\.address) == ["forwarded", "forwarded", "forwarded", "forwarded", "127.0.0.1"])
        #expect(seen.peers.map(\.tokenIdentity) == [7, 7, 7, 7, 0])
        #expect(seen.peers[0].tokenExpires == Instant(nanoseconds: 99) && seen.peers[4].tokenExpires == .never)
        #expect(seen.refusals.allSatisfy { !$0.contains("pb_good") })
        withExtendedLifetime(tokens) { world.stop() }
    }

    @Test("A trusted proxy names the address that the owner sees, and a reload changes who is trusted and who needs a token.")
    func trusted() throws {
        let world = try World(options: { $0.trustedProxies = ["127.0.0.1"] })
        let lines = ["X-Forwarded-For: 6.6.6.6, 203.0.113.9"]
        #expect(try answer(world, head("/", lines)).hasPrefix("HTTP/1.1 401 "))
        #expect(world.look().refusals.last?.hasPrefix("203.0.113.9: ") == true)
        world.demand(.never, trusting: [])
        #expect(try answer(world, head("/", lines)).hasPrefix("HTTP/1.1 101 "))
        world.demand(.always, trusting: [])
        #expect(try answer(world, head()).hasPrefix("HTTP/1.1 401 "))
        #expect(world.look().peers.map(\.address) == ["forwarded"])
        world.stop()
    }

    @Test("The eleventh wrong token is answered 429, which is counted and told once; an app of this computer still comes in.")
    func paused() throws {
        let world = try World()
        for _ in 0..<10 { #expect(try answer(world, head("/?token=pb_wrong")).hasPrefix("HTTP/1.1 401 ")) }
        for _ in 0..<5 {
            let refusal = try answer(world, head("/?token=pb_wrong"))
            #expect(refusal.hasPrefix("HTTP/1.1 429 ") && refusal.contains("\r\nRetry-After: "))
        }
        #expect(try answer(world, head()).hasPrefix("HTTP/1.1 101 "))
        let seen = world.look()
        #expect(seen.counters.unauthorized == 10 && seen.counters.paused == 5 && seen.counters.refused == 15)
        #expect(seen.refusals.count == 10)
        #expect(seen.refusals.filter { $0.contains("within a minute") }.count == 1)
        world.stop()
    }

    @Test("A listener that asks for a PROXY header takes the address from it, in any pieces, and never guesses.")
    func proxyHeader() throws {
        let tokens = FakeTokens()
        let world = try World(options: {
            $0.expectsProxyHeader = true
            $0.tokens = tokens
        })
        let line = Array("PROXY TCP4 203.0.113.9 127.0.0.1 4711 12345\r\n".utf8)
        #expect(try answer(world, line + head()).hasPrefix("HTTP/1.1 401 "))
        let client = try WebClient(port: world.look().port, upgrading: false)
        // Each piece waits for a turn of the host, so that they arrive one by one; the last has a message after the head.
        for piece in [Array(line[..<9]), Array(line[9...]) + [0x47], Array(head("/t/pb_good").dropFirst()) + WebClient.text("note after")] {
            client.send(piece)
            _ = world.look()
        }
        #expect(try #require(client.readHead()).hasPrefix("HTTP/1.1 101 "))
        #expect(client.readFrame()?.text == "note after")
        client.close()
        #expect(try answer(world, head("/t/pb_good")).hasPrefix("HTTP/1.1 400 "))
        #expect(try answer(world, line + line + head("/t/pb_good")).hasPrefix("HTTP/1.1 400 "))
        let seen = world.look()
        #expect(seen.peers.map(\.address) == ["203.0.113.9"] && seen.peers.map(\.token) == ["guest"])
        withExtendedLifetime(tokens) { world.stop() }
    }

    @Test("Beyond the limit the oldest stranger is closed, and nobody who was let in.")
    func strangers() throws {
        var limits = Limits()
        limits.strangers = 3
        let tokens = FakeTokens()
        let world = try World(
            limits,
            options: {
                $0.tokenNeed = .always
                $0.tokens = tokens
            })
        let greeted = try WebClient(port: world.look().port, upgrading: false)
        greeted.send(head("/?token=pb_good"))
        #expect(try #require(greeted.readHead()).hasPrefix("HTTP/1.1 101 "))
        let half = try (0..<5).map { number in
            let client = try WebClient(port: world.look().port, upgrading: false)
            client.send(Array("GET /\(number)".utf8))
            return client
        }
        #expect(half[0].readEndOrReset() && half[1].readEndOrReset())
        let seen = world.look()
        #expect(seen.links == 4 && seen.counters.displaced == 2)
        half[2].send(head("/?token=pb_good").dropFirst(5).map { $0 })
        #expect(try #require(half[2].readHead()).hasPrefix("HTTP/1.1 101 "))
        greeted.send(WebClient.text("still here"))
        #expect(greeted.readFrame()?.text == "still here")
        for client in half + [greeted] { client.close() }
        withExtendedLifetime(tokens) { world.stop() }
    }

    @Test("Apps of this computer are no strangers: any number may connect at once.")
    func locals() throws {
        var limits = Limits()
        limits.strangers = 1
        let world = try World(limits)
        let clients = try (0..<20).map { _ in try WebClient(port: world.look().port, upgrading: false) }
        for client in clients { client.send(WebClient.upgrade) }
        for client in clients { #expect(try #require(client.readHead()).hasPrefix("HTTP/1.1 101 ")) }
        #expect(world.look().counters.displaced == 0)
        for client in clients { client.close() }
        world.stop()
    }
}
