// A client and an embedded server in one process, in virtual time: everything that an application does, from connecting to disconnecting.
// Must not know the messages.

import Buttplug
import ButtplugClient
import ButtplugServer
import Devices
import Host
import Router
import SimHost
import Testing

@Suite("A client with an embedded server")
struct EmbeddedTests {
    @Test("connects, and knows the server's name, version and devices")
    func connects() throws {
        let world = try ClientTestWorld("rabbit,stroker")
        let facts = try world.run { [world = world.world, server = world.server] in
            let client = try await ButtplugClient.connect(via: .embedded(server), name: "test", on: .sim(world))
            return await (client.serverName, client.version, client.isConnected, client.maxPingTime, client.devices.map(\.name))
        }
        let (server, version, isConnected, ping, devices) = try #require(facts)
        #expect(server == "Plugboard")
        #expect(version == 4)
        #expect(isConnected)
        #expect(ping == nil)
        #expect(devices == ["Simulated Rabbit", "Simulated Stroker"])
    }

    @Test("drives every feature that has the output, in the feature's own steps")
    func drives() throws {
        let world = try ClientTestWorld("rabbit,stroker")
        let answers = try world.run { [world = world.world, server = world.server] in
            let client = try await ButtplugClient.connect(via: .embedded(server), name: "test", on: .sim(world))
            let devices = await client.devices
            let rabbit = try #require(devices.first)
            let stroker = try #require(devices.last)
            try await rabbit.vibrate(0.51)
            try await rabbit.rotate(-0.5)
            try await rabbit.features(.vibrate)[0].vibrate(.steps(20))
            try await stroker.move(to: 0.5, over: .milliseconds(300))
            try await stroker.position(1.0)
            try await client.run([rabbit.features(.vibrate)[0].command(.vibrate(0.1)), rabbit.features(.rotate)[0].command(.rotate(1.0))])
            try await rabbit.features[0].stop()
            try await rabbit.stop()
            try await client.stopAll()
            return true
        }
        #expect(answers == true)
    }

