// An application with a server of its own and a device of its own: a bar drawn in the terminal.
// Any Buttplug app can drive it while this runs. Here our own client drives it.

import Buttplug
import ButtplugClient
import ButtplugServer

/// A bar whose length is the value of its output.
final class Bar: DeviceDriver {
    let device = DeviceDescription(
        identity: "example:bar:1", name: "Terminal Bar",
        features: [
            Feature(index: 0, description: "Bar", outputs: [OutputRange(.oscillate, steps: 20)]),
            Feature(index: 1, description: "Length", inputs: [InputRange(.position, ranges: [0...20], canRead: true)]),
        ])
    private var length: Int32 = 0

    func write(_ write: OutputWrite, answer: @escaping @Sendable (WriteOutcome) -> Void) {
        length = write.value
        print("[" + String(repeating: "#", count: Int(length)) + String(repeating: " ", count: 20 - Int(length)) + "]")
        answer(.done)
    }

    func read(_ input: InputType, feature: UInt32) -> [Int32]? { [length] }
}

let server = EmbeddedServer(on: .uv) { [Bar()] }
// Other apps can connect too. Apps look for a server at port 12345; port 0 means any free port.
_ = try await server.listen(port: 0)

let client = try await ButtplugClient.connect(via: .embedded(server), name: "Own device")
for device in await client.devices {
    for level: Level in [0.25, 0.5, 1.0] { try await device.oscillate(level) }
    print("\(device) is at \(try await device.read(.position))")
}
await client.disconnect()
await server.shutDown()
