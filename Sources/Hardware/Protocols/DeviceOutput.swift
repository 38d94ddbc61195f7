// Where a protocol puts its packets, reads, subscriptions and readings. Reused: warm, it allocates nothing.
// Must not know what happens to them.

import Buttplug

/// A reading of a sensor: `nil` stands for an answer that is no reading, so that the asker need not wait any longer.
struct DeviceReading: Hashable, Sendable {
    var type: InputType
    var value: Int32?
    /// Which of the model's sensors of this type, counted from zero.
    var place = 0
}

/// What one call of a protocol has to say. A packet's bytes are written one after the other, and `end` closes it.
struct DeviceOutput: ~Copyable {
    private(set) var bytes: [UInt8] = []
    private(set) var steps: [DeviceStep] = []
    private(set) var readings: [DeviceReading] = []
    private var start = 0
    /// What the protocol remembers now. The core sets it before each call; a protocol that changes its memory between two packets of one call
    /// sets it again.
    var memory = DeviceMemory()

    init() {
        bytes.reserveCapacity(256)
        steps.reserveCapacity(8)
    }

    /// Forgets everything and keeps the room.
    mutating func removeAll() {
        bytes.forget()
        steps.forget()
        readings.forget()
        start = 0
    }

    var isEmpty: Bool { steps.isEmpty && readings.isEmpty }

    // MARK: Packets

    /// One byte of the packet; of a larger number its lowest eight bits.
    mutating func byte(_ value: some BinaryInteger) { bytes.append(UInt8(truncatingIfNeeded: value)) }

    mutating func bytes(_ values: UInt8...) { bytes.append(contentsOf: values) }
    mutating func bytes(_ values: [UInt8]) { bytes.append(contentsOf: values) }

    @inline(__always)
    mutating func text(_ literal: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    /// A number in decimal digits.
    mutating func decimal(_ value: some BinaryInteger) {
        let rest = UInt64(value.magnitude)
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        var unit: UInt64 = 1
        while rest / unit >= 10 { unit *= 10 }
        while unit != 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest / unit % 10))
            unit /= 10
        }
    }

    /// The bytes of the packet so far.
    var packet: ArraySlice<UInt8> { bytes[start...] }

    /// Changes a byte of the packet so far.
    mutating func patch(_ offset: Int, _ value: UInt8) { bytes[start + offset] = value }

    /// The packet is complete. One without bytes is none.
    mutating func end(_ endpoint: DeviceEndpoint = .tx, _ delivery: Delivery = .plain) {
        guard bytes.count > start else { return }
        steps.append(
            .write(Packet(start: UInt32(start), end: UInt32(bytes.count), endpoint: endpoint, delivery: delivery, memory: memory)))
        start = bytes.count
    }

    /// A whole packet.
    mutating func write(_ values: [UInt8], _ endpoint: DeviceEndpoint = .tx, _ delivery: Delivery = .plain) {
        bytes(values)
        end(endpoint, delivery)
    }

    // MARK: The rest

    mutating func read(_ endpoint: DeviceEndpoint) { steps.append(.read(endpoint)) }
    mutating func subscribe(_ endpoint: DeviceEndpoint) { steps.append(.subscribe(endpoint)) }
    mutating func unsubscribe(_ endpoint: DeviceEndpoint) { steps.append(.unsubscribe(endpoint)) }
    mutating func reading(_ type: InputType, _ value: Int32?, of place: Int = 0) {
        readings.append(DeviceReading(type: type, value: value, place: place))
    }
}

extension Array {
    /// Removes everything and keeps the room; costs nothing when there is nothing, and little when there is one.
    @inline(__always)
    mutating func forget() {
        switch count {
        case 0: break
        case 1: removeLast()
        default: removeAll(keepingCapacity: true)
        }
    }
}
