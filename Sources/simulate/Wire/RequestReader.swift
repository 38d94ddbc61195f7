// Reads the requests of the product's own asking side, which are not written by the simulation: a library client's, a router's.
// Must not know the router's own JSON reader. Version 4, one message to a frame; of older versions only the handshake.

import Buttplug

/// One request off the wire.
enum RequestReader {
    /// A request and the version it greets in, when it is a handshake. nil when it is none that the product's asking side should write.
    static func read(_ bytes: UnsafeRawBufferPointer) -> (request: SimulatedRequest, version: SpecVersion)? {
        let text = WireText(bytes: bytes)
        guard bytes.count > 8, text.matches("[{\"", at: 0), let name = text.word(at: 2), let id = number(text, "Id") else { return nil }
        guard let kind = kind(name, text) else { return nil }
        let version = text.number("MessageVersion").flatMap { SpecVersion(rawValue: UInt8($0)) } ?? .v4
        return (SimulatedRequest(id: id, kind: kind), version)
    }

    private static func kind(_ name: String, _ text: WireText) -> SimulatedRequest.Kind? {
        switch name {
        case "RequestServerInfo": text.value("ClientName").flatMap { text.word(at: $0) }.map { .handshake(name: $0) }
        case "Ping": .ping
        case "StartScanning": .startScanning
        case "StopScanning": .stopScanning
        case "RequestDeviceList": .deviceList
        case "Disconnect": .disconnect
        case "StopCmd":
            .stop(
                device: number(text, "DeviceIndex"), feature: number(text, "FeatureIndex"), inputs: !isFalse(text, "Inputs"),
                outputs: !isFalse(text, "Outputs"))
        case "OutputCmd": output(text)
        case "InputCmd": input(text)
        default: nil
        }
    }

    private static func number(_ text: WireText, _ key: StaticString) -> UInt32? { text.number(key).flatMap { UInt32(exactly: $0) } }

    private static func isFalse(_ text: WireText, _ key: StaticString) -> Bool {
        text.value(key).map { text.matches("false", at: $0) } ?? false
    }

    private static func output(_ text: WireText) -> SimulatedRequest.Kind? {
        guard let device = number(text, "DeviceIndex"), let feature = number(text, "FeatureIndex"), let command = text.value("Command"),
            let type = text.word(at: command + 1).flatMap({ name in OutputType.allCases.first { "\($0.name)" == name } }),
            let value = text.number("Value").flatMap({ Int32(exactly: $0) })
        else { return nil }
        let part = RequestPart(feature: feature, type: type, value: value, duration: number(text, "Duration") ?? 0)
        return .outputs(device: device, [part], legacyForm: .single)
    }

    private static func input(_ text: WireText) -> SimulatedRequest.Kind? {
        guard let device = number(text, "DeviceIndex"), let feature = number(text, "FeatureIndex"),
            let type = text.value("Type").flatMap({ text.word(at: $0) }).flatMap({ name in InputType.allCases.first { "\($0.name)" == name }
            })
        else { return nil }
        switch text.value("Command").flatMap({ text.word(at: $0) }) {
        case "Read": return .read(device: device, feature: feature, type)
        case "Subscribe": return .subscribe(device: device, feature: feature, type)
        case "Unsubscribe": return .unsubscribe(device: device, feature: feature, type)
        default: return nil
        }
    }
}
