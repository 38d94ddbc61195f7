// A small application: finds devices, checks their batteries, plays a pattern on each, reads from a sensor, and disconnects.
// Uses nothing but the public API of ButtplugClient. The first argument is the server's address.

import ButtplugClient

@main
struct Together {
    static func main() async {
        let url = CommandLine.arguments.dropFirst().first ?? "ws://127.0.0.1:12345"
        do throws(ClientError) {
            let client = try await ButtplugClient.connect(via: .webSocket(url), name: "Together")
            print("connected to \(await client.serverName), spec v\(await client.version)")
            do throws(ClientError) {
                let devices = try await find(client)
                for device in devices { try await play(device) }
                for device in devices { try await listen(to: device) }
            } catch {
                await client.disconnect()
                throw error
            }
            await client.disconnect()
            print("disconnected")
        } catch {
            print("\(error)\n\(error.advice)")
        }
    }

    /// Scans until there are devices, and prints what it finds.
    static func find(_ client: ButtplugClient) async throws(ClientError) -> [Device] {
        let events = await client.makeEventStream()
        try await client.startScanning()
        for await event in events {
            switch event {
            case .deviceAdded(let device): print("found \(device)")
            case .error(let error): throw error
            case .disconnected(let reason): throw .connector(.closed(reason))
            case .deviceList(let devices):
                try await client.stopScanning()
                return devices
            default: break
            }
        }
        return []
    }

    /// Plays a pattern on every output of the device.
    static func play(_ device: Device) async throws(ClientError) {
        if !device.features(.battery).isEmpty, try await device.battery() < 0.1 {
            print("\(device) needs charging")
            return
        }
        for feature in device.features {
            for output in feature.outputs {
                for level in pattern(output) { try await feature.run(level) }
                print("\(feature) played \(output.type)")
            }
        }
        try await device.stop()
    }

    /// A few values for an output; a signed output goes in both directions.
    static func pattern(_ output: OutputRange) -> [Output] {
        let levels: [Level] = output.isSigned ? [0.5, -0.5, 0.0] : [0.2, 0.6, 0.0]
        return levels.map { level in
            switch output.type {
            case .vibrate: .vibrate(level)
            case .rotate: .rotate(level)
            case .oscillate: .oscillate(level)
            case .constrict: .constrict(level)
            case .spray: .spray(level)
            case .temperature: .temperature(level)
            case .led: .led(level)
            case .position: .position(level)
            case .hwPositionWithDuration: .move(to: level, over: .milliseconds(200))
            }
        }
    }

    /// Takes three readings of a pressure sensor, if the device has one.
    static func listen(to device: Device) async throws(ClientError) {
        guard !device.features(.pressure).isEmpty else { return }
        var count = 0
        for await _ in try await device.subscribe(.pressure) {
            count += 1
            if count == 3 { break }
        }
        print("\(device) gave \(count) readings")
    }
}
