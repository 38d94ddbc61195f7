// A device as clients see it: features, ranges, names.
// Must not know where it lives or how it is driven.

/// One output of a feature.
public struct OutputRange: Hashable, Sendable {
    public var type: OutputType
    /// Upper end of the advertised range, at least 1. The lower end is 0, or `-steps` when `isSigned`.
    public var steps: Int32
    /// Whether negative values are allowed (a rotation with direction, a heater that cools).
    public var isSigned: Bool
    /// Advertised duration range in milliseconds; only for `hwPositionWithDuration`.
    public var duration: ClosedRange<Int32>?

    public init(_ type: OutputType, steps: Int32, isSigned: Bool = false, duration: ClosedRange<Int32>? = nil) {
        self.type = type
        self.steps = steps
        self.isSigned = isSigned
        self.duration = duration
    }
}

/// One sensor of a feature.
public struct InputRange: Hashable, Sendable {
    public var type: InputType
    /// One range per axis.
    public var ranges: [ClosedRange<Int32>]
    public var canRead: Bool
    public var canSubscribe: Bool

    public init(_ type: InputType, ranges: [ClosedRange<Int32>], canRead: Bool = false, canSubscribe: Bool = false) {
        self.type = type
        self.ranges = ranges
        self.canRead = canRead
        self.canSubscribe = canSubscribe
    }
}

/// One feature of a device: an actuator, a sensor, or both.
public struct Feature: Hashable, Sendable {
    /// The index on the wire. Usually 0, 1, 2…, but holes are allowed.
    public var index: UInt32
    public var description: String
    /// At most one per type, in the order of `OutputType`.
    public var outputs: [OutputRange]
    public var inputs: [InputRange]

    public init(index: UInt32, description: String = "", outputs: [OutputRange] = [], inputs: [InputRange] = []) {
        self.index = index
        self.description = description
        self.outputs = outputs
        self.inputs = inputs
    }
}

/// What a backend says of a device when it appears.
public struct DeviceDescription: Hashable, Sendable {
    /// Which device this is, permanently: the same identity gets the same index after a restart ("simulated:rabbit:1").
    public var identity: String
    public var name: String
    public var displayName: String?
    /// Least time between two writes, as clients are told; zero when the device takes them as they come.
    public var messageGapMilliseconds: UInt32
    /// The least time that is kept between two writes, when it is not the one that clients are told.
    public var keptGapMilliseconds: UInt32?
    /// Whether writes to several of its features cost it as much as one, because it gets them together: then all that wait leave when the
    /// gap is over, and not one for each gap.
    public var gathersWrites = false
    /// The index that it should have if no device had it before; not guaranteed.
    public var preferredIndex: UInt32?
    /// In ascending order of index.
    public var features: [Feature]

    /// The least time to keep between two writes.
    public var writeGapMilliseconds: UInt32 { keptGapMilliseconds ?? messageGapMilliseconds }

    public init(identity: String, name: String, displayName: String? = nil, messageGapMilliseconds: UInt32 = 0, features: [Feature]) {
        self.identity = identity
        self.name = name
        self.displayName = displayName
        self.messageGapMilliseconds = messageGapMilliseconds
        self.features = features
    }
}

/// A device with the index clients know it by.
public struct DeviceInfo: Hashable, Sendable {
    public var index: UInt32
    public var description: DeviceDescription

    public init(index: UInt32, description: DeviceDescription) {
        self.index = index
        self.description = description
    }
}
