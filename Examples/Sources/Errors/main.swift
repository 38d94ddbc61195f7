// Every way a call can fail, and what its error says.
// Must not know more than a server's address, the first argument.

import Buttplug
import ButtplugClient
import ButtplugServer

let url = CommandLine.arguments.dropFirst().first ?? "ws://127.0.0.1:12345"

/// A device that refuses every value but zero.
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
        // The server's own text, unchanged, when the error comes from the server.
        if let complaint = error.complaint { print("\(what): request \(complaint.id), code \(complaint.code): \(complaint.text)") }
        switch error {
        case .handshake, .message, .device, .ping, .unknown: print("\(what): the server refuses. What to do: \(error.advice)")
        case .connector(let reason): print("\(what): \(reason). What to do: \(reason.advice)")
        case .outOfRange, .unsupported: print("\(what): \(error). Nothing was sent.")
        case .timedOut, .cancelled: print("\(what): \(error). The server may still have done it.")
        }
    }
}

await attempt("no server there") { () throws(ClientError) in
    _ = try await ButtplugClient.connect(via: .webSocket("ws://127.0.0.1:1"), name: "Errors")
}
await attempt("bad address") { () throws(ClientError) in
    _ = try await ButtplugClient.connect(via: .webSocket("localhost"), name: "Errors")
}

let server = EmbeddedServer(on: .uv) { [Stubborn()] }
let inside = try await ButtplugClient.connect(via: .embedded(server), name: "Errors")
for device in await inside.devices {
    await attempt("a stubborn device") { () throws(ClientError) in try await device.vibrate(0.5) }
}
await inside.disconnect()
await server.shutDown()

let client = try await ButtplugClient.connect(via: .webSocket(url), name: "Errors")
for device in await client.devices.prefix(1) {
    await attempt("too much") { () throws(ClientError) in try await device.vibrate(1.5) }
    await attempt("no such output") { () throws(ClientError) in try await device.temperature(0.5) }
    await client.disconnect()
    await attempt("after the end") { () throws(ClientError) in try await device.vibrate(0.5) }
}
