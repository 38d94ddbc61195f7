// Clients and a server on real sockets: WebSocket, Unix, a server that dials out, and the errors of wrong addresses.
// Must not know the messages.

import ButtplugClient
import ButtplugServer
import Devices
import Host
import Testing
import UV
import UVHost

@Suite("A client over real sockets")
struct LoopbackTests {
    private static func serve(_ devices: String = "rabbit") async throws -> (EmbeddedServer, UInt16) {
        var configuration = ServerConfiguration()
        configuration.devices = try SimulatedDeviceSpec.list(devices)
        configuration.deviceOptions.presentAtStart = true
        let server = EmbeddedServer(configuration, on: .uv)
        return (server, try await server.listen(port: 0))
    }

    @Test("drives a device through a WebSocket, and disconnects within a second")
    func webSocket() async throws {
        let (server, port) = try await Self.serve()
        let client = try await ButtplugClient.connect(via: .webSocket("ws://127.0.0.1:\(port)"), name: "test", on: .uv)
        let rabbit = try #require(await client.devices.first)
        for step in 0...20 { try await rabbit.vibrate(.steps(step)) }
        #expect(try await rabbit.battery() > 0.5)
        let clock = ContinuousClock()
        let span = await clock.measure { await client.disconnect() }
        #expect(span < .seconds(1.5))
        #expect(await client.isConnected == false)
        await server.shutDown()
    }

