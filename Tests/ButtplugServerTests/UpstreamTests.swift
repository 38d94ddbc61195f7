// What clients of a front router see of an upstream router: devices, losses, stops, rings, faults.
// Must not know the messages between both.

import ButtplugServer
import Devices
import Host
import Router
import SimHost
import Testing

@Suite struct UpstreamTests {
    @Test("Devices of the upstream server are listed, driven and sensed; a client's stop reaches only what it held.")
    func drives() throws {
        let chain = try Chain("plug*2")
        let a = TextClient(chain.host, chain.front, name: "a")
        let b = TextClient(chain.host, chain.front, name: "b")
        a.send("[{\"RequestDeviceList\":{\"Id\":2}}]")
        #expect(a.received.last?.contains("Simulated Plug 2") == true)
        let start = chain.journal.lines.count
        a.vibrate(5)
        b.vibrate(7, device: 1)
        #expect(a.received.last == "[{\"Ok\":{\"Id\":9}}]")
        b.send("[{\"StopCmd\":{\"Id\":3}}]")
        #expect(chain.journal.values(of: 0, from: start) == [5])
        #expect(chain.journal.values(of: 1, from: start) == [7, 0])
        a.send("[{\"InputCmd\":{\"Id\":4,\"DeviceIndex\":0,\"FeatureIndex\":1,\"Type\":\"Battery\",\"Command\":\"Read\"}}]")
        #expect(a.received.last?.contains("InputReading") == true)
        #expect(chain.host.complaints == [])
    }

    @Test("When the upstream server is killed, sessions stay and commands fail; then list and subscription return, outputs do not.")
    func killed() throws {
        let chain = try Chain("kegel,plug")
        let client = TextClient(chain.host, chain.front)
        client.send("[{\"InputCmd\":{\"Id\":4,\"DeviceIndex\":0,\"FeatureIndex\":0,\"Type\":\"Pressure\",\"Command\":\"Subscribe\"}}]")
        #expect(client.received.last?.contains("{\"Ok\":{\"Id\":4}}") == true || client.received.contains("[{\"Ok\":{\"Id\":4}}]"))
        client.vibrate(5, device: 1)
        chain.kill()
        #expect(client.end == nil)
        #expect(client.received.last == "[{\"DeviceList\":{\"Id\":0,\"Devices\":{}}}]")
        client.vibrate(6, device: 1, id: 20)
        #expect(client.received.last?.contains("{\"Error\":{\"Id\":20") == true)
        chain.host.run(for: .seconds(5))
        #expect(chain.log.lines.contains { $0.contains("busy with another client") })
        let start = chain.journal.lines.count
        let before = client.received.count
        try chain.restart()
        chain.host.run(for: .seconds(1))
        #expect(client.received[before...].contains { $0.contains("DeviceList") && $0.contains("Simulated Plug") })
        chain.host.run(for: .seconds(3))
        #expect(client.received[before...].contains { $0.contains("InputReading") })
        #expect(chain.journal.values(of: 1, from: start).allSatisfy { $0 == 0 })
        client.vibrate(3, device: 1, id: 30)
        #expect(chain.journal.values(of: 1, from: start).last == 3)
        #expect(chain.host.complaints == [])
    }

