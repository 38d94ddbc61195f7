// Disconnecting, and what happens to outputs then.
// Must not know more than a server's address, the first argument.

import ButtplugClient

let url = CommandLine.arguments.dropFirst().first ?? "ws://127.0.0.1:12345"
let client = try await ButtplugClient.connect(via: .webSocket(url), name: "Disconnecting")
let events = await client.makeEventStream()

for device in await client.devices where !device.features(.vibrate).isEmpty { try await device.vibrate(0.2) }

// Sends Disconnect and waits for the server, one second at most. The server stops what this client has started.
await client.disconnect()

// Events that were not read yet can still be read; then the events end.
for await event in events {
    switch event {
    case .deviceRemoved(let device): print("no longer there for us: \(device)")
    case .disconnected(let reason): print("disconnected: \(reason)")
    default: break
    }
}
print("the events have ended")