    @Test("each of many simultaneous calls gets its own answer")
    func manyTasks() async throws {
        let (server, port) = try await Self.serve("rabbit*8")
        let client = try await ButtplugClient.connect(via: .webSocket("ws://127.0.0.1:\(port)"), name: "test", on: .uv)
        let devices = await client.devices
        let refusals = try await withThrowingTaskGroup(of: Int.self) { group in
            for device in devices {
                group.addTask {
                    for step in 0..<50 { try await device.vibrate(.steps(step % 20)) }
                    return await failure { () throws(ClientError) in try await device.vibrate(2.0) } == nil ? 0 : 1
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(refusals == 8)
        await client.disconnect()
        await server.shutDown()
    }

    @Test("an address without a listener is refused; a text that is not an address has another error")
    func wrongAddresses() async throws {
        let (server, port) = try await Self.serve()
        await server.shutDown()
        let refused = await failure { () throws(ClientError) in
            _ = try await ButtplugClient.connect(via: .webSocket("ws://127.0.0.1:\(port)"), name: "test", on: .uv)
        }
        #expect(refused == .connector(.refused))
        let bad = await failure { () throws(ClientError) in
            _ = try await ButtplugClient.connect(via: .webSocket("localhost:12345"), name: "test", on: .uv)
        }
        #expect(bad == .connector(.badURL("localhost:12345")))
    }

    @Test("over wss the file of authorities is read, and a server without TLS is an error that says so")
    func insecure() async throws {
        let (server, port) = try await Self.serve()
        let plain = await failure { () throws(ClientError) in
            _ = try await ButtplugClient.connect(via: .webSocket("wss://127.0.0.1:\(port)"), name: "test", on: .uv)
        }
        guard case .connector(.insecure(let text))? = plain, text.contains("does it know TLS") else {
            Issue.record("\(String(describing: plain))")
            return
        }
        var options = ClientOptions()
        options.authorities = "/none.pem"
        let missing = await failure { () throws(ClientError) in
            _ = try await ButtplugClient.connect(via: .webSocket("wss://127.0.0.1:\(port)"), name: "test", on: .uv, options: options)
        }
        #expect(missing == .connector(.insecure("/none.pem: cannot be read: No such file or directory")))
        await server.shutDown()
    }

    @Test("of two routes the embedded server is used when no outside server answers")
    func firstAvailable() async throws {
        let (server, port) = try await Self.serve()
        let (gone, closedPort) = try await Self.serve()
        await gone.shutDown()
        let inside = try await ButtplugClient.connect(
            via: .firstAvailable([.webSocket("ws://127.0.0.1:\(closedPort)"), .embedded(server)]), name: "test", on: .uv)
        #expect(await inside.devices.count == 1)
        await inside.disconnect()
        let outside = try await ButtplugClient.connect(
            via: .firstAvailable([.webSocket("ws://127.0.0.1:\(port)"), .embedded(server)]), name: "test", on: .uv)
        #expect(await outside.devices.count == 1)
        await outside.disconnect()
        await server.shutDown()
    }

    @Test("a server that dials out works like any other")
    func accepts() async throws {
        let (server, _) = try await Self.serve()
        let route = Route.accept(port: 0) { port in UVWorld.shared.post { Outward.dial(server, port) } }
        let client = try await ButtplugClient.connect(via: route, name: "test", on: .uv)
        #expect(await client.devices.map(\.name) == ["Simulated Rabbit"])
        await client.disconnect()
        await server.shutDown()
    }

    @Test("a port that is taken is an error, and the text says what uses it")
    func takenPort() async throws {
        let (server, port) = try await Self.serve()
        let failure = await failure { () throws(ClientError) in
            _ = try await ButtplugClient.connect(via: .accept(port: port), name: "test", on: .uv)
        }
        guard case .connector(.unsupported(let text)) = failure else { throw Unexpected("\(String(describing: failure))") }
        #expect(text.contains("127.0.0.1:\(port) is in use"))
        await server.shutDown()
    }

    @Test("a Unix socket and the host's own loop both reach a server on a host that the application runs itself")
    func unixOnASharedHost() async throws {
        let path = "/tmp/plugboard-test-\(UInt64.random(in: 0...UInt64.max)).sock"
        let host = try UVHost()
        var configuration = ServerConfiguration()
        configuration.devices = try SimulatedDeviceSpec.list("rabbit")
        configuration.deviceOptions.presentAtStart = true
        let server = ButtplugServer(configuration, on: host)
        _ = try host.listen(on: "unix://\(path)", owner: server.owner)
        let world = UVWorld.uv(sharing: host)
        // The test's task waits elsewhere while the application's thread runs the host.
        nonisolated(unsafe) let application = host
        try BackgroundThread.start { application.run() }
        for world in [UVWorld.uv, world] {
            let client = try await ButtplugClient.connect(via: .unix(path), name: "test", on: world)
            let rabbit = try #require(await client.devices.first)
            try await rabbit.vibrate(0.5)
            await client.disconnect()
        }
        nonisolated(unsafe) let ending = server
        await withCheckedContinuation { continuation in
            world.post {
                ending.shutDown {
                    continuation.resume()
                    application.stop(within: .seconds(1))
                }
            }
        }
    }

    @Test("a call that waits on the loop's thread can be cancelled from another thread")
    func cancelledConnect() async throws {
        let task = Task {
            await failure { () throws(ClientError) in
                _ = try await ButtplugClient.connect(via: .accept(port: 0), name: "test", on: .uv)
            }
        }
        task.cancel()
        #expect(await task.value == .cancelled)
    }
}

/// A result is not as it must be.
private struct Unexpected: Error {
    let what: String
    init(_ what: String) { self.what = what }
}

/// A server that opens the connection itself: passes everything to the embedded one.
private final class Outward: DialOwner {
    private let server: any LinkOwner

    private init(_ server: any LinkOwner) { self.server = server }

    static func dial(_ server: EmbeddedServer, _ port: UInt16) {
        guard let owner = server.owner(in: UVWorld.shared) else { return }
        let outward = Outward(owner)
        UVWorld.shared.host.dial(.webSocket(host: "127.0.0.1", port: port, path: "/"), timeout: .seconds(5), for: outward)
    }

    func dialFailed(_ failure: DialFailure, at now: Instant) { Issue.record("the dial failed: \(failure)") }
    func refusal(of peer: Peer) -> CloseReason? { nil }
    func opened(_ link: any Link, from peer: Peer, at now: Instant) -> LinkID { server.opened(link, from: peer, at: now) }
    func received(_ text: RawSpan, from id: LinkID, at now: Instant) { server.received(text, from: id, at: now) }
    func congested(_ id: LinkID) { server.congested(id) }
    func drained(_ id: LinkID, at now: Instant) { server.drained(id, at: now) }
    func closed(_ id: LinkID, _ reason: CloseReason, at now: Instant) { server.closed(id, reason, at: now) }
}
