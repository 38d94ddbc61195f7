// Every way a call can fail, and what its error tells.
// Must not know more than a server's address, the first argument.

import Buttplug
import ButtplugClient
import ButtplugServer
import UVHost

let url = CommandLine.arguments.dropFirst().first ?? "ws://127.0.0.1:12345"

/// A device that does nothing but rest.
final class Stubborn: DeviceDriver {
    let device = DeviceDescription(
        identity: "example:stubborn:1", name: "Stubborn", features: [Feature(index: 0, outputs: [OutputRange(.vibrate, steps: 10)])])
    func write(_ write: OutputWrite, answer: @escaping @Sendable (WriteOutcome) -> Void) { answer(write.value == 0 ? .done : .refused) }
}

func attempt(_ what: String, _ body: () async throws(ClientError) -> Void) async {
    do throws(ClientError) {
        try await body()
        print("\(what): it worked")
    } catch {
        // The server's own words, untouched, when the error is the server's.
        if let complaint = error.complaint { print("\(what): request \(complaint.id), code \(complaint.code): \(complaint.text)") }
        switch error {
        case .handshake, .message, .device, .ping, .unknown: print("\(what): the server refuses. What to do: \(error.advice)")
        case .connector(let reason): print("\(what): \(reason). What to do: \(reason.advice)")
        case .outOfRange, .unsupported: print("\(what): \(error). Nothing was sent.")
        case .timedOut, .cancelled: print("\(what): \(error). It may have been done all the same.")
        }
    }
}

await attempt("nobody there") { () throws(ClientError) in
    _ = try await ButtplugClient.connect(via: .webSocket("ws://127.0.0.1:1"), name: "Errors", on: .uv)
}
await attempt("bad address") { () throws(ClientError) in
    _ = try await ButtplugClient.connect(via: .webSocket("localhost"), name: "Errors", on: .uv)
}

let server = EmbeddedServer(on: .uv) { [Stubborn()] }
let inside = try await ButtplugClient.connect(via: .embedded(server), name: "Errors", on: .uv)
for device in await inside.devices {
    await attempt("a stubborn device") { () throws(ClientError) in try await device.vibrate(0.5) }
}
await inside.disconnect()
await server.shutDown()

let client = try await ButtplugClient.connect(via: .webSocket(url), name: "Errors", on: .uv)
for device in await client.devices.prefix(1) {
    await attempt("too much") { () throws(ClientError) in try await device.vibrate(1.5) }
    await attempt("no such output") { () throws(ClientError) in try await device.temperature(0.5) }
    await client.disconnect()
    await attempt("after the end") { () throws(ClientError) in try await device.vibrate(0.5) }
}
