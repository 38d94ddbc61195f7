import ButtplugClient

// Connects to ws://127.0.0.1:12345. At the end it disconnects, also after an error: then everything stops.
try await ButtplugClient.withServer("My app") { client in
    // Looks for devices for two seconds.
    for device in try await client.scan(for: .seconds(2)) {
        print("\(device.index): \(device.name)")
        // Half of the range, for everything that vibrates.
        for feature in device.features(.vibrate) { try await feature.vibrate(0.5) }
    }
    print("Press Return to stop.")
    _ = readLine()
}
