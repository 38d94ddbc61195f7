// Taking leave, and what happens to outputs then.
// Must not know more than a server's address, the first argument.

import ButtplugClient
import UVHost

let url = CommandLine.arguments.dropFirst().first ?? "ws://127.0.0.1:12345"
let client = try await ButtplugClient.connect(via: .webSocket(url), name: "Disconnecting", on: .uv)
let events = await client.makeEventStream()

for device in await client.devices where !device.features(.vibrate).isEmpty { try await device.vibrate(0.2) }

// Says Disconnect and waits for the server, a second at most. The server stops what this client has started.
await client.disconnect()

// What was not read yet can still be read; then the events end.
for await event in events {
    switch event {
    case .deviceRemoved(let device): print("no longer there for us: \(device)")
    case .disconnected(let reason): print("disconnected: \(reason)")
    default: break
    }
}
print("the events have ended")
