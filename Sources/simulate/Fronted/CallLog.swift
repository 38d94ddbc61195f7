// Every call of one application: when it has to be over, and how it may end.
// Must not know what is called.

import ButtplugClient
import Host

/// What an application's calls came to.
struct CallCounts {
    var visits: UInt64 = 0
    var calls: UInt64 = 0
    var readings: UInt64 = 0
    var events: UInt64 = 0
    /// By `CallCounts.names`.
    var ends = [UInt64](repeating: 0, count: Self.names.count)

    static let names = [
        "done", "handshake", "message", "device", "ping", "unknown", "connector", "out of range", "unsupported", "timed out", "cancelled",
    ]

    static func index(of error: ClientError?) -> Int {
        switch error {
        case nil: 0
        case .handshake: 1
        case .message: 2
        case .device: 3
        case .ping: 4
        case .unknown: 5
        case .connector: 6
        case .outOfRange: 7
        case .unsupported: 8
        case .timedOut: 9
        case .cancelled: 10
        }
    }

    var outcomes: String { zip(Self.names, ends).filter { $0.1 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ") }

    mutating func add(_ other: CallCounts) {
        visits += other.visits
        calls += other.calls
        readings += other.readings
        events += other.events
        for index in ends.indices { ends[index] += other.ends[index] }
    }
}

/// A call that has not ended.
struct OpenCall {
    let number: UInt64
    let name: String
    let from: Instant
    /// When it has to be over.
    let due: Instant
    /// How long it waits for its answer; nil when it waits for none.
    let deadline: Interval?
    /// It is meant to be refused before anything is sent.
    var isMistake = false
    /// Its task may be cancelled.
    var mayBeCancelled = false
}
