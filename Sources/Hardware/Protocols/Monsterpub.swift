// Monsterpub, and what others make with the same board: a riddle at the beginning, then a byte for each motor.
// Must not know models.

import Buttplug
import Host

struct Monsterpub: DeviceProtocol {
    private enum Stage { case model, riddle, ready }

    private let endpoints: EndpointSet
    private let tx: DeviceEndpoint
    private var outputs = 1
    private var stage = Stage.model

    private static let keys = ["2IPO", "LSBB", "SIS6", "TALK"].map { Array($0.utf8) }

    init(_ setup: DeviceSetup) {
        endpoints = setup.endpoints
        tx = endpoints.contains(.txvibrate) ? .txvibrate : endpoints.contains(.tx) ? .tx : .generic(0)
    }

    mutating func begin(into out: inout DeviceOutput) -> Opening {
        guard endpoints.contains(.rxblemodel) else { return .model("Unknown") }
        out.read(.rxblemodel)
        return .wait(.seconds(2))
    }

    mutating func adopt(_ model: Model, into out: inout DeviceOutput) -> Opening {
        outputs = model.outputs.count
        guard endpoints.contains(.rx) else {
            stage = .ready
            return .ready
        }
        stage = .riddle
        out.read(.rx)
        return .wait(.seconds(2))
    }

    mutating func received(_ bytes: RawSpan, from endpoint: DeviceEndpoint, into out: inout DeviceOutput) -> Opening? {
        if stage == .model, endpoint == .rxblemodel { return .model(ASCII.text(bytes) ?? "Unknown") }
        guard stage == .riddle, endpoint == .rx else { return nil }
        let riddle = ASCII.bytes(bytes, upTo: 16)
        guard riddle.count == 16, riddle[0] < Self.keys.count else { return .refused("the device's riddle is not one that is known") }
        let key = Self.keys[Int(riddle[0])]
        out.write(riddle.dropFirst().enumerated().map { $1 ^ key[$0 % 4] }, .rx, .confirmed)
        stage = .ready
        return .ready
    }

    mutating func waited(into out: inout DeviceOutput) -> Opening {
        stage == .model ? .model("Unknown") : .refused("the device has set no riddle")
    }

    mutating func encode(_ state: borrowing OutputState, into out: inout DeviceOutput) {
        var isRunning = false
        if tx == .generic(0) { out.bytes(0x03) }
        for slot in 0..<outputs {
            out.byte(state.values[slot])
            if state.values[slot] != 0 { isRunning = true }
        }
        if tx == .tx, !isRunning, endpoints.contains(.txmode) { out.end(.txmode, .confirmed) } else { out.end(tx) }
    }
}
