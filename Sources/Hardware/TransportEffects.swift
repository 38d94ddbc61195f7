// What a transport core leaves: bytes for wires, wires to open and close, and events in the order in which they happened.
// Reused: warm, it allocates nothing.

import Host

/// Why a device was lost, or could not be connected.
enum LossReason: Hashable, Sendable {
    /// It went away: unplugged, switched off, out of reach. It may come back by itself.
    case gone
    /// Something is in the way; the text says what, and what to do about it. It goes to the log.
    case failed(String)
    /// Nothing that is known fits it, and another try would find the same; the text says what it lacks.
    case unsuitable(String)
    /// A newer connection of the same device took its place.
    case replaced

    /// What the operator is told; nil: nothing.
    var problem: String? {
        switch self {
        case .failed(let text), .unsuitable(let text): text
        case .gone, .replaced: nil
        }
    }
    var isFinal: Bool { if case .unsuitable = self { true } else { false } }
}

/// Something that the operator should know. Told once; again only after it was over.
struct HardwareNotice: Hashable, Sendable {
    /// What it is about: a port, an adapter, an identity.
    var subject: String
    /// What is wrong and what to do, or nil: it is over.
    var problem: String?
}

/// What a transport reports.
enum TransportEvent: Hashable, Sendable {
    /// Somebody who could be connected. Said again when what is known of it has changed.
    case found(Candidate)
    /// It can no longer be connected.
    case forgotten(address: String)
    /// Which of the protocols that match it its services fit; said before `ready`, by a transport that can tell.
    case identified(UInt32, protocolName: String)
    /// It is connected and can be written.
    case ready(UInt32, EndpointSet)
    /// The device has answered a packet that was `pending`.
    case wrote(UInt32, ok: Bool)
    /// After `blocked`: packets can be sent again.
    case drained(UInt32)
    /// Bytes from an endpoint: a notification, or the answer to a read. They are in `TransportEffects.receivedBytes`.
    case received(UInt32, DeviceEndpoint, ReceivedRange)
    /// A read brought nothing.
    case silent(UInt32, DeviceEndpoint)
    case lost(UInt32, LossReason)
    /// `TransportCore.letter` says something else now.
    case lettersChanged
    /// There is nothing more to find for now.
    case scanEnded
    case notice(HardwareNotice)
}

/// Where received bytes are.
struct ReceivedRange: Hashable, Sendable {
    var start: UInt32
    var end: UInt32
}

/// Bytes for one wire.
struct WireRun: Hashable, Sendable {
    var wire: WireID
    /// Whose packet it is, or `nobody`.
    var device: UInt32
    var start: UInt32
    var end: UInt32
    /// The wire took it; noted by the rim.
    var isTaken = false
    /// What the device's protocol remembered before the packet.
    var memory = DeviceMemory()

    /// Bytes that are the transport's own.
    static let nobody = UInt32.max
}

/// The effects of one or several calls of a transport core.
struct TransportEffects: ~Copyable {
    /// In the order in which they are to be carried out: all opens, then all runs, then all closes.
    var opens: [(address: WireAddress, wire: WireID)] = []
    var runs: [WireRun] = []
    /// The runs of the last flush.
    private(set) var carriedOut: [WireRun] = []
    var closes: [WireID] = []
    /// Wires to close that said something wrong, with the reason for the other end.
    var refusals: [(wire: WireID, reason: CloseReason)] = []
    var events: [TransportEvent] = []
    private var bytes: [UInt8] = []
    private var received: [UInt8] = []

    init() {}

    /// Bytes for a wire.
    mutating func send(_ span: RawSpan, to wire: WireID, of device: UInt32) {
        let start = UInt32(bytes.count)
        span.withUnsafeBytes { bytes.append(contentsOf: $0) }
        runs.append(WireRun(wire: wire, device: device, start: start, end: UInt32(bytes.count)))
    }

    /// Notes what the protocol of a device remembered before the packet that is in the runs from this one on.
    mutating func remember(_ memory: DeviceMemory, from first: Int) {
        for index in first..<max(first, runs.count) { runs[index].memory = memory }
    }

    /// Bytes from a device.
    mutating func receive(_ span: RawSpan, from endpoint: DeviceEndpoint, of device: UInt32) {
        let start = UInt32(received.count)
        span.withUnsafeBytes { received.append(contentsOf: $0) }
        events.append(.received(device, endpoint, ReceivedRange(start: start, end: UInt32(received.count))))
    }

    /// What was received, as an array of its own: the core that reads it writes new effects meanwhile.
    func receivedBytes(_ range: ReceivedRange) -> [UInt8] { Array(received[Int(range.start)..<Int(range.end)]) }

    /// Calls `send` with the bytes of each run, in order, and notes what it says.
    mutating func sendRuns(_ send: (WireID, UnsafeRawBufferPointer) -> Bool) {
        bytes.withUnsafeBytes { all in
            for index in runs.indices {
                let run = runs[index]
                runs[index].isTaken = send(run.wire, UnsafeRawBufferPointer(rebasing: all[Int(run.start)..<Int(run.end)]))
            }
        }
    }

    /// Whether bytes of a device wait for the rim.
    func hasRuns(of device: UInt32) -> Bool { runs.contains { $0.device == device } }

    /// Whether a rim has anything to do.
    var isFlushed: Bool { opens.isEmpty && runs.isEmpty && closes.isEmpty && refusals.isEmpty }

    /// Puts opens, runs and closes away, which have been carried out: what is done about them may bring about others.
    mutating func putAway() {
        swap(&runs, &carriedOut)
        runs.forget()
        opens.forget()
        closes.forget()
        refusals.forget()
        bytes.forget()
    }

    /// Forgets events, which have been digested.
    mutating func forgetEvents() {
        events.removeAll(keepingCapacity: true)
        received.removeAll(keepingCapacity: true)
    }
}
