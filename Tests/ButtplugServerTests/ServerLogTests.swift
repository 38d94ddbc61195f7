// The log of a running server: transitions, once each, with names as data.
// Must not know how lines are written.

import ButtplugServer
import Host
import Logging
import SimHost
import Testing

@Suite struct ServerLogTests {
    @Test("Each session or device that comes or goes is one line; a command has no line.")
    func transitions() throws {
        let world = try World()
        let client = TextClient(world.host, world.server, name: "OBS")
        for value in 1...20 { client.vibrate(value) }
        client.finish()
        #expect(
            world.log.lines == [
                "info device up device=0 identity=simulated:plug:1 name=Simulated Plug",
                "info session up client=OBS max_ping_time=0 session=0 version=v4",
                "info session down client=OBS reason=peer_closed session=0 version=v4",
            ])
    }

    @Test("At debug level the log also says which session drives which output; a lower level ends that.")
    func winners() throws {
        let world = try World()
        world.server.log(to: world.log.logger(.debug))
        let client = TextClient(world.host, world.server, name: "a")
        client.vibrate(5)
        #expect(world.log.lines.last == "debug winner changed client=a device=0 feature=0 session=0")
        client.vibrate(0)
        #expect(world.log.lines.last == "debug winner changed device=0 feature=0 session=none")
        world.server.log(to: world.log.logger(.info))
        let count = world.log.lines.count
        client.vibrate(5)
        #expect(world.log.lines.count == count)
    }

    @Test("An emergency stop is critical, and each refusal is logged with its reason.")
    func stopsAndRefusals() throws {
        let world = try World()
        let client = TextClient(world.host, world.server, name: "new", version: 99)
        #expect(client.end != nil)
        #expect(world.log.lines.contains { $0.hasPrefix("notice handshake refused") })
        #expect(world.log.lines.contains { $0.hasPrefix("info session down reason=version_refused") })
        world.server.raiseEmergencyStop()
        world.host.run(for: .milliseconds(10))
        #expect(world.log.lines.last == "critical emergency stop raised")
        world.server.clearEmergencyStop()
        world.host.run(for: .milliseconds(10))
        #expect(world.log.lines.last == "notice emergency stop cleared")
    }

    @Test("On request the log has the state: sessions, devices and counts.")
    func report() throws {
        let world = try World()
        let client = TextClient(world.host, world.server, name: "a")
        client.vibrate(5)
        let start = world.log.lines.count
        world.server.report()
        let lines = world.log.lines[start...]
        #expect(lines.first == "notice state devices=1 emergency_stop=clear sessions=1")
        #expect(lines.contains("notice state of a session client=a session=0 version=v4"))
        #expect(lines.contains("notice state of a device device=0 identity=simulated:plug:1 name=Simulated Plug"))
        #expect(lines.contains { $0.hasPrefix("notice counts of messages") && $0.contains(" handshakes=1 ") })
        #expect(lines.contains { $0.hasPrefix("notice counts of commands") && $0.contains(" duplicate=0 ") })
    }
}

/// A client that sends nothing.
private final class SilentPeer: SimPeer {
    private(set) var link: SimLink?

    init(_ host: SimHost, _ server: ButtplugServer) { link = host.connect(self, to: server.owner) }

    func opened(at now: Instant) {}
    func received(_ message: RawSpan, at now: Instant) {}
    func closed(_ reason: CloseReason, at now: Instant) {}
}

@Suite struct ServerLogPaceTests {
    @Test("A thousand sessions within a second are some lines and a count; at an ordinary pace each session has its lines.")
    func storm() throws {
        let world = try World()
        let peers = (0..<1_000).map { _ in SilentPeer(world.host, world.server) }
        world.host.run(for: .milliseconds(50))
        for peer in peers { peer.link?.drop() }
        world.host.run(for: .seconds(5))
        let downs = world.log.lines.filter { $0.hasPrefix("info session down") }
        #expect(downs.count < 60)
        let counted = downs.reduce(0) { $0 + ($1.firstMatch(of: /count=(\d+)/).flatMap { Int($0.1) } ?? 1) }
        #expect(counted == 1_000)
        world.host.run(for: .seconds(60))
        let before = world.log.lines.count
        let client = TextClient(world.host, world.server, name: "late")
        client.finish()
        #expect(world.log.lines.dropFirst(before).map { $0.prefix(15) } == ["info session up", "info session do"])
    }

    @Test("A page that is refused again and again is logged once and then counted; another page has a line of its own.")
    func refusals() throws {
        let world = try World()
        for _ in 0..<500 { world.server.connectionRefused(from: "127.0.0.1", because: "Origin A", kind: "origin") }
        world.server.connectionRefused(from: "127.0.0.1", because: "Origin B", kind: "origin")
        let refused = world.log.lines.filter { $0.hasPrefix("notice connection refused") }
        #expect(refused.count == 2 && refused.last?.contains("Origin B") == true)
        world.host.run(for: .seconds(2))
        #expect(world.log.lines.contains { $0.contains("connection refused") && $0.contains("count=499") })
    }

    @Test("Counts that were not written yet are written when the server ends.")
    func atTheEnd() throws {
        let world = try World()
        for _ in 0..<3 { world.server.connectionRefused(from: "127.0.0.1", because: "Origin A", kind: "origin") }
        world.server.shutDown()
        world.host.run(for: .milliseconds(100))
        #expect(world.log.lines.contains { $0.contains("connection refused") && $0.contains("count=2") })
    }
}
