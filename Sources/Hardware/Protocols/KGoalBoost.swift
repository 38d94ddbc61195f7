// KGoal Boost: a device that only measures. It says both pressures in one packet, each time that one has changed.
// Must not know models.

import Buttplug
import Host

struct KGoalBoost: DeviceProtocol {
    /// Said last; nil before the first time.
    private var last: [Int32?] = [nil, nil]

    init(_ setup: DeviceSetup) {}

    mutating func adopt(_ model: Model, into out: inout DeviceOutput) -> Opening {
        out.subscribe(.rxpressure)
        return .ready
    }

    /// Three bytes that are always the same, then two numbers of two bytes: the one that the device has scaled, and the one that it measured.
    mutating func received(_ bytes: RawSpan, from endpoint: DeviceEndpoint, into out: inout DeviceOutput) -> Opening? {
        guard endpoint == .rxpressure, bytes.byteCount >= 7 else { return nil }
        let said = ASCII.bytes(bytes, upTo: 7)
        for place in 0..<2 {
            let value = Int32(said[3 + 2 * place]) << 8 | Int32(said[4 + 2 * place])
            if last[place] != value { out.reading(.pressure, value, of: place) }
            last[place] = value
        }
        return nil
    }

    mutating func encode(_ state: borrowing OutputState, into out: inout DeviceOutput) {}
}
