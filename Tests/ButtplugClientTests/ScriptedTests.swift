// A client with a server that has faults by script, in virtual time: late, wrong, silent, old, gone.
// Must not know devices beyond what a script lists.

import ButtplugClient
import Host
import SimHost
import Testing

@Suite("A client with a server that has faults")
struct ScriptedTests {
    static let device = """
        {"0":{"DeviceIndex":0,"DeviceName":"Plug","DeviceMessageTimingGap":0,"DeviceFeatures":{"0":{"FeatureIndex":0,\
        "FeatureDescription":"Motor","Output":{"Vibrate":{"Value":[0,10]}},"Input":{"Battery":{"Value":[[0,100]],"Command":["Read","Subscribe"]}}}}}}
        """

    @Test("a call without an answer ends at its deadline, and its late answer reaches no other call")
    func deadline() throws {
        let host = SimHost()
        let held = Held()
        let server = ScriptedServer(host) { text in
            ScriptedServer.greeting(text, list: Self.device) { text, id in
                guard text.contains("\"Value\":1}") else { return ["[{\"Ok\":{\"Id\":\(id)}}]"] }
                held.ids.append(id)
                return []
            }
        }
        let world = SimWorld(host)
        let errors = try run(host, world) {
            let client = try await ButtplugClient.connect(via: .embedded(server), name: "test", on: .sim(world))
            let plug = try #require(await client.devices.first)
            let first = await failure { () throws(ClientError) in try await plug.vibrate(.steps(1), timeout: .seconds(2)) }
            for id in held.ids { server.say("[{\"Error\":{\"Id\":\(id),\"ErrorCode\":4,\"ErrorMessage\":\"late\"}}]") }
            let second = await failure { () throws(ClientError) in try await plug.vibrate(.steps(2)) }
            return [first, second]
        }
        #expect(errors == [.timedOut(3), nil])
        #expect(host.now.seconds >= 3)
    }

    @Test("cancelling a waiting call ends it at once")
    func cancellation() throws {
        let host = SimHost()
        let server = ScriptedServer(host) { ScriptedServer.greeting($0, list: Self.device) }
        let world = SimWorld(host)
        let error = try run(host, world) {
            let client = try await ButtplugClient.connect(via: .embedded(server), name: "test", on: .sim(world))
            let plug = try #require(await client.devices.first)
            let task = Task(executorPreference: world.taskExecutor) {
                await failure { () throws(ClientError) in try await plug.vibrate(0.5) }
            }
            while !server.received.contains(where: { $0.contains("OutputCmd") }) { await Task.yield() }
            task.cancel()
            return await task.value
        }
        #expect(error == .cancelled)
        #expect(host.now.seconds < 2)
    }

