// An endpoint of a device as BlueZ has it: a characteristic, the way that packets take to it, and what is under way.
// Must not know the bus, nor what the bytes are.

import DBus
import Host

struct GattEndpoint {
    /// How plain packets get there.
    enum Way: Hashable {
        /// By a descriptor that is being asked for, or opened.
        case acquiring
        /// By a descriptor.
        case wire(WireID)
        /// By WriteValue.
        case calls
        /// Not at all.
        case none
    }

    let endpoint: DeviceEndpoint
    let path: String
    let flags: GattFlags
    var way = Way.none
    /// The wire takes no more for now.
    var isBlocked = false
    /// The longest packet by descriptor.
    var bytesMax = 0
    /// A WriteValue has not been answered.
    var isWriting = false
    /// What has been said to be `blocked` is to be told of its end.
    var owesDrained = false
    /// A WriteValue that comes too early after a descriptor was given back is tried again.
    var repeated: [UInt8] = []
    var repeatsLeft = 0
    var retryAt = Instant.never
    var isNotifying = false
    var message: BluezWrite?

    init(_ endpoint: DeviceEndpoint, _ characteristic: BluezCharacteristic) {
        self.endpoint = endpoint
        (path, flags) = (characteristic.path, characteristic.flags)
        if flags.contains(.plain) { way = .acquiring } else if flags.contains(.write) { way = .calls }
    }

    /// Whether a packet is written as a request, which the device answers, or as a command.
    func isRequest(_ delivery: Delivery) -> Bool { flags.contains(.write) && (delivery == .confirmed || !flags.contains(.plain)) }
}

/// WriteValue to one characteristic: the bytes that never change are written once.
struct BluezWrite {
    /// The head, up to the value's length.
    private let head: [UInt8]
    /// The options, for a request and for a command.
    private let options: (request: [UInt8], command: [UInt8])
    private(set) var bytes: [UInt8] = []

    init(path: String, to owner: String) {
        var message = DBusMessage(call: "WriteValue", of: Bluez.characteristic, on: path, to: owner)
        message.signature = "aya{sv}"
        head = message.bytes
        func entries(_ type: String) -> [UInt8] {
            var writer = DBusWriter()
            writer.values([.entries([DBusEntry("type", "s", .string(type))])], as: "a{sv}")
            return writer.bytes
        }
        options = (entries("request"), entries("command"))
        bytes.reserveCapacity(head.count + 600)
    }

    /// Makes `bytes` the whole call.
    mutating func set(_ value: RawSpan, isRequest: Bool) {
        bytes.removeAll(keepingCapacity: true)
        bytes += head
        // The head is a multiple of eight long, so that the body has the alignment of the message.
        number(UInt32(value.byteCount))
        value.withUnsafeBytes { bytes.append(contentsOf: $0) }
        // The options are aligned to eight, so that they stand as they were written.
        let entries = isRequest ? options.request : options.command
        while bytes.count % 4 != 0 { bytes.append(0) }
        bytes += entries[..<4]
        while bytes.count % 8 != 0 { bytes.append(0) }
        bytes += entries[8...]
        let body = UInt32(bytes.count - head.count)
        for place in 0..<4 { bytes[4 + place] = UInt8(truncatingIfNeeded: body >> (8 * UInt32(place))) }
    }

    /// The whole call for somebody who does not wait for its answer: the bus is told to keep none.
    mutating func letter(_ value: RawSpan, isRequest: Bool) -> [UInt8] {
        set(value, isRequest: isRequest)
        var letter = bytes
        letter[2] |= 1
        letter[8] = 1
        return letter
    }

    private mutating func number(_ value: UInt32) {
        for shift in stride(from: UInt32(0), to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }
}
