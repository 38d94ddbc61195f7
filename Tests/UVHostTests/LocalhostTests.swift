// `localhost` is two addresses and one listener; its allow-lists can change while it listens.

import Glibc
import Host
import Testing
import UVHost

private let hasIPv6: Bool = {
    let descriptor = socket(AF_INET6, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in6()
    address.sin6_family = sa_family_t(AF_INET6)
    address.sin6_addr.__in6_u.__u6_addr8.15 = 1
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size)) }
    } == 0
}()

@Suite struct LocalhostTests {
    @Test(
        "Both addresses have one port, also one that the kernel chooses, and the same session owner.",
        .enabled(if: hasIPv6, "this computer has no IPv6")) func listensOnBoth() throws
    {
        for name in ["ws://localhost:0", "ws://LOCALHOST.:0"] {
            let host = try UVHost()
            let listener = try host.listen(on: name, owner: TestOwner(Board(Seen())))
            #expect(listener.addresses == ["ws://127.0.0.1:\(listener.port)", "ws://[::1]:\(listener.port)"])
            #expect(listener.address == "ws://127.0.0.1:\(listener.port)")
            for text in ["ws://127.0.0.1", "ws://[::1]", "ws://localhost", "ws://Localhost", "ws://0.0.0.0"] {
                #expect(listener.isReached(by: try Endpoint("\(text):\(listener.port)", for: .dialling)), "\(text)")
            }
            #expect(!listener.isReached(by: try Endpoint("ws://127.0.0.2:\(listener.port)", for: .dialling)))
            host.finish()
        }
    }

    @Test(
        "When another program has ::1, the error says so and what to write; nothing stays open.",
        .enabled(if: hasIPv6, "this computer has no IPv6"))
    func saysWhoHasTheOther() throws {
        let host = try UVHost()
        let owner = TestOwner(Board(Seen()))
        let other = try host.listen(on: "ws://[::1]:0", owner: owner)
        let error = #expect(throws: ListenError.self) { try host.listen(on: .webSocket(host: "localhost", port: other.port), owner: owner) }
        let words = "\(try #require(error))"
        #expect(words.contains("another program listens on ws://[::1]:\(other.port)"), "\(words)")
        #expect(words.contains("listen on ws://127.0.0.1:\(other.port) alone"), "\(words)")
        host.finish()
    }

    @Test("New lists apply to the next connection; open connections stay.")
    func listsChange() throws {
        let world = try World()
        let head = Array(
            ("GET / HTTP/1.1\r\nHost: plug.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nOrigin: https://app.example\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n").utf8)
        func status() throws -> String {
            let client = try WebClient(port: world.look().port, upgrading: false)
            client.send(head)
            let status = try #require(client.readHead()).split(separator: " ")[1]
            client.close()
            return String(status)
        }
        let stays = try WebClient(port: world.look().port)
        #expect(try status() == "403")
        world.allow(hosts: ["plug.example"], origins: [])
        #expect(try status() == "403")
        world.allow(hosts: ["plug.example"], origins: ["https://app.example"])
        #expect(try status() == "101")
        world.allow(hosts: [], origins: [])
        #expect(try status() == "403")
        stays.send(WebClient.text("note: still here"))
        #expect(world.board.wait { $0.events.contains("note: still here") })
        stays.close()
        world.stop()
    }
}
