// Honey Play Box: frames with a check sum; each command is signed with sixteen random bytes that the device gave at the beginning.
// Must not know models.

import Buttplug
import Host

struct HoneyPlayBox: DeviceProtocol {
    private var motors = 1
    /// What the device gave; empty until then.
    private var token: [UInt8] = []
    /// The device's answer comes in several notifications.
    private var heap: [UInt8] = []
    private var tries = 0
    private var counter: UInt8 = 0
    private let canReadBattery: Bool
    private var asksBattery = false
    private var isReady = false

    private static let head: [UInt8] = [0x02, 0xA5, 0x5A, 0x55, 0xAA, 0xF0]
    private static let secret: [UInt8] = [
        0x8B, 0xE3, 0xFD, 0x04, 0x68, 0x35, 0x09, 0x86, 0x12, 0x1A, 0xBF, 0x03, 0x30, 0xE9, 0xE3, 0xC5,
    ]
    private static let triesMax = 4
    private static let tokenLength = 16
    /// Longer than any answer.
    private static let heapMax = 256

    init(_ setup: DeviceSetup) { canReadBattery = setup.endpoints.contains(.rxblebattery) }

    /// A command lasts some seconds; repeating it keeps the device, also at rest.
    var keepAlive: KeepAlive { .again(.milliseconds(500)) }

    mutating func adopt(_ model: Model, into out: inout DeviceOutput) -> Opening {
        motors = model.outputs.count
        out.subscribe(.rx)
        return waited(into: &out)
    }

    mutating func waited(into out: inout DeviceOutput) -> Opening {
        guard !isReady else { return .ready }
        tries += 1
        guard tries <= Self.triesMax else { return .refused("the device does not answer; turn it off and on") }
        frame(0x01, [0x00, 0x10], into: &out)
        return .wait(.seconds(2))
    }

    mutating func received(_ bytes: RawSpan, from endpoint: DeviceEndpoint, into out: inout DeviceOutput) -> Opening? {
        if asksBattery, endpoint == .rxblebattery {
            asksBattery = false
            out.reading(.battery, ASCII.bytes(bytes, upTo: 1).first.map { Int32($0) })
        }
        guard endpoint == .rx, !isReady else { return nil }
        heap += ASCII.bytes(bytes)
        guard let answer = takeAnswer() else { return nil }
        guard answer.starts(with: [0x90, 0x00]), answer.count >= 2 + Self.tokenLength else {
            return .refused("the device has refused the greeting")
        }
        token = Array(answer[2..<2 + Self.tokenLength])
        isReady = true
        // The first command leaves a number out.
        counter &+= 1
        return .ready
    }

    /// The data of the first whole frame.
    private mutating func takeAnswer() -> [UInt8]? {
        if let start = heap.indices.first(where: { heap[$0...].starts(with: Self.head) }) { heap.removeFirst(start) }
        if heap.count > Self.heapMax { heap = [] }
        // Head, counter, type, command, two bytes of length, data, an end and two bytes of check sum.
        guard heap.count >= 14, heap.starts(with: Self.head) else { return nil }
        let length = Int(heap[9]) << 8 | Int(heap[10])
        guard heap.count >= 14 + length else { return nil }
        let data = Array(heap[11..<11 + length])
        heap = []
        return data
    }

    var memory: DeviceMemory {
        get { DeviceMemory(first: Int32(counter)) }
        set { counter = UInt8(truncatingIfNeeded: newValue.first) }
    }

    mutating func encode(_ state: borrowing OutputState, into out: inout DeviceOutput) {
        var data: [UInt8] = []
        for slot in 0..<motors {
            let value = UInt8(truncatingIfNeeded: state.values[slot].magnitude)
            data += [UInt8(truncatingIfNeeded: slot << 4 | 1), 0x00, 0x05, 0x00, 0x3C, 0x00, 0x00, value]
        }
        let length = data.count + 8
        var signed: [UInt8] = [0xB1, 0x03, UInt8(truncatingIfNeeded: length >> 8), UInt8(truncatingIfNeeded: length)]
        signed += data
        signed += Self.secret
        signed += token
        frame(0x03, data + MD5.digest(signed).prefix(8), into: &out)
    }

    private mutating func frame(_ command: UInt8, _ data: [UInt8], into out: inout DeviceOutput) {
        var body: [UInt8] = [0xB1, command, UInt8(truncatingIfNeeded: data.count >> 8), UInt8(truncatingIfNeeded: data.count)]
        body += data
        let check = CheckSum.modbus(body)
        out.bytes(Self.head)
        out.byte(counter)
        counter &+= 1
        out.bytes(body)
        out.byte(0x03)
        out.byte(check >> 8)
        out.byte(check)
        out.end(.tx, .confirmed)
    }

    mutating func ask(_ input: InputType, into out: inout DeviceOutput) -> Bool {
        guard input == .battery, canReadBattery else { return false }
        asksBattery = true
        out.read(.rxblebattery)
        return true
    }
}
