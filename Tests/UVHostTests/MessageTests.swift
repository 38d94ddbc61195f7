// Messages through a real socket: cut at any byte, many at once, and more than a peer reads.
// Must not know Buttplug.

import Glibc
import Host
import Testing
import UVHost

@Suite struct MessageTests {
    @Test("A text comes back unchanged, over TCP and over a Unix socket, and the owner knows the peer's address.")
    func echoes() throws {
        let world = try World()
        let seen = world.look()
        #expect(seen.address == "ws://127.0.0.1:\(seen.port)")
        let client = try WebClient(port: seen.port)
        client.send(WebClient.text("hello"))
        #expect(client.readFrame() == Frame(opcode: 1, payload: Array("hello".utf8)))
        #expect(world.look().peers == [Peer(address: "127.0.0.1", listener: "ws://127.0.0.1:0")])
        client.close()
        world.stop()
    }

    @Test("a Unix socket carries sessions like TCP, with any Host and Origin")
    func echoesOverUnix() throws {
        let path = "/tmp/plugboard-test-\(getpid())-\(UInt32.random(in: 0...UInt32.max)).sock"
        let world = try World(on: "unix://\(path)")
        #expect(world.look().address == "unix://\(path)")
        let client = try WebClient(path: path)
        client.send(WebClient.text("hello"))
        #expect(client.readFrame()?.text == "hello")
        #expect(world.look().peers == [Peer(address: "unix", listener: "unix://\(path)")])
        client.close()
        world.stop()
        #expect(access(path, F_OK) != 0)
    }

    @Test(
        "Lengths around every boundary of the frame header and of the read buffer come back whole, also in bursts of single frames.",
        arguments: [0, 1, 125, 126, 127, 65_529, 65_530, 65_535, 65_536, 200_000, 1 << 20])
    func echoesEveryLength(length: Int) throws {
        let payload = (0..<length).map { UInt8(0x20 + $0 % 90) }
        let frame = WebClient.frame(1, payload)
        let world = try World()
        let client = try WebClient(port: world.look().port)
        client.send(frame)
        // Not in the expectation itself, which would print a megabyte.
        let isSame = client.readFrame() == Frame(opcode: 1, payload: payload)
        #expect(isSame)
        client.close()
        world.stop()
    }

    @Test("One byte per segment gives the same results as whole frames, from the first byte of the head on.")
    func takesSingleBytes() throws {
        let world = try World()
        let client = try WebClient(port: world.look().port, upgrading: false)
        for byte in WebClient.upgrade { client.send([byte]) }
        #expect(try #require(client.readHead()).hasPrefix("HTTP/1.1 101 "))
        let long = String(repeating: "x", count: 200)
        for byte in WebClient.text("one") + WebClient.text(long) { client.send([byte]) }
        #expect(client.readFrame()?.text == "one")
        #expect(client.readFrame()?.text == long)
        // A pong does not wait for the end of the turn, so the ping is sent when the texts are here.
        for byte in WebClient.frame(9, [1, 2]) { client.send([byte]) }
        #expect(client.readFrame() == Frame(opcode: 10, payload: [1, 2]))
        client.close()
        world.stop()
    }

    @Test("Frames that follow the head in the same segment, before our 101, are not lost.")
    func takesFramesAfterTheHead() throws {
        let world = try World()
        let client = try WebClient(port: world.look().port, upgrading: false)
        client.send(WebClient.upgrade + WebClient.text("one") + WebClient.text("two"))
        #expect(try #require(client.readHead()).hasPrefix("HTTP/1.1 101 "))
        #expect(client.readFrame()?.text == "one")
        #expect(client.readFrame()?.text == "two")
        client.close()
        world.stop()
    }

    @Test("A thousand frames in one segment are answered in order, and no turn takes more than its share of them.", arguments: [1, 7, 256])
    func isFair(share: Int) throws {
        var limits = Limits()
        limits.messagesPerTurn = share
        let world = try World(limits)
        let client = try WebClient(port: world.look().port)
        client.send((0..<1_000).flatMap { WebClient.text("\($0)") })
        for number in 0..<1_000 { #expect(client.readFrame()?.text == "\(number)") }
        let seen = world.look()
        #expect(seen.texts == 1_000)
        #expect(seen.maxTextsPerTurn <= share)
        client.send(WebClient.text("after"))
        #expect(client.readFrame()?.text == "after")
        client.close()
        world.stop()
    }

    @Test("While one connection holds messages back for later turns, another is answered.")
    func aFloodDoesNotDelayOthers() throws {
        var limits = Limits()
        limits.messagesPerTurn = 1
        let world = try World(limits)
        let port = world.look().port
        let flood = try WebClient(port: port)
        let other = try WebClient(port: port)
        flood.send((0..<5_000).flatMap { _ in WebClient.text("x") })
        other.send(WebClient.text("note"))
        #expect(other.readFrame()?.text == "note")
        #expect(world.board.change { $0.texts } < 5_001)
        flood.close()
        other.close()
        world.stop()
    }

    @Test("A peer that stops reading is reported once as congested and once as drained, and everything arrives.")
    func tellsCongestion() throws {
        let world = try World()
        let client = try WebClient(port: world.look().port, readBuffer: 4_096)
        let size = 8 << 20
        client.send(WebClient.text("flood \(size)"))
        #expect(world.board.wait { $0.congested == 1 })
        #expect(client.readFrame()?.payload.count == size)
        #expect(world.board.wait { $0.drained == 1 })
        let seen = world.look()
        #expect(seen.congested == 1)
        #expect(seen.closes == [])
        client.close()
        world.stop()
    }

    @Test("A peer that never reads is cut when too many bytes wait for it; others are not disturbed.")
    func cutsWhoNeverReads() throws {
        var limits = Limits()
        limits.queuedBytes = 100_000
        let world = try World(limits)
        let port = world.look().port
        let other = try WebClient(port: port)
        let slow = try WebClient(port: port, readBuffer: 4_096)
        while !world.board.change({ $0.closes.contains(.slowConsumer) }), slow.send(WebClient.text("flood 50000")) {
            other.send(WebClient.text("ping"))
            #expect(other.readFrame()?.text == "ping")
        }
        #expect(world.board.wait { $0.closes == [.slowConsumer] })
        #expect(world.look().links == 1)
        other.close()
        world.stop()
    }

    @Test("A peer that has stopped reading for the stall time is cut, though few bytes wait.")
    func cutsWhoStalls() throws {
        var limits = Limits()
        limits.queuedBytes = 1 << 30
        limits.stallTimeout = .milliseconds(60)
        let world = try World(limits)
        let slow = try WebClient(port: world.look().port, readBuffer: 4_096)
        slow.send(WebClient.text("flood \(16 << 20)"))
        #expect(world.board.wait { $0.closes == [.slowConsumer] })
        #expect(world.look().links == 0)
        slow.close()
        world.stop()
    }

    @Test("Binary messages are counted and otherwise ignored; the session stays.")
    func ignoresBinary() throws {
        let world = try World()
        let client = try WebClient(port: world.look().port)
        client.send(WebClient.frame(2, [1, 2, 3]) + WebClient.text("still here"))
        #expect(client.readFrame()?.text == "still here")
        let seen = world.look()
        #expect(seen.counters.binaryIgnored == 1)
        #expect(seen.texts == 1)
        client.close()
        world.stop()
    }
}
