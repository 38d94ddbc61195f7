// Reading a sensor once, and listening to one.
// Must not know more than a server's address, the first argument.

import ButtplugClient

let url = CommandLine.arguments.dropFirst().first ?? "ws://127.0.0.1:12345"
let client = try await ButtplugClient.connect(via: .webSocket(url), name: "Sensing")

for device in await client.devices where !device.features(.battery).isEmpty {
    let charge = try await device.battery()
    print("\(device): \(charge > 0.9 ? "full" : "\(Int(charge * 100)) %")")
}

for device in await client.devices where !device.features(.pressure).isEmpty {
    var count = 0
    for await reading in try await device.subscribe(.pressure) {
        count += 1
        print("\(device): reading \(count) of \(reading.type)")
        if count == 3 { break }
    }
    // The sequence is released here, so the client unsubscribes the sensor.
}
await client.disconnect()
