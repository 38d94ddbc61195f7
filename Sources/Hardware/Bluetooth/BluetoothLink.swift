// One device of the Bluetooth core: how far its connection is, and its characteristics as endpoints.
// Must not know the bus, nor what the bytes are.

import DBus
import Host

/// Why an answer is awaited.
enum BluetoothCall: Hashable {
    case match, owner, objects
    case filter, startDiscovery, stopDiscovery
    case disconnect
    case connect(UInt32)
    case acquire(UInt32, DeviceEndpoint)
    case write(UInt32, DeviceEndpoint)
    case read(UInt32, DeviceEndpoint)
    case notify(UInt32, DeviceEndpoint)

    /// The device that it is about.
    var device: UInt32? {
        switch self {
        case .connect(let device), .acquire(let device, _), .write(let device, _), .read(let device, _), .notify(let device, _): device
        default: nil
        }
    }
}

struct BluetoothLink {
    /// How far it is. Each state has its deadline in `BluetoothLink.deadline`.
    enum Stage: Hashable {
        /// BlueZ does not know it now: a scan looks for it. Can turn into: waiting, over.
        case sought
        /// Its turn has not come. Can turn into: connecting, resolving (it is connected already), sought, over.
        case waiting
        /// Can turn into: resolving, falling, waiting, over.
        case connecting
        /// Connect has failed, and the end of the connection is still to be told. Can turn into: waiting, over.
        case falling
        /// Connected; BlueZ reads its services. Can turn into: acquiring, over.
        case resolving
        /// Descriptors are asked for. Can turn into: ready, over.
        case acquiring
        /// Can turn into: over.
        case ready
    }

    let device: UInt32
    let candidate: Candidate
    var path: String
    var stage = Stage.waiting
    /// When the whole attempt is given up; `.never` once it is ready.
    var deadline: Instant
    /// The next thing to do by itself: another Connect, another AcquireWrite, a look at whether others wait.
    var retryAt = Instant.never
    /// Connects that ended with an abort.
    var aborts = 0
    /// Connects that something else was in the way of.
    var busies = 0
    /// Until when another program's hold on a characteristic is waited for.
    var heldUntil = Instant.never
    var endpoints: [GattEndpoint] = []
    /// Writes in a row that failed.
    var failedWrites = 0

    init(_ device: UInt32, _ candidate: Candidate, path: String, deadline: Instant) {
        (self.device, self.candidate, self.path, self.deadline) = (device, candidate, path, deadline)
    }

    /// Whether there is, or may be, a connection to take down.
    var isUp: Bool {
        switch stage {
        case .connecting, .falling, .resolving, .acquiring, .ready: true
        case .sought, .waiting: false
        }
    }

    func place(of endpoint: DeviceEndpoint) -> Int? { endpoints.firstIndex { $0.endpoint == endpoint } }

    var set: EndpointSet {
        var set = EndpointSet()
        for one in endpoints { set.insert(one.endpoint) }
        return set
    }

    /// The next instant at which something is to be done.
    var next: Instant { endpoints.reduce(min(deadline, retryAt)) { min($0, $1.retryAt) } }
}

/// An endpoint as BlueZ has it.
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

    private mutating func number(_ value: UInt32) {
        for shift in stride(from: UInt32(0), to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }
}
