// The operator's settings for lanes: how contributions mix, and what no mix may pass.
// Must not know the configuration file.

import Buttplug
import Host
/// How the contributions of one lane become one value (`arbitration.md` §4).
public enum Mix: String, Hashable, Sendable, CaseIterable { case highest, latest, sum, average, exclusive }

/// What happens to a command on a lane that somebody else leases.
public enum OnConflict: String, Hashable, Sendable, CaseIterable { case shadow, error }

/// One entry of `[[arbitration.lane]]`: what it matches and what it sets. The first match counts.
public struct LaneRule: Hashable, Sendable {
    /// A glob over the device's name and its display name; nil matches every device.
    public var device: String?
    public var feature: UInt32?
    public var output: OutputType?
    /// nil: the default of the output type.
    public var mix: Mix?
    /// Fraction of the range no value passes.
    public var ceiling = Fraction.one
    /// Fraction of the range per second by which a value may rise; nil: at once.
    public var slew: Fraction?
    public var onConflict = OnConflict.shadow
    /// Longest duration of a move, in milliseconds; nil: unlimited.
    public var maxDurationMilliseconds: UInt32?

    public init() {}
}

/// The numbers of `arbitration.md` §2 and the lane rules.
public struct ArbitrationSettings: Hashable, Sendable {
    /// How long a lease on an exclusive output outlasts its owner's last command.
    public var leaseHold = Interval.seconds(2)
    public var leaseMax = Interval.seconds(10)
    public var stopHoldoff = Interval.seconds(2)
    public var refresh = Interval.seconds(5)
    public var writeTimeout = Interval.seconds(2)
    public var sprayGap = Interval.seconds(1)
    /// First wait before a failed write is repeated; doubles up to `retryMax`.
    public var retry = Interval.milliseconds(100)
    public var retryMax = Interval.seconds(1)
    public var slewStep = Interval.milliseconds(50)
    public var lanes: [LaneRule] = []

    public init() {}
}
