// The whole server on a simulated world: clients on one side, the journal of device writes on the other.
// Must not know how the router decides; the arbitration tests do. These tests show that the parts work together.

import ButtplugServer
import Devices
import Host
import Router
import SimHost
import Testing

@Suite struct ButtplugServerTests {
    @Test("An empty configuration makes a server that answers and has no devices.")
    func plain() {
        let host = SimHost()
        let server = ButtplugServer(ServerConfiguration(), on: host)
        let client = TextClient(host, server)
        #expect(client.received.first?.contains("\"ServerName\":\"Plugboard\"") == true)
        client.send("[{\"RequestDeviceList\":{\"Id\":2}}]")
        #expect(client.received.last == "[{\"DeviceList\":{\"Id\":2,\"Devices\":{}}}]")
    }

    @Test("A device is found by a scan, driven, and its write is in the journal.")
    func lifeCycle() throws {
        let world = try World("rabbit") { $0.deviceOptions.presentAtStart = false }
        let client = TextClient(world.host, world.server)
        client.vibrate(5)
        #expect(client.received.last?.contains("\"Error\"") == true)
        client.scan()
        #expect(client.received.contains { $0.contains("Simulated Rabbit") })
        let start = world.journal.lines.count
        client.vibrate(5)
        #expect(client.received.last == "[{\"Ok\":{\"Id\":9}}]")
        #expect(world.journal.values(from: start) == [5])
    }

    @Test("Of two clients on one output the higher value wins, the lower one returns when the first leaves, and at the end it is zero.")
    func twoClients() throws {
        let world = try World()
        let a = TextClient(world.host, world.server, name: "a")
        let b = TextClient(world.host, world.server, name: "b", version: 4)
        let start = world.journal.lines.count
        a.vibrate(8)
        b.vibrate(14)
        b.finish()
        a.send("[{\"StopCmd\":{\"Id\":4}}]")
        #expect(world.journal.values(from: start) == [8, 14, 8, 0])
    }

    @Test("When a connection breaks, the client's output goes to zero in the same turn.")
    func broken() throws {
        let world = try World()
        let client = TextClient(world.host, world.server)
        client.vibrate(8)
        let start = world.journal.lines.count
        client.drop()
        world.host.turn()
        #expect(world.journal.values(from: start) == [0])
    }

    @Test("An emergency stop is part of the state, a server made from that state stays stopped, and only the operator clears it.")
    func emergencyStop() throws {
        let first = try World()
        var states: [RouterState] = []
        first.server.onStateChanged = { states.append($0) }
        let client = TextClient(first.host, first.server)
        client.vibrate(8)
        let start = first.journal.lines.count
        first.server.raiseEmergencyStop()
        first.host.run(for: .milliseconds(10))
        client.vibrate(9)
        #expect(first.journal.values(from: start) == [0])
        let state = try #require(states.last)
        #expect(state.isStopped && first.server.isStopped)
        #expect(state.indices.index(of: "simulated:plug:1") == 0)

        let second = try World(state: RouterState.decoded(state.encoded()))
        let late = TextClient(second.host, second.server)
        let mark = second.journal.lines.count
        late.vibrate(9)
        #expect(second.journal.values(from: mark) == [])
        second.server.clearEmergencyStop()
        second.host.run(for: .milliseconds(10))
        #expect(second.journal.values(from: mark) == [])
        late.vibrate(10)
        #expect(second.journal.values(from: mark) == [10])
    }

    @Test("A state that has not changed is not reported again, also when many devices appear at once.")
    func stateOnce() throws {
        let world = try World("plug*20") { $0.deviceOptions.presentAtStart = false }
        var states: [RouterState] = []
        world.server.onStateChanged = { states.append($0) }
        let client = TextClient(world.host, world.server)
        client.scan()
        #expect(world.server.state.indices.entries.count == 20)
        #expect(states.count == 1)
        #expect(states.last == world.server.state)
    }

    @Test("New settings apply to open sessions; a value above a new cap falls at once.")
    func newSettings() throws {
        let world = try World()
        let client = TextClient(world.host, world.server, name: "x")
        client.vibrate(20)
        let start = world.journal.lines.count
        var rights = Rights()
        rights.cap = Fraction(0.5)
        var settings = RouterSettings()
        settings.rules = RuleTable([Rule(match: RuleMatch(client: Glob("x")), rights: rights)])
        world.server.change(settings)
        world.host.run(for: .milliseconds(10))
        #expect(world.journal.values(from: start) == [10])
        #expect(client.end == nil)
    }

    @Test("The end sets every output to zero, tells every client, and reports when it is done.")
    func end() throws {
        let world = try World("plug,plug")
        let clients = [TextClient(world.host, world.server), TextClient(world.host, world.server)]
        clients[0].vibrate(8)
        clients[1].vibrate(9, device: 1)
        let start = world.journal.lines.count
        var isEnded = false
        world.server.shutDown { isEnded = true }
        world.host.run(for: .seconds(5))
        #expect(isEnded)
        #expect(world.journal.values(of: 0, from: start).last == 0)
        #expect(world.journal.values(of: 1, from: start).last == 0)
        #expect(clients.map(\.end) == [.routerEnding, .routerEnding])
        #expect(world.host.next == .never)
        #expect(world.host.complaints == [])
    }

    @Test("The end waits for a slow device's zero, and two seconds for a device that does not answer.")
    func slowEnd() throws {
        for (latency, expected) in [(Interval.milliseconds(600), Interval.milliseconds(600)), (.seconds(30), .seconds(2))] {
            let world = try World("plug") { $0.devices[0].latency = .fixed(latency) }
            let client = TextClient(world.host, world.server)
            world.host.run(for: .seconds(1))
            let begin = world.host.now
            world.server.shutDown()
            world.host.run(for: .seconds(5))
            let took = try #require(client.endedAt) - begin
            #expect(took >= expected)
            #expect(took < expected + .milliseconds(200))
        }
    }
}
