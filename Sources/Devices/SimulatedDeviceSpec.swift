// How a simulated device should be: its kind, and how slow and faulty it is and how often it disconnects.
// Must not know how that is carried out; it is a value, with safe defaults.

import Host

/// How long a simulated device takes to answer a write.
public enum WriteLatency: Hashable, Sendable {
    /// The answer comes at once.
    case none
    case fixed(Interval)
    /// Normally distributed, cut off at zero. Answers keep their order.
    case normal(mean: Interval, deviation: Interval)
}

/// One or several equal simulated devices.
public struct SimulatedDeviceSpec: Hashable, Sendable {
    public var archetype: Archetype
    /// How many of them; at least 1.
    public var count: Int
    /// A name given by the user; only sensible for a single device.
    public var displayName: String?
    /// How long after the start of a scan the device is found.
    public var connectDelay = Interval.milliseconds(50)
    public var latency = WriteLatency.none
    /// What the device's link carries; more writes queue up and are answered later and later. Nil: no limit. Above 0.
    public var writesPerSecond: Double?
    /// The share of writes that are refused, 0…1.
    public var failureRate = 0.0
    /// How long after it appears the device disconnects; nil: never.
    public var disconnectAfter: Interval?
    /// How long after it disconnected by itself or was cut off the device comes back, without a scan; nil: it does not.
    public var reconnectAfter: Interval?
    /// Charge at the start, 0…100.
    public var batteryPercent = 100.0
    /// Per cent per minute while every output rests.
    public var batteryDrainIdle = 0.02
    /// Per cent per minute while an output is on or a move runs.
    public var batteryDrainActive = 0.5
    /// Least time between two writes, as the device asks for it; zero: none.
    public var messageGapMilliseconds: UInt32 = 0
    /// Time between two readings of a subscribed sensor. Above zero.
    public var readingInterval = Interval.milliseconds(100)
    /// The seed of this device's random numbers; nil: from the set's seed. Devices never share a sequence.
    public var seed: UInt64?

    public init(_ archetype: Archetype, count: Int = 1) {
        self.archetype = archetype
        self.count = count
    }

    /// Most devices a list may ask for, together.
    public static let devicesMax = Limits().devices

    /// Reads a list as the command line has it: archetypes between commas, each with `*N` after it for several:
    /// `rabbit,stroker*3,plug`. An empty text is an empty list.
    public static func list(_ text: String) throws(SimulatedListError) -> [SimulatedDeviceSpec] {
        try SimulatedListReader(text: text).read()
    }
}

/// How a set of simulated devices comes to be.
public struct SimulatedSetOptions: Hashable, Sendable {
    /// All devices are there from the start (`connectDelay` does not count), instead of being found by a scan.
    public var presentAtStart = false
    /// The same seed makes the same events of the same calls.
    public var seed: UInt64 = 0
    /// A scan that finds nothing new takes at least this long.
    public var shortestScan = Interval.milliseconds(50)

    public init() {}
}
