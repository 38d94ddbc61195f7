// The ways to a server: outside the application, inside it, and the first of several that works.
// Must not know more than a server's address, the first argument.

import ButtplugClient
import ButtplugServer
import Devices

let url = CommandLine.arguments.dropFirst().first ?? "ws://127.0.0.1:12345"

// A server inside the application: its devices, its arbitration, no sockets.
var configuration = ServerConfiguration()
configuration.router.serverName = "Inside"
configuration.devices = try SimulatedDeviceSpec.list("plug")
let server = EmbeddedServer(configuration, on: .uv)

let routes: [(String, Route)] = [
    ("outside", .webSocket(url)),
    ("inside", .embedded(server)),
    ("both, with a server outside", .firstAvailable([.webSocket(url), .embedded(server)])),
    ("both, with none outside", .firstAvailable([.webSocket("ws://127.0.0.1:1"), .unix("/nowhere.sock"), .embedded(server)])),
]
for (words, route) in routes {
    let client = try await ButtplugClient.connect(via: route, name: "Connectors")
    print("\(words): connected to \(await client.serverName)")
    await client.disconnect()
}
await server.shutDown()