    @Test("refuses what is out of range, or not there, before anything is sent")
    func refuses() throws {
        let world = try ClientTestWorld("rabbit,stroker")
        let errors = try world.run { [world = world.world, server = world.server] in
            let client = try await ButtplugClient.connect(via: .embedded(server), name: "test", on: .sim(world))
            let rabbit = try #require(await client.devices.first)
            let stroker = try #require(await client.devices.last)
            var errors: [ClientError?] = []
            errors.append(await failure { () throws(ClientError) in try await rabbit.vibrate(1.5) })
            errors.append(await failure { () throws(ClientError) in try await rabbit.vibrate(-0.5) })
            errors.append(await failure { () throws(ClientError) in try await rabbit.vibrate(.steps(21)) })
            errors.append(await failure { () throws(ClientError) in try await rabbit.vibrate(.fraction(.nan)) })
            errors.append(await failure { () throws(ClientError) in try await stroker.move(to: 0.5, over: .seconds(101)) })
            errors.append(await failure { () throws(ClientError) in try await stroker.vibrate(0.5) })
            errors.append(await failure { () throws(ClientError) in _ = try await stroker.read(.battery) })
            return errors
        }
        let kinds = try #require(errors).map { error in
            switch error {
            case .outOfRange: "range"
            case .unsupported: "unsupported"
            default: "\(String(describing: error))"
            }
        }
        #expect(kinds == ["range", "range", "range", "range", "range", "unsupported", "unsupported"])
    }

    @Test("reads a sensor, and gets readings of a subscribed one until the sequence is released")
    func senses() throws {
        let world = try ClientTestWorld("kegel,rabbit")
        let seen = try world.run { [world = world.world, server = world.server] in
            let client = try await ButtplugClient.connect(via: .embedded(server), name: "test", on: .sim(world))
            let kegel = try #require(await client.devices.first)
            let charge = try await kegel.battery()
            var readings: [Reading] = []
            for await reading in try await kegel.subscribe(.pressure) {
                readings.append(reading)
                if readings.count == 3 { break }
            }
            return (charge, readings)
        }
        let (charge, readings) = try #require(seen)
        #expect(charge > 0.9 && charge <= 1)
        #expect(readings.count == 3)
        #expect(readings.map(\.type) == [.pressure, .pressure, .pressure])
    }

    @Test("gets the devices that a scan finds, and the scan goes on until it is stopped")
    func scans() throws {
        let world = try ClientTestWorld("plug") { $0.deviceOptions.presentAtStart = false }
        let seen = try world.run { [world = world.world, server = world.server] in
            let client = try await ButtplugClient.connect(via: .embedded(server), name: "test", on: .sim(world))
            let events = await client.makeEventStream()
            let before = await client.devices.count
            try await client.startScanning()
            var seen: [String] = []
            for await event in events {
                switch event {
                case .deviceAdded(let device): seen.append("added \(device)")
                case .deviceList(let list): seen.append("list of \(list.count)")
                default: seen.append("\(event)")
                }
                if case .deviceList = event { break }
            }
            try await client.stopScanning()
            return (before, seen)
        }
        let (before, events) = try #require(seen)
        #expect(before == 0)
        #expect(events == ["added Simulated Plug", "list of 1"])
    }

    @Test("scans for a given time, and a cancelled scan ends at the server too")
    func scansForAWhile() throws {
        let world = try ClientTestWorld("plug") { $0.deviceOptions.presentAtStart = false }
        let seen = try world.run { [world = world.world, server = world.server] in
            let client = try await ButtplugClient.connect(via: .embedded(server), name: "test", on: .sim(world))
            let found = try await client.scan(for: .seconds(2)).map(\.name)
            let wasCancelled = await withTaskGroup(of: Bool.self) { group in
                group.addTask {
                    do throws(ClientError) { _ = try await client.scan(for: .seconds(1_000)) } catch { return error == .cancelled }
                    return false
                }
                group.addTask {
                    _ = try? await client.refreshDevices()
                    return true
                }
                // The second task is done when the first one waits.
                _ = await group.next()
                group.cancelAll()
                return await group.next() ?? false
            }
            // The request for the end was sent before this one, so it has been carried out when this is answered.
            try await client.refreshDevices()
            let isScanning = await server.with { $0.snapshot.isScanning } ?? true
            return (found, wasCancelled, isScanning)
        }
        let (found, wasCancelled, isScanning) = try #require(seen)
        #expect(found == ["Simulated Plug"])
        #expect(wasCancelled)
        #expect(!isScanning)
    }

    @Test("disconnects: events end with the reason, and later calls throw")
    func leaves() throws {
        let world = try ClientTestWorld("plug")
        let seen = try world.run { [world = world.world, server = world.server] in
            let client = try await ButtplugClient.connect(via: .embedded(server), name: "test", on: .sim(world))
            let plug = try #require(await client.devices.first)
            let events = await client.makeEventStream()
            try await plug.vibrate(0.5)
            await client.disconnect()
            var seen: [String] = []
            for await event in events {
                switch event {
                case .deviceRemoved(let device): seen.append("removed \(device)")
                case .deviceList(let list): seen.append("list of \(list.count)")
                case .disconnected(let reason): seen.append(reason.rawValue)
                default: seen.append("\(event)")
                }
            }
            return (seen, await failure { () throws(ClientError) in try await plug.vibrate(0.5) }, await client.devices.count)
        }
        let (events, error, devices) = try #require(seen)
        #expect(events == ["removed Simulated Plug", "list of 0", "client_disconnected"])
        #expect(error == .connector(.closed(.clientDisconnected)))
        #expect(devices == 0)
        #expect(world.host.complaints.isEmpty)
    }

    @Test("a server that has ended refuses, and the error says so")
    func ended() throws {
        let world = try ClientTestWorld("plug")
        let error = try world.run { [world = world.world, server = world.server] in
            await server.shutDown()
            return await failure { () throws(ClientError) in
                _ = try await ButtplugClient.connect(via: .embedded(server), name: "test", on: .sim(world))
            }
        }
        #expect(error == .connector(.refused))
    }

    @Test("an application is asked about a client whose rule asks, and lets it in or not; the questions end with the server")
    func consent() throws {
        let world = try ClientTestWorld("plug") { $0.router.rules.fallback.admit = .ask }
        let outcome = try world.run { [world = world.world, server = world.server] in
            async let names = Self.answer(server.consents(), server)
            let friend = try await ButtplugClient.connect(via: .embedded(server), name: "friend", on: .sim(world))
            let devices = await friend.devices.count
            let refusal = await failure { () throws(ClientError) in
                _ = try await ButtplugClient.connect(via: .embedded(server), name: "stranger", on: .sim(world))
            }
            await server.shutDown()
            return await (devices, refusal, names)
        }
        let (devices, refusal, names) = try #require(outcome)
        #expect(devices == 1)
        #expect(refusal != nil)
        #expect(names == ["friend", "stranger"])
    }

    /// Lets in who is called "friend". The names of all who asked.
    private static func answer(_ asked: AsyncStream<ConsentSnapshot>, _ server: EmbeddedServer) async -> [String] {
        var names: [String] = []
        for await client in asked {
            names.append(client.client)
            let isAnswered = await server.answer(client.id, ConsentAnswer(isGiven: client.client == "friend"))
            #expect(isAnswered)
        }
        return names
    }

    @Test("an application's own device is driven and read through its driver, and stopped when its client is released")
    func ownDevice() throws {
        let host = SimHost()
        let world = SimWorld(host)
        let lamp = Lamp()
        nonisolated(unsafe) let driver = lamp
        let server = EmbeddedServer(on: world) { [driver] }
        let done = Outcome<[Int32]>()
        world.run {
            do {
                let client = try await ButtplugClient.connect(via: .embedded(server), name: "test", on: .sim(world))
                let device = try #require(await client.devices.first)
                try await device.led(0.5)
                done.set(.success(try await device.read(.button)))
            } catch { done.set(.failure(error)) }
        }
        host.run(for: .seconds(1))
        #expect(try done.get()?.get() == [1])
        #expect(lamp.brightness == [0, 5, 0])
    }
}

/// The error of a call that must fail.
func failure(_ body: () async throws(ClientError) -> Void) async -> ClientError? {
    do throws(ClientError) {
        try await body()
        return nil
    } catch { return error }
}

/// A lamp with a switch.
private final class Lamp: DeviceDriver {
    private(set) var brightness: [Int32] = []
    let device = DeviceDescription(
        identity: "test:lamp", name: "Lamp",
        features: [
            Feature(index: 0, description: "Lamp", outputs: [OutputRange(.led, steps: 10)]),
            Feature(index: 1, description: "Switch", inputs: [InputRange(.button, ranges: [0...1], canRead: true)]),
        ])

    func write(_ write: OutputWrite, answer: @escaping @Sendable (WriteOutcome) -> Void) {
        brightness.append(write.value)
        answer(.done)
    }

    func read(_ input: InputType, feature: UInt32) -> [Int32]? { [1] }
}
