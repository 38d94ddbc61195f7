// Satisfyer: each motor's value four times, and again every three seconds, for the device stops by itself.
// Must not know models.

import Buttplug
import Host

struct Satisfyer: DeviceProtocol {
    private let makers: [MakerData]
    private let canRead: Bool
    private var motors = 1
    private var isReady = false

    init(_ setup: DeviceSetup) {
        makers = setup.makers
        canRead = setup.endpoints.contains(.rxblemodel)
    }

    var keepAlive: KeepAlive { .again(.seconds(3)) }

    mutating func begin(into out: inout DeviceOutput) -> Opening {
        if let first = makers.first(where: { $0.company == 0x005D }) { return .model(Self.number(first.data)) }
        guard canRead else { return .model(nil) }
        out.read(.rxblemodel)
        return .wait(.seconds(2))
    }

    mutating func received(_ bytes: RawSpan, from endpoint: DeviceEndpoint, into out: inout DeviceOutput) -> Opening? {
        guard endpoint == .rxblemodel, !isReady else { return nil }
        return .model(Self.number(ASCII.bytes(bytes, upTo: 5)))
    }

    /// Four bytes, the high one first, in decimal digits.
    private static func number(_ data: [UInt8]) -> String {
        guard data.count == 4 else { return "0" }
        return String(data.reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
    }

    mutating func waited(into out: inout DeviceOutput) -> Opening { .model(nil) }

    mutating func adopt(_ model: Model, into out: inout DeviceOutput) -> Opening {
        motors = model.outputs.count
        isReady = true
        out.write([0x01], .command, .confirmed)
        return .ready
    }

    mutating func encode(_ state: borrowing OutputState, into out: inout DeviceOutput) {
        for slot in 0..<motors { for _ in 0..<4 { out.byte(state.values[slot]) } }
        out.end()
    }
}
