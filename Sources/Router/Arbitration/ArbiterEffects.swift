// What goes into the arbiter and what comes out of it, apart from commands themselves.
// Must not see JSON, sockets or versions.

import Buttplug
import Host

/// Where the answer to a command goes when it has to wait for a device.
public struct ReplyTo: Hashable, Sendable {
    /// The session's slot.
    public var session: UInt32
    /// Which of the sessions that have had that slot.
    public var generation: UInt32
    /// The request's id.
    public var id: UInt32
    /// 0, or the number of a reply that several commands share.
    public var group: UInt32

    @inlinable public init(session: UInt32, generation: UInt32, id: UInt32, group: UInt32 = 0) {
        self.session = session
        self.generation = generation
        self.id = id
        self.group = group
    }
}

/// A reply that waited for a device, or was overtaken, and is due now.
public struct SettledReply: Hashable, Sendable {
    public var to: ReplyTo
    public var outcome: Outcome
    public enum Outcome: UInt8, Hashable, Sendable {
        case ok
        /// The device refused the write: `Error` 4.
        case refused
        /// The device did not answer in time: `Error` 4.
        case timedOut
        /// The device is gone: `Error` 4.
        case deviceGone
    }
}

/// Something the operator is told.
public enum ArbiterEvent: Hashable, Sendable {
    /// A zero has failed three times in a row.
    case stopFailed(device: UInt32, feature: UInt32)
    /// The emergency stop was raised (again) or cleared.
    case emergencyStop(Bool)
    /// A lane's value is now this session's, or nobody's.
    case winnerChanged(device: UInt32, feature: UInt32, session: UInt32?)
}

/// What comes out of the arbiter: plain arrays, emptied and reused by the caller every turn.
public struct ArbiterEffects: ~Copyable {
    public var writes = Slab<DeviceWrite>(capacity: 64)
    public var replies = Slab<SettledReply>(capacity: 64)
    public var events: [ArbiterEvent] = []
    public init() {}
}
