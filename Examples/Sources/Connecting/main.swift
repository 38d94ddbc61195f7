// Connecting, and what the client learns from the handshake.
// Must not know more than a server's address, the first argument.

import ButtplugClient

let url = CommandLine.arguments.dropFirst().first ?? "ws://127.0.0.1:12345"

var options = ClientOptions()
options.connectTimeout = .seconds(5)
// Off by default. Outputs are never restored: after a reconnection everything is at rest.
options.reconnection = Reconnection()

let client = try await ButtplugClient.connect(via: .webSocket(url), name: "Connecting", options: options)
print("server \(await client.serverName)")
print("spec v\(await client.version)")
if let time = await client.maxPingTime {
    print("the server wants a ping within \(time); the client sends one at half that time")
} else {
    print("the server wants no pings")
}
print("connected: \(await client.isConnected)")
await client.disconnect()
print("connected: \(await client.isConnected)")
