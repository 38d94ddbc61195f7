// What the client logs. With `tracesWire` it also logs the messages themselves.
// Must not know more than a server's address, the first argument.

import ButtplugClient
import Logging

let url = CommandLine.arguments.dropFirst().first ?? "ws://127.0.0.1:12345"

/// Lines without a time, so that two runs print the same.
struct Lines: LogHandler {
    var logLevel = Logger.Level.trace
    var metadata = Logger.Metadata()

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let facts = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        print("\(event.level) \(event.message)\(facts)")
    }
}

var options = ClientOptions()
options.logger = Logger(label: "app") { _ in Lines() }
// The messages show what people do with their devices. Log them only to look for a fault.
options.tracesWire = true

let client = try await ButtplugClient.connect(via: .webSocket(url), name: "Logging", options: options)
try await client.stopAll()
await client.disconnect()