    @Test("With twenty clients on one lane every command is answered Ok, and the upstream server ends at the highest value.")
    func burst() throws {
        let chain = try Chain("plug") { $0.network.conditions.latency = .milliseconds(30) }
        let clients = (0..<20).map { TextClient(chain.host, chain.front, name: "\($0)") }
        for round in 1...10 {
            for (number, client) in clients.enumerated() { client.vibrate((number + round) % 19 + 1, id: 100 + round) }
        }
        chain.host.run(for: .seconds(1))
        for client in clients { #expect(client.received.filter { $0.contains("\"Ok\":{\"Id\":1") }.count == 10) }
        #expect(chain.journal.values().last == 19)
    }

    @Test("A raised emergency stop reaches an upstream server that comes later, and again when it returns; nothing runs.")
    func emergencyStop() throws {
        var state = RouterState()
        state.isStopped = true
        // For the upstream server a router's stop is a stop of all devices, as for a reference server.
        var rights = Rights()
        rights.stopScope = .global
        let rules = RuleTable([Rule(match: RuleMatch(client: Glob("Plugboard router *")), rights: rights)])
        let chain = try Chain("plug", state: state, rules: rules)
        chain.kill()
        try chain.restart()
        let other = TextClient(chain.host, chain.back, name: "other")
        other.vibrate(5)
        chain.host.run(for: .seconds(2))
        #expect(chain.journal.values().contains(5))
        #expect(chain.journal.values().last == 0)
        let client = TextClient(chain.host, chain.front)
        client.vibrate(9)
        #expect(client.received.last == "[{\"Ok\":{\"Id\":9}}]")
        #expect(chain.journal.values().last == 0)
    }

    @Test("A router that ends sets to zero what its clients held at the upstream server, and closes in good order.")
    func ends() throws {
        let chain = try Chain()
        let client = TextClient(chain.host, chain.front)
        client.vibrate(5)
        var hasEnded = false
        chain.front.shutDown { hasEnded = true }
        chain.host.run(for: .seconds(1))
        #expect(hasEnded)
        #expect(chain.journal.values().last == 0)
        #expect(client.end == .routerEnding)
    }

    @Test("Of two routers that front each other one stays in front, in any order of start; no list grows, and nothing hangs.")
    func twoInFrontOfEachOther() throws {
        let elsewhere = Endpoint.webSocket(host: "elsewhere", port: 12_345, path: "/")
        for seed in UInt64(1)...6 {
            let host = SimHost(seed: seed)
            let logs = [LogMemory(), LogMemory()]
            let journals = [Journal(), Journal()]
            let servers = try [(Chain.upstream, elsewhere), (elsewhere, Chain.upstream)].enumerated().map { index, way in
                var configuration = ServerConfiguration()
                configuration.devices = try SimulatedDeviceSpec.list("plug*2")
                configuration.deviceOptions.presentAtStart = true
                configuration.upstreams = [way.1]
                let server = ButtplugServer(configuration, on: host, journal: journals[index], logger: logs[index].logger())
                host.listen(at: way.0, owner: server.owner)
                // The second may start long after the first.
                host.run(for: .milliseconds(Int64(seed % 3) * 700))
                return server
            }
            host.run(for: .seconds(60))
            let clients = servers.map { TextClient(host, $0) }
            for client in clients { client.send("[{\"RequestDeviceList\":{\"Id\":7}}]") }
            let counts = clients.map { $0.received.last.map { $0.matches(of: /"DeviceName"/).count } ?? 0 }
            #expect(counts.sorted() == [2, 4], "seed \(seed): \(counts)")
            #expect(logs.map { $0.lines.filter { $0.contains("it fronts this router") }.count }.reduce(0, +) == 1, "seed \(seed)")
            // The router that shows all four devices drives those of the other.
            let front = counts[0] == 4 ? 0 : 1
            clients[front].vibrate(5, device: 3)
            clients[front].vibrate(6, device: 2)
            #expect(journals[1 - front].lines.contains { $0.contains("\"value\":6") }, "seed \(seed)")
            #expect(host.complaints == [])
        }
    }

    @Test("Of an upstream that renames its devices without end a limited number is shown, also after a restart; other devices are added.")
    func renames() throws {
        let host = SimHost()
        let log = LogMemory()
        var configuration = ServerConfiguration()
        configuration.upstreams = [Chain.upstream]
        configuration.router.limits.upstreamDevices = 3
        let fickle = try FickleServer(host, at: Chain.upstream)
        var front = ButtplugServer(configuration, on: host, logger: log.logger())
        for name in ["a", "b", "c", "d", "e", "a"] {
            fickle.show(name)
            host.run(for: .seconds(1))
        }
        #expect(front.state.indices.entries.map(\.identity).map { String($0.last ?? "?") } == ["a", "b", "c"])
        #expect(log.lines.filter { $0.contains("limits.upstream_devices") }.count == 1)
        let state = front.state
        front.shutDown()
        host.run(for: .seconds(1))
        front = ButtplugServer(configuration, state: state, on: host, logger: log.logger())
        for name in ["x", "b"] {
            fickle.show(name)
            host.run(for: .seconds(1))
        }
        #expect(front.state == state)
        let client = TextClient(host, front)
        client.send("[{\"RequestDeviceList\":{\"Id\":7}}]")
        #expect(client.received.last?.contains("\"DeviceIndex\":1,\"DeviceName\":\"b\"") == true)
    }

    @Test("A router that is its own upstream notices this and disconnects from itself.")
    func itself() {
        let host = SimHost()
        let log = LogMemory()
        var configuration = ServerConfiguration()
        configuration.upstreams = [Chain.upstream]
        let server = ButtplugServer(configuration, on: host, logger: log.logger())
        var told: [Endpoint] = []
        server.onUpstreamIsSelf = { told.append($0) }
        host.listen(at: Chain.upstream, owner: server.owner)
        host.run(for: .seconds(5))
        #expect(told == [Chain.upstream])
        #expect(log.lines.filter { $0.contains("this router itself") }.count == 1)
        #expect(host.complaints == [])
    }

    @Test("A client that knows the router's number and uses it as its name is an ordinary client.")
    func impostor() throws {
        let host = SimHost()
        var configuration = ServerConfiguration()
        configuration.upstreams = [Chain.upstream]
        let server = ButtplugServer(configuration, on: host)
        var told: [Endpoint] = []
        server.onUpstreamIsSelf = { told.append($0) }
        let curious = TextClient(host, server, name: "Plugboard router ffffffff-00000000")
        let shown = try #require(curious.received.first?.firstRange(of: "[router "))
        let number = try #require(curious.received.first?[shown.upperBound...].prefix(8))
        let impostors = ["\(number)", "\(number)-00000000", "\(number)-1", "\(number)-\(number)"]
            .map { TextClient(host, server, name: "Plugboard router \($0)") }
        host.run(for: .seconds(1))
        #expect(told == [])
        #expect(impostors.allSatisfy { $0.end == nil && $0.received.count == 1 })
    }

    @Test("A server that dials out shows its devices; a second server is refused; devices that return have their indices and are at rest.")
    func dialsOut() throws {
        let host = SimHost()
        let log = LogMemory()
        var configuration = ServerConfiguration()
        configuration.deviceHosts = [Chain.upstream]
        let front = ButtplugServer(configuration, on: host, logger: log.logger())
        host.listen(at: Chain.upstream, owner: front.deviceHostOwners[0])
        let journal = Journal()
        let first = DiallingServer(try Self.server(host, "plug*2", journal), host)
        first.dial(Chain.upstream)
        host.run(for: .seconds(1))
        let client = TextClient(host, front)
        client.vibrate(5, device: 1)
        #expect(journal.values(of: 1).last == 5)
        let second = DiallingServer(try Self.server(host, "rabbit", Journal()), host)
        second.dial(Chain.upstream)
        host.run(for: .seconds(1))
        #expect(second.failures == [.notWebSocket("HTTP status 503")])
        #expect(first.end == nil)
        first.leave(Chain.upstream)
        host.run(for: .seconds(1))
        #expect(client.received.last == "[{\"DeviceList\":{\"Id\":0,\"Devices\":{}}}]")
        #expect(journal.values(of: 1).last == 0)
        let mark = journal.lines.count
        first.dial(Chain.upstream)
        host.run(for: .milliseconds(100))
        client.send("[{\"RequestDeviceList\":{\"Id\":7}}]")
        #expect(client.received.last?.contains("\"1\":{\"DeviceIndex\":1,") == true)
        host.run(for: .seconds(1))
        #expect(journal.values(of: 1, from: mark).allSatisfy { $0 == 0 })
        client.vibrate(3, device: 1)
        #expect(journal.values(of: 1).last == 3)
        #expect(log.lines.filter { $0.contains("upstream up") }.count == 2)
        #expect(host.complaints == [])
    }

    private static func server(_ host: SimHost, _ devices: String, _ journal: Journal) throws -> ButtplugServer {
        var configuration = ServerConfiguration()
        configuration.devices = try SimulatedDeviceSpec.list(devices)
        configuration.deviceOptions.presentAtStart = true
        return ButtplugServer(configuration, on: host, journal: journal)
    }

    @Test("Under link faults the front router never hangs: every command is answered, and the upstream server ends at rest.")
    func faults() throws {
        for seed in UInt64(1)...10 {
            let chain = try Chain("plug", seed: seed) { $0.network.faults.every = .seconds(3) }
            let client = TextClient(chain.host, chain.front)
            for number in 1...200 { client.vibrate(number % 20 + 1, id: 100 + number) }
            chain.host.run(for: .seconds(20))
            for number in 1...200 {
                #expect(client.received.filter { $0.contains("{\"Id\":\(100 + number)") }.count == 1, "seed \(seed), command \(number)")
            }
            #expect(chain.host.complaints == [])
        }
    }
}
