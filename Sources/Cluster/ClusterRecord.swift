// What members tell each other: the records of a message, as values. Numbers mean what they mean in the router; texts stay in the bytes.
// Must not know bytes, sessions or devices.

/// A text or a set inside of a message: where it lies. `RecordReader` has its bytes.
public struct RecordPart: Hashable, Sendable {
    public var start: Int
    public var count: Int
}

/// One record. "Entry" is the member that an app is connected to, "home" the one that a device is attached to.
public enum ClusterRecord: Hashable, Sendable {
    /// Both: keeps the link fresh. A digest that differs from one's own: both tell their latch.
    case beat(latchDigest: UInt64, guests: UInt32)
    /// Entry: a session, before its first order and when its rights change.
    case session(SessionRecord, name: RecordPart)
    /// Entry: an output command.
    case order(OrderRecord)
    /// Home: the answer to an order.
    case outcome(request: UInt32, OutcomeCode)
    /// Entry: what `StopCmd` ends. `device` and `feature` may be all ones: every one.
    case stop(session: UInt32, device: UInt32, feature: UInt32)
    /// Entry: a session is over, in any way.
    case sessionEnd(session: UInt32)
    /// Home: a device, as an entry of a list of version 4.
    case device(index: UInt32, claim: UInt64, identity: RecordPart, description: RecordPart)
    /// Home: a device is not there any more.
    case gone(index: UInt32)
    /// Both: the end of what is told when a link is up.
    case told
    /// Entry: reads a sensor, subscribes to it, unsubscribes.
    case read(SensorRecord)
    case subscribe(SensorRecord)
    case unsubscribe(SensorRecord)
    /// Home: an answer, or a reading when `request` is 0. The values are 32 bits each.
    case values(SensorRecord, RecordPart)
    /// Entry: wants a scan, or does not any more.
    case scan(isOn: Bool)
    /// Home: no scan is running.
    case scanFinished
    /// Both: a device's index, for ever.
    case fact(index: UInt32, identity: RecordPart)
    /// Both: the raises of the emergency stop and those of them that are cleared, 64 bits each.
    case latch(raised: RecordPart, cleared: RecordPart)
    /// Both: all masks that the member's operator has raised; `RecordReader.masks` has them.
    case masks(RecordPart)
    /// Home: what the member's apps may do here.
    case grant(GrantRecord)
    /// Both: leaves in good order.
    case bye(reason: UInt8)
}

public struct SessionRecord: Hashable, Sendable {
    public var session: UInt32
    /// Milliseconds that it is open.
    public var age: UInt64
    public var priority: UInt8
    public var role: UInt8
    public var stopScope: UInt8
    public var isMuted: Bool
    /// In ten-thousandths, 0 to 10,000.
    public var gain: UInt16
    public var cap: UInt16
    /// Of the protocol that the app uses.
    public var version: UInt8

    public init(
        session: UInt32, age: UInt64, priority: UInt8, role: UInt8, stopScope: UInt8, version: UInt8
    ) {
        (self.session, self.age, self.priority, self.role) = (session, age, priority, role)
        (self.stopScope, self.version, isMuted, gain, cap) = (stopScope, version, false, 10_000, 10_000)
    }
}

public struct OrderRecord: Hashable, Sendable {
    public var session: UInt32
    public var request: UInt32
    public var device: UInt32
    public var feature: UInt16
    public var type: UInt8
    public var value: Int32
    /// Milliseconds of a move; 0: none.
    public var duration: UInt32

    public init(session: UInt32, request: UInt32, device: UInt32, feature: UInt16, type: UInt8, value: Int32) {
        (self.session, self.request, self.device, self.feature) = (session, request, device, feature)
        (self.type, self.value, duration) = (type, value, 0)
    }
}

/// What became of an order; the entry has the words for it.
public enum OutcomeCode: UInt8, Hashable, Sendable, CaseIterable {
    case ok, refused, timedOut, deviceGone, leased, observer, durationOutOfRange, valueOutOfRange, limit
}

public struct SensorRecord: Hashable, Sendable {
    public var request: UInt32
    public var device: UInt32
    public var feature: UInt16
    public var type: UInt8

    public init(request: UInt32, device: UInt32, feature: UInt16, type: UInt8) {
        (self.request, self.device, self.feature, self.type) = (request, device, feature, type)
    }
}

public struct MaskRecord: Hashable, Sendable {
    /// Sessions below this priority drive nothing.
    public var level: UInt8
    public var releasesOnLoss: Bool
    /// Who raised it, at most 255 bytes.
    public var holder: String

    public init(level: UInt8, releasesOnLoss: Bool, holder: String) {
        (self.level, self.releasesOnLoss, self.holder) = (level, releasesOnLoss, holder)
    }
}

public struct GrantRecord: Hashable, Sendable {
    public var priorityMax: UInt8
    public var stopScope: UInt8
    /// In ten-thousandths.
    public var cap: UInt16
    public var ordersPerSecond: UInt32

    public init(priorityMax: UInt8, stopScope: UInt8, cap: UInt16, ordersPerSecond: UInt32) {
        (self.priorityMax, self.stopScope, self.cap, self.ordersPerSecond) = (priorityMax, stopScope, cap, ordersPerSecond)
    }
}

/// The first byte of a record.
enum RecordKind: UInt8 {
    case beat = 1
    case session, order, outcome, stop, sessionEnd, device, gone, told, read, subscribe, unsubscribe, values, scan, scanFinished, fact
    case latch, masks, grant, bye
}

/// Why records do not count.
public enum RecordProblem: Error, Hashable, Sendable {
    /// Not what an honest member writes.
    case malformed
    /// A kind that this version does not know, and that may not be skipped.
    case unsupported(UInt8)

    /// How the link is lost.
    public var loss: LinkLoss { self == .malformed ? .malformed : .unsupported }
}
