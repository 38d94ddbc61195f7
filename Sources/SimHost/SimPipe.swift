// One direction of a simulated connection: messages in order, each with the instant at which its last byte is there.
// Must not know who is at either end.

import Host

/// What a connection is like while nothing is wrong with it.
public struct SimConditions: Hashable, Sendable {
    /// The time every byte takes.
    public var latency = Interval.milliseconds(1)
    /// Up to this much more, drawn for each message.
    public var jitter = Interval.zero
    /// Arrivals wait for the next multiple of this, so that messages arrive together: zero for never.
    public var gathering = Interval.zero
    /// What each byte takes on top: a connection whose bytes come one by one. Zero for none.
    public var byteTime = Interval.zero
    /// Bytes on their way to the client before the server's kernel takes no more.
    public var window = 256 * 1024

    public init() {}
}

/// What a pipe carries.
enum SimParcel {
    case message([UInt8])
    /// The sender closed in good order.
    case close(CloseReason)

    /// Bytes on the wire, with a frame header.
    var wireBytes: Int {
        switch self {
        case .message(let bytes): bytes.count + (bytes.count < 126 ? 2 : bytes.count < 65_536 ? 4 : 10)
        case .close: 4
        }
    }
}

/// Messages on their way, first in, first out.
struct SimPipe {
    private(set) var conditions: SimConditions
    private var random: SimRandom
    private var parcels: [(parcel: SimParcel, arrival: Instant)] = []
    private var first = 0
    private var lineFree = Instant.zero
    private var lastArrival = Instant.zero
    /// Nothing arrives before this.
    private(set) var stalledUntil = Instant.zero
    /// Bytes on their way.
    private(set) var bytes = 0
    /// For when a wake has been asked; the pipe's user keeps it.
    var wakeAt = Instant.never

    init(_ conditions: SimConditions, _ random: SimRandom) {
        self.conditions = conditions
        self.random = random
    }

    var isEmpty: Bool { first == parcels.count }

    /// When the next message arrives; `.never` when none is on its way.
    var nextArrival: Instant { isEmpty ? .never : max(parcels[first].arrival, stalledUntil) }

    mutating func put(_ parcel: SimParcel, at now: Instant) {
        let size = parcel.wireBytes
        var arrival = now
        if conditions.byteTime > .zero {
            lineFree = max(now, lineFree) + conditions.byteTime * Int64(size)
            arrival = lineFree
        }
        arrival = arrival + conditions.latency + random.within(.zero...conditions.jitter)
        if conditions.gathering > .zero {
            let step = UInt64(conditions.gathering.nanoseconds)
            arrival = Instant(nanoseconds: (arrival.nanoseconds / step + 1) * step)
        }
        lastArrival = max(lastArrival, arrival)
        parcels.append((parcel, lastArrival))
        bytes += size
    }

    /// The next message, if it has arrived.
    mutating func take(at now: Instant) -> SimParcel? {
        guard nextArrival <= now, nextArrival != .never else { return nil }
        let parcel = parcels[first].parcel
        parcels[first].parcel = .message([])
        first += 1
        bytes -= parcel.wireBytes
        if first == parcels.count {
            parcels.removeAll(keepingCapacity: true)
            first = 0
        } else if first >= 64, first * 2 > parcels.count {
            parcels.removeFirst(first)
            first = 0
        }
        return parcel
    }

    /// Nothing arrives before `instant`.
    mutating func stall(until instant: Instant) { stalledUntil = max(stalledUntil, instant) }

    /// From here on the connection is like this.
    mutating func change(_ conditions: SimConditions) { self.conditions = conditions }

    /// Everything on its way is lost.
    mutating func lose() {
        parcels.removeAll()
        first = 0
        bytes = 0
        (lineFree, lastArrival) = (.zero, .zero)
    }
}
