// Driving devices: by fraction, by step, with a direction, to a position, several at once; and stopping.
// Must not know more than a server's address, the first argument.

import ButtplugClient

let url = CommandLine.arguments.dropFirst().first ?? "ws://127.0.0.1:12345"
let client = try await ButtplugClient.connect(via: .webSocket(url), name: "Control")

for device in await client.devices {
    // A device: every feature that has such an output.
    if !device.features(.vibrate).isEmpty {
        try await device.vibrate(0.5)
        print("\(device) vibrates at half its power")
    }
    // A feature: only that one, here by its own steps.
    for feature in device.features(.vibrate) {
        try await feature.vibrate(.steps(3))
        print("\(feature) vibrates at step 3 of \(feature.range(.vibrate)?.steps ?? 0)")
    }
    for feature in device.features(.rotate) {
        try await feature.rotate(feature.range(.rotate)?.isSigned == true ? -0.25 : 0.25)
        print("\(feature) rotates")
    }
    if !device.features(.hwPositionWithDuration).isEmpty {
        try await device.move(to: 0.8, over: .milliseconds(300))
        print("\(device) moves to 80 % within 300 ms")
    }
}

// Several features at once: all are checked before any is sent.
let motors = await client.devices.flatMap { $0.features(.vibrate) }
try await client.run(motors.map { $0.command(.vibrate(0.1)) })
print("\(motors.count) motors vibrate a little")

try await motors.first?.stop()
try await client.devices.first?.stop()
try await client.stopAll()
print("everything is at rest")
await client.disconnect()