    @Test("each error class carries the server's text, the request's id and the code")
    func errorClasses() throws {
        let host = SimHost()
        let codes = Held(ids: [4, 3, 2, 1, 0, 9])
        let server = ScriptedServer(host) { text in
            ScriptedServer.greeting(text, list: Self.device) { _, id in
                ["[{\"Error\":{\"Id\":\(id),\"ErrorCode\":\(codes.ids.removeFirst()),\"ErrorMessage\":\"no {\\\"because\\\":1}\"}}]"]
            }
        }
        let world = SimWorld(host)
        let errors = try run(host, world) {
            let client = try await ButtplugClient.connect(via: .embedded(server), name: "test", on: .sim(world))
            let plug = try #require(await client.devices.first)
            var errors: [ClientError?] = []
            for _ in 0..<6 { errors.append(await failure { () throws(ClientError) in try await plug.vibrate(0.5) }) }
            return errors
        }
        let text = "no {\"because\":1}"
        #expect(
            errors == [
                .device(ServerComplaint(id: 3, code: 4, text: text)), .message(ServerComplaint(id: 4, code: 3, text: text)),
                .ping(ServerComplaint(id: 5, code: 2, text: text)), .handshake(ServerComplaint(id: 6, code: 1, text: text)),
                .unknown(ServerComplaint(id: 7, code: 0, text: text)), .unknown(ServerComplaint(id: 8, code: 9, text: text)),
            ])
    }

    @Test("errors that answer no request, readings and lists come as events; the oldest readings are dropped first, and counted")
    func events() throws {
        let host = SimHost()
        let server = ScriptedServer(host) { text in
            ScriptedServer.greeting(text, list: Self.device) { _, id in ["[{\"Ok\":{\"Id\":\(id)}}]"] }
        }
        let world = SimWorld(host)
        let seen = try run(host, world) {
            var options = ClientOptions()
            options.eventsMax = 3
            let client = try await ButtplugClient.connect(via: .embedded(server), name: "test", on: .sim(world), options: options)
            let events = await client.makeEventStream()
            server.say("[{\"Error\":{\"Id\":0,\"ErrorCode\":2,\"ErrorMessage\":\"pinged out\"}}]")
            for charge in 1...4 {
                server.say(
                    "[{\"InputReading\":{\"Id\":0,\"DeviceIndex\":0,\"FeatureIndex\":0,\"Reading\":{\"Battery\":{\"Value\":\(charge)}}}}]")
            }
            server.say("[{\"ScanningFinished\":{\"Id\":0}}]")
            try await client.stopAll()
            var seen: [String] = []
            let iterator = events.makeAsyncIterator()
            for _ in 0..<3 {
                switch await iterator.next() {
                case .error(let error): seen.append("\(error)")
                case .reading(let reading): seen.append("\(reading.values)")
                case .scanningFinished: seen.append("finished")
                default: seen.append("else")
                }
            }
            return (seen, await events.dropped)
        }
        #expect(seen.0 == ["ping error 2: pinged out", "[4]", "finished"])
        #expect(seen.1 == 3)
    }

    @Test("a server that wants pings gets one after every half of its time")
    func pings() throws {
        let host = SimHost()
        let server = ScriptedServer(host) { text in
            ScriptedServer.greeting(text, maxPingTime: 1000) { _, id in ["[{\"Ok\":{\"Id\":\(id)}}]"] }
        }
        let world = SimWorld(host)
        let client = try run(host, world) { try await ButtplugClient.connect(via: .embedded(server), name: "test", on: .sim(world)) }
        let before = server.received.count
        host.run(for: .milliseconds(5_100))
        let pings = server.received[before...]
        #expect(pings.count == 10)
        #expect(pings.allSatisfy { $0.contains("Ping") })
        withExtendedLifetime(client) {}
    }

    @Test("a server that knows only version 3 gets version 3, when it answers the first handshake and when it closes")
    func olderServers() throws {
        for closes in [false, true] {
            let host = SimHost()
            let server = ScriptedServer(host) { text in
                let id = ScriptedServer.id(text)
                if text.contains("ProtocolVersionMajor") {
                    return closes ? nil : ["[{\"Error\":{\"Id\":\(id),\"ErrorCode\":1,\"ErrorMessage\":\"MessageVersion is missing\"}}]"]
                }
                if text.contains("RequestServerInfo") {
                    return ["[{\"ServerInfo\":{\"Id\":\(id),\"ServerName\":\"old\",\"MessageVersion\":3,\"MaxPingTime\":0}}]"]
                }
                return ["[{\"DeviceList\":{\"Id\":\(id),\"Devices\":[]}}]"]
            }
            let world = SimWorld(host)
            let version = try run(host, world) {
                await (try ButtplugClient.connect(via: .embedded(server), name: "test", on: .sim(world))).version
            }
            #expect(version == 3)
        }
    }

    @Test("a server older than version 3 is refused, with a reason")
    func tooOld() throws {
        let host = SimHost()
        let server = ScriptedServer(host) { text in
            let id = ScriptedServer.id(text)
            return ["[{\"ServerInfo\":{\"Id\":\(id),\"ServerName\":\"old\",\"MessageVersion\":2,\"MaxPingTime\":0}}]"]
        }
        let world = SimWorld(host)
        let error = try run(host, world) {
            await failure { () throws(ClientError) in
                _ = try await ButtplugClient.connect(via: .embedded(server), name: "test", on: .sim(world))
            }
        }
        guard case .handshake(let complaint) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(complaint.text.contains("version 2"))
    }

    @Test("a server that never answers the handshake is given up in time, and the next route is tried")
    func silence() throws {
        let host = SimHost()
        let mute = ScriptedServer(host) { _ in [] }
        let server = ScriptedServer(host) { ScriptedServer.greeting($0) }
        let world = SimWorld(host)
        let outcome = try run(host, world) {
            let error = await failure { () throws(ClientError) in
                _ = try await ButtplugClient.connect(via: .embedded(mute), name: "test", on: .sim(world))
            }
            let route = Route.firstAvailable([.webSocket("http://nowhere"), .embedded(mute), .embedded(server)])
            let client = try await ButtplugClient.connect(via: route, name: "test", on: .sim(world))
            return (error, await client.serverName)
        }
        #expect(outcome.0 == .connector(.timedOut))
        #expect(outcome.1 == "script")
        #expect(mute.connections == 2)
    }

    @Test("a lost connection fails every waiting call, and stays lost without reconnection")
    func loss() throws {
        let host = SimHost()
        let server = ScriptedServer(host) { text in
            ScriptedServer.greeting(text, list: Self.device) { _, _ in nil }
        }
        let world = SimWorld(host)
        let seen = try run(host, world) {
            let client = try await ButtplugClient.connect(via: .embedded(server), name: "test", on: .sim(world))
            let events = await client.makeEventStream()
            let plug = try #require(await client.devices.first)
            let error = await failure { () throws(ClientError) in try await plug.vibrate(0.5) }
            var reason: CloseReason?
            for await event in events { if case .disconnected(let why) = event { reason = why } }
            return (error, reason)
        }
        #expect(seen.0 == .connector(.closed(.kicked)))
        #expect(seen.1 == .kicked)
        host.run(for: .seconds(60))
        #expect(server.connections == 1)
    }

    @Test("with reconnection the client connects again by itself, and sends no command")
    func reconnection() throws {
        let host = SimHost()
        let server = ScriptedServer(host) { text in
            ScriptedServer.greeting(text, list: Self.device) { _, id in ["[{\"Ok\":{\"Id\":\(id)}}]"] }
        }
        let world = SimWorld(host)
        let seen = try run(host, world) {
            var options = ClientOptions()
            options.reconnection = Reconnection()
            let client = try await ButtplugClient.connect(via: .embedded(server), name: "test", on: .sim(world), options: options)
            let events = await client.makeEventStream()
            try await client.devices[0].vibrate(1.0)
            server.cut()
            var seen: [String] = []
            for await event in events {
                switch event {
                case .deviceAdded: seen.append("added")
                case .deviceRemoved: seen.append("removed")
                case .disconnected(let reason): seen.append(reason.rawValue)
                case .reconnected: seen.append("reconnected")
                case .deviceList(let list): seen.append("list of \(list.count)")
                default: seen.append("else")
                }
                if seen.count == 6 { break }
            }
            await client.disconnect()
            return seen
        }
        #expect(seen == ["removed", "list of 0", "kicked", "reconnected", "added", "list of 1"])
        #expect(server.connections == 2)
        #expect(server.received.filter { $0.contains("OutputCmd") }.count == 1)
    }

    /// Runs a task in virtual time, for a minute at most.
    private func run<Result: Sendable>(
        _ host: SimHost, _ world: SimWorld, _ body: @escaping @Sendable () async throws -> Result
    ) throws -> Result {
        let outcome = Outcome<Result>()
        world.run {
            do { outcome.set(.success(try await body())) } catch { outcome.set(.failure(error)) }
        }
        let end = host.now + .seconds(60)
        while outcome.get() == nil, host.turn(notAfter: end) {}
        return try #require(outcome.get(), "the task did not end").get()
    }
}

/// Something a script remembers. Everything is on one thread.
private final class Held: @unchecked Sendable {
    var ids: [Int]
    init(ids: [Int] = []) { self.ids = ids }
}
