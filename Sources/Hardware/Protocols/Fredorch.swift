// Fredorch's two machines: one is told positions in frames with a check sum, the other its speed in single steps.
// Must not know models.

import Buttplug
import Host

/// `fredorch`: a program of one move, which is written, run and repeated.
struct Fredorch: DeviceProtocol {
    private var position: Int32 = 0
    /// How many packets of the opening have been sent.
    private var sent = 0

    private static let opening: [[UInt8]] = [
        [0x01, 0x06, 0x00, 0x64, 0x00, 0x01],
        [0x01, 0x06, 0x00, 0x69, 0x00, 0x00],
        [0x01, 0x10, 0x00, 0x6B, 0x00, 0x05, 0x0A, 0x00, 0x05, 0x00, 0x05, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01],
        [0x01, 0x06, 0x00, 0x69, 0x00, 0x01],
        [0x01, 0x06, 0x00, 0x6A, 0x00, 0x01],
    ]

    init(_ setup: DeviceSetup) {}

    mutating func adopt(_ model: Model, into out: inout DeviceOutput) -> Opening {
        out.subscribe(.rx)
        return .wait(.milliseconds(500))
    }

    mutating func received(_ bytes: RawSpan, from endpoint: DeviceEndpoint, into out: inout DeviceOutput) -> Opening? {
        endpoint == .rx && sent <= Self.opening.count ? next(into: &out) : nil
    }

    /// It may say nothing first; after that, no answer means that it does not listen.
    mutating func waited(into out: inout DeviceOutput) -> Opening {
        sent == 0 ? next(into: &out) : .refused("the machine does not answer; turn it off and on")
    }

    private mutating func next(into out: inout DeviceOutput) -> Opening {
        defer { sent += 1 }
        guard sent < Self.opening.count else { return .ready }
        frame(Self.opening[sent], into: &out)
        return .wait(.milliseconds(500))
    }

    var memory: DeviceMemory {
        get { DeviceMemory(first: position) }
        set { position = newValue.first }
    }

    mutating func encode(_ state: borrowing OutputState, into out: inout DeviceOutput) {
        guard state.isDirty(0) else { return }
        let goal = min(max(state.values[0], 0), 15)
        let speed = UInt8(StrokeSpeed.fredorch(distance: goal - position, milliseconds: state.durations[0]))
        position = goal
        let place = UInt8(goal) * 10
        frame([0x01, 0x10, 0x00, 0x6B, 0x00, 0x05, 0x0A, 0, speed, 0, speed, 0, place, 0, place, 0, 0x01], into: &out)
    }

    private func frame(_ bytes: [UInt8], into out: inout DeviceOutput) {
        out.bytes(bytes)
        let check = CheckSum.modbus(bytes)
        out.byte(check)
        out.byte(check >> 8)
        out.end()
    }
}

/// `fredorch-rotary`: one step faster, one step slower, stop.
struct FredorchRotary: DeviceProtocol {
    private var speed: Int32 = 0
    private var goal: Int32 = 0
    private var sent = 0
    private var isReady = false

    private static let opening: [[UInt8]] = [
        [0x55, 0x03, 0x99, 0x9C, 0xAA],
        [0x55, 0x09, 0x21, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x2A, 0xAA],
        [0x55, 0x03, 0x1F, 0x22, 0xAA],
        [0x55, 0x03, 0x24, 0x27, 0xAA],
    ]
    private static let stride = Interval.milliseconds(100)

    init(_ setup: DeviceSetup) {}

    var keepAlive: KeepAlive { speed == goal ? .none : .ask(Self.stride) }

    mutating func adopt(_ model: Model, into out: inout DeviceOutput) -> Opening {
        out.subscribe(.rx)
        return next(into: &out)
    }

    mutating func received(_ bytes: RawSpan, from endpoint: DeviceEndpoint, into out: inout DeviceOutput) -> Opening? {
        endpoint == .rx && !isReady ? next(into: &out) : nil
    }

    /// After its password it says nothing.
    mutating func waited(into out: inout DeviceOutput) -> Opening {
        guard isReady else { return next(into: &out) }
        step(into: &out)
        return .ready
    }

    private mutating func next(into out: inout DeviceOutput) -> Opening {
        guard sent < Self.opening.count else {
            isReady = true
            return .ready
        }
        out.write(Self.opening[sent])
        sent += 1
        return .wait(Self.stride)
    }

    var memory: DeviceMemory {
        get { DeviceMemory(first: speed, second: goal) }
        set { (speed, goal) = (newValue.first, newValue.second) }
    }

    mutating func encode(_ state: borrowing OutputState, into out: inout DeviceOutput) {
        goal = min(max(state.values[0], 0), 20)
        guard goal == 0 else { return step(into: &out) }
        speed = 0
        command(0x24, into: &out)
    }

    private mutating func step(into out: inout DeviceOutput) {
        guard speed != goal else { return }
        command(goal > speed ? 0x01 : 0x02, into: &out)
        speed += goal > speed ? 1 : -1
    }

    private func command(_ kind: UInt8, into out: inout DeviceOutput) { out.write([0x55, 0x03, kind, kind + 3, 0xAA]) }
}
