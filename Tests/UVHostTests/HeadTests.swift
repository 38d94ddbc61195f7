// What comes before a session: pages, refusals, deadlines.
// Must not repeat the WebSocket module's own tests of HTTP.

import Glibc
import Host
import Testing
import UVHost

@Suite struct HeadTests {
    @Test(
        "Plain requests are answered and the connection ends; none of them makes a session.",
        arguments: [
            ("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "200"), ("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n", "200"),
            ("GET /other HTTP/1.1\r\nHost: localhost\r\n\r\n", "426"), ("POST / HTTP/1.1\r\nHost: localhost\r\n\r\n", "405"),
            ("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", "403"), ("nonsense\r\n\r\n", "400"),
            (
                "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nOrigin: https://evil.example\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n", "403"
            ),
        ])
    func answers(head: String, status: String) throws {
        let world = try World()
        let client = try WebClient(port: world.look().port, upgrading: false)
        client.send(Array(head.utf8))
        #expect(try #require(client.readHead()).hasPrefix("HTTP/1.1 \(status) "))
        #expect(client.readToEnd() != nil)
        client.close()
        let seen = world.look()
        #expect(seen.peers == [])
        #expect(seen.refusals.count == (status == "200" ? 0 : 1))
        #expect(seen.counters.refused == seen.refusals.count)
        world.stop()
    }

    @Test("The owner's refusal is a 503, and the next client can be accepted.")
    func refusesForTheOwner() throws {
        let world = try World()
        world.post { _, owner in owner.refuses = true }
        let client = try WebClient(port: world.look().port, upgrading: false)
        client.send(WebClient.upgrade)
        #expect(try #require(client.readHead()).hasPrefix("HTTP/1.1 503 "))
        client.close()
        world.post { _, owner in owner.refuses = false }
        let second = try WebClient(port: world.look().port)
        second.close()
        world.stop()
    }

    @Test("A configured host name is allowed, with and without a port.")
    func allowsConfiguredHosts() throws {
        let world = try World(hosts: ["plug.example"])
        let client = try WebClient(port: world.look().port, upgrading: false)
        client.send(Array("GET / HTTP/1.1\r\nHost: plug.example:12345\r\n\r\n".utf8))
        #expect(try #require(client.readHead()).hasPrefix("HTTP/1.1 200 "))
        client.close()
        world.stop()
    }

    @Test("A client that uses TLS on the plain port is dropped at once.")
    func dropsTLS() throws {
        let world = try World()
        let client = try WebClient(port: world.look().port, upgrading: false)
        client.send([0x16, 0x03, 0x01, 0x02, 0x00, 0x01])
        #expect(client.readEndOrReset())
        #expect(world.board.wait { $0.refusals.count == 1 && $0.refusals[0].contains("ws://") })
        client.close()
        world.stop()
    }

    @Test("The whole head has one deadline: neither silence nor single bytes keep a connection open.", arguments: [false, true])
    func endsSlowHeads(drips: Bool) throws {
        var limits = Limits()
        limits.headTimeout = .milliseconds(60)
        let world = try World(limits)
        let client = try WebClient(port: world.look().port, upgrading: false)
        var sent = 0
        // Every byte waits for a turn of the host, so the bytes come as long as the host reads them.
        while drips, world.look().counters.headTimeouts == 0, sent < WebClient.upgrade.count - 4 {
            if sent < 100 { client.send([WebClient.upgrade[sent]]) }
            sent = min(sent + 1, 100)
        }
        #expect(client.readEndOrReset())
        let seen = world.look()
        #expect(seen.counters.headTimeouts == 1)
        #expect(seen.links == 0)
        #expect(seen.refusals.count == 1)
        client.close()
        world.stop()
    }
}
