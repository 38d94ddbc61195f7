import ButtplugClient

try await ButtplugClient.withServer("My app") { client in
    for device in try await client.scan(for: .seconds(2)) {
        for feature in device.features(.vibrate) { try await feature.vibrate(0.5) }
    }
}
