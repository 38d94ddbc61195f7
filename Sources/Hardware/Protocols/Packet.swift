// What goes to a device, as ranges of a flat buffer.
// Must not know how it gets there.

/// How a packet is delivered.
enum Delivery: UInt8, Hashable, Sendable {
    /// Sent and forgotten: fast, and may be lost.
    case plain
    /// The device answers. One at a time.
    case confirmed
}

/// What a protocol remembers of the packets that it made: the way a motor turns, where a stroker is, the number of a packet. What each of
/// the numbers is, only that protocol knows.
struct DeviceMemory: Hashable, Sendable {
    var first: Int32 = 0
    var second: Int32 = 0
    var third: Int32 = 0
    var fourth: Int32 = 0
}

/// One packet: where its bytes are in the buffer of the `DeviceOutput`, where they go, and how.
struct Packet: Hashable, Sendable {
    var start: UInt32
    var end: UInt32
    var endpoint: DeviceEndpoint
    var delivery: Delivery
    /// What the protocol remembered before it made this packet. When the packet does not go out, that is what it remembers again.
    var memory = DeviceMemory()

    var range: Range<Int> { Int(start)..<Int(end) }
}

/// One thing that a protocol wants of its transport. Their order is to be kept.
enum DeviceStep: Hashable, Sendable {
    case write(Packet)
    /// The answer comes to `received`.
    case read(DeviceEndpoint)
    /// What comes goes to `received`.
    case subscribe(DeviceEndpoint)
    case unsubscribe(DeviceEndpoint)
}
