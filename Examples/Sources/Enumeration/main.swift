// Which devices there are, and events about those that come and go.
// Must not know more than a server's address, the first argument.

import ButtplugClient

let url = CommandLine.arguments.dropFirst().first ?? "ws://127.0.0.1:12345"
let client = try await ButtplugClient.connect(via: .webSocket(url), name: "Enumeration")

// Events are kept from here on, so the scan's events are all there.
let events = await client.makeEventStream()
try await client.startScanning()
scan: for await event in events {
    switch event {
    case .deviceAdded(let device): print("added: \(device)")
    case .deviceRemoved(let device): print("removed: \(device)")
    case .deviceList(let devices):
        print("there are \(devices.count) now")
        break scan
    case .error(let error): print("the server says: \(error)")
    case .disconnected(let reason): print("disconnected: \(reason)")
    case .scanningFinished, .reading, .reconnected: break
    }
}
// A scan goes on until it is stopped. An application can let it run, to find devices that are switched on later.
try await client.stopScanning()
for device in await client.devices {
    print("\(device.index) \(device)")
    for feature in device.features {
        for output in feature.outputs { print("  \(feature.label): \(output.type), \(output.isSigned ? "±" : "")\(output.steps) steps") }
        for input in feature.inputs {
            print("  \(feature.label): \(input.type)\(input.canRead ? ", read" : "")\(input.canSubscribe ? ", subscribe" : "")")
        }
    }
}
await client.disconnect()
