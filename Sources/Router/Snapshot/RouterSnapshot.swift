// What an operator can see of a router: one value, made at the end of a turn when somebody asks.
// Must not know who asks, or how it is shown. Nothing here costs anything while nobody asks.

import Buttplug
import Host

/// The state of a router at one instant.
public struct RouterSnapshot: Hashable, Sendable {
    /// Whether the emergency stop is raised.
    public var isStopped = false
    /// Whether the router is on its way out.
    public var isEnding = false
    /// Whether anybody wants a scan.
    public var isScanning = false
    public var totals = RouterTotals()
    /// In the order of their slots.
    public var sessions: [SessionSnapshot] = []
    /// Those that wait for the operator's consent, the longest first.
    public var consents: [ConsentSnapshot] = []
    /// In the order of their indices.
    public var devices: [DeviceSnapshot] = []
    /// Those with an output, by device and feature.
    public var lanes: [LaneSnapshot] = []

    /// How many lanes there are: features with an output.
    public var outputs: Int {
        devices.reduce(0) { sum, device in sum + device.info.description.features.filter { !$0.outputs.isEmpty }.count }
    }

    public init() {}
}

/// One session.
public struct SessionSnapshot: Hashable, Sendable {
    public var id: LinkID
    public var peer: Peer
    /// The name from the handshake; nil before it.
    public var client: String?
    public var version: SpecVersion?
    public var openedAt: Instant
    /// What it may do now: its rule, with what the operator has changed.
    public var rights: Rights
    /// Index of its rule; nil when none matches or its token has its own, or before the handshake.
    public var rule: Int?
    /// Whether the operator has changed anything of the rule for this session.
    public var isPatched: Bool
}

/// One device.
public struct DeviceSnapshot: Hashable, Sendable {
    public var info: DeviceInfo
    /// Which of the router's backends has it.
    public var backend: Int
    public var traffic: DeviceTraffic
    /// nil when it was not written to in the last minute.
    public var latency: RecentLatency?
    /// The newest reading of each subscribed or read sensor, by feature and type.
    public var readings: [SensorKey: [Int32]]
}

/// What was written to a device.
public struct DeviceTraffic: Hashable, Sendable {
    public var writes: UInt64 = 0
    /// Refused, or not answered in time.
    public var failures: UInt64 = 0
    public init() {}
}

/// How long a device took to answer writes in the last minute. Refusals are answers; what was given up is not in it.
public struct RecentLatency: Hashable, Sendable {
    public var median: Interval
    /// Of 100 answers 99 took no longer.
    public var percentile99: Interval
    public var longest: Interval
}

/// One lane: who wants what, and who drives.
public struct LaneSnapshot: Hashable, Sendable {
    public struct Contribution: Hashable, Sendable {
        public var session: LinkID
        public var type: OutputType
        /// As the client sent it.
        public var value: Int32
        /// After the session's gain and cap.
        public var scaled: Int32
        public var priority: UInt8
    }

    public struct Lease: Hashable, Sendable {
        public enum Kind: String, Hashable, Sendable { case moves, holds, sprays }
        public var session: LinkID
        public var kind: Kind
        public var until: Instant
    }

    public struct Written: Hashable, Sendable {
        public var type: OutputType
        public var value: Int32
    }

    public var device: UInt32
    public var feature: UInt32
    /// nil at rest.
    public var type: OutputType?
    public var value: Int32
    /// Upper end of the range of `type`; at rest of the first output.
    public var maximum: Int32
    public var winner: LinkID?
    /// The last write that the device is believed to have.
    public var written: Written?
    public var contributions: [Contribution]
    public var lease: Lease?
    /// Until when a global stop keeps everybody off; `zero` when none does.
    public var heldOffUntil: Instant
}
