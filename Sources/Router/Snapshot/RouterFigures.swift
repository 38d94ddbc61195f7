// What only monitoring asks of a router: figures of all devices and sessions together.
// Must not cost anything while nobody asks, but for what is counted beside the path of a command.

import Buttplug
import Host

/// Figures of one router, since its start where they count.
public struct RouterFigures: Sendable {
    /// From a write to its answer, of all devices.
    public var writeLatencies = Histogram()
    /// Writes that devices refused, and that nobody answered in time; all others with an answer are done.
    public var writesRefused: UInt64 = 0
    public var writesUnanswered: UInt64 = 0
    /// Sessions, the operator among them, that want a scan.
    public var scanVotes = 0
    /// Sessions that get readings, counted per sensor.
    public var subscriptions = 0
    /// Requests of clients by their kind.
    public var requestsByKind: [RequestKind: UInt64] = [:]

    public init() {}

    /// Writes that devices have carried out.
    public var writesDone: UInt64 { writeLatencies.count - writesRefused }

    init(_ core: borrowing RouterCore) {
        writeLatencies = core.outputs.arbiter.devices.allLatencies
        writesRefused = core.outputs.arbiter.devices.refused
        writesUnanswered = core.outputs.arbiter.devices.unanswered
        scanVotes = core.votes.voters.count
        subscriptions = core.sensors.subscriptions.topics.reduce(0) { $0 + $1.subscribers.count }
        for kind in RequestKind.allCases { requestsByKind[kind] = core.tables.counters.count(kind) }
    }
}
