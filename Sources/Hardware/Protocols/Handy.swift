// The Handy, in its two generations: protocol buffers that say where to be, and when.
// Must not know models.

import Buttplug
import Host

/// Firmware 3 and before.
struct Handy: DeviceProtocol {
    init(_ setup: DeviceSetup) {}

    mutating func encode(_ state: borrowing OutputState, into out: inout DeviceOutput) {
        guard state.isDirty(0) else { return }
        var vector = Protobuf()
        vector.varint(2, UInt64(state.durations[0]))
        vector.double(3, Double(state.values[0]) / 100)
        var command = Protobuf()
        command.varint(1, 2)
        command.message(3, vector)
        var message = Protobuf()
        message.message(403, command)
        var payload = Protobuf()
        payload.message(1, message)
        out.write(payload.bytes, .tx, .confirmed)
    }
}

/// Firmware 4 and after.
struct HandyV3: DeviceProtocol {
    private enum Request: UInt32 {
        case battery = 710
        case capabilities = 713
        case position = 744
        case vibrate = 900
        case stopVibrating = 901
    }

    private let name: String
    private var outputs: [ModelOutput] = []
    private var greetings = 0
    /// Each request has a number.
    private var sequence: UInt64 = 0

    init(_ setup: DeviceSetup) { name = setup.name }

    var memory: DeviceMemory {
        get { DeviceMemory(first: Int32(truncatingIfNeeded: sequence)) }
        set { sequence = UInt64(UInt32(bitPattern: newValue.first)) }
    }

    mutating func begin(into out: inout DeviceOutput) -> Opening {
        let parts = name.split(separator: "_", omittingEmptySubsequences: false)
        return .model(parts.count > 2 ? String(parts[1]) : "unknown")
    }

    mutating func adopt(_ model: Model, into out: inout DeviceOutput) -> Opening {
        outputs = model.outputs
        out.subscribe(.rx)
        return greet(into: &out)
    }

    /// It wants two requests, one after the answer to the other.
    private mutating func greet(into out: inout DeviceOutput) -> Opening {
        greetings += 1
        guard greetings <= 2 else { return .ready }
        write(greetings == 1 ? .battery : .capabilities, Protobuf(), number: UInt64(greetings), .plain, into: &out)
        return .wait(.seconds(2))
    }

    mutating func received(_ bytes: RawSpan, from endpoint: DeviceEndpoint, into out: inout DeviceOutput) -> Opening? {
        endpoint == .rx && (1...2).contains(greetings) ? greet(into: &out) : nil
    }

    /// No answer is no reason to leave it: it does what it is told.
    mutating func waited(into out: inout DeviceOutput) -> Opening { greet(into: &out) }

    mutating func encode(_ state: borrowing OutputState, into out: inout DeviceOutput) {
        for slot in outputs.indices where state.isDirty(slot) {
            var content = Protobuf()
            let share = Float(state.values[slot]) / 100
            if outputs[slot].type.isMove {
                content.float(1, share)
                content.varint(2, UInt64(state.durations[slot]))
                content.varint(3, 1)
                request(.position, content, into: &out)
            } else if state.values[slot] == 0 {
                request(.stopVibrating, content, into: &out)
            } else {
                content.float(1, share)
                content.varint(2, 100)
                request(.vibrate, content, into: &out)
            }
        }
    }

    private mutating func request(_ kind: Request, _ content: Protobuf, into out: inout DeviceOutput) {
        write(kind, content, number: sequence, .confirmed, into: &out)
        sequence &+= 1
        sequence &= 0xFFFF_FFFF
        out.memory = memory
    }

    private func write(_ kind: Request, _ content: Protobuf, number: UInt64, _ delivery: Delivery, into out: inout DeviceOutput) {
        var request = Protobuf()
        request.varint(2, number)
        request.message(kind.rawValue, content)
        var message = Protobuf()
        message.varint(1, 1)
        message.message(2, request)
        out.write(message.bytes, .tx, delivery)
    }
}
