// Clients and a server on real sockets: WebSocket, Unix, a server that dials out, and what a wrong address says.
// Must not know the messages.

import ButtplugClient
import ButtplugServer
import Devices
import Host
import Testing
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

    @Test("drives a device through a WebSocket, and takes leave within a second")
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

    @Test("calls of many tasks at once each get their own answer")
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

    @Test("an address where nobody listens is refused; one that is no address is told apart")
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

    @Test("first outside, then inside: with nobody outside the embedded server is taken")
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

    @Test("a call that waits on the loop's thread can be cancelled from elsewhere")
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
