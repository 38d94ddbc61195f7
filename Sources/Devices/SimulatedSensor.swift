// One sensor of a simulated device: whether it is subscribed, and the seeded script that makes its values.
// Must not know timers or requests; the caller gives the time.

import Buttplug
import Host

/// A sensor and what it shows.
struct SimulatedSensor {
    let feature: UInt32
    let range: InputRange
    /// Counts subscribing and unsubscribing. A timer from before is void.
    private(set) var subscription: UInt32 = 0
    private var isSubscribed = false
    private var lastSent: [Int32] = []
    private var script: SensorScript
    private var random: SeededRandom

    init(feature: UInt32, range: InputRange, random: SeededRandom) {
        self.feature = feature
        self.range = range
        self.random = random
        script = SensorScript(range)
    }

    /// Begins a subscription; false when there is one already.
    mutating func subscribe(at now: Instant) -> Bool {
        if isSubscribed { return false }
        isSubscribed = true
        subscription &+= 1
        lastSent = []
        script.restart(range, at: now, &random)
        return true
    }

    mutating func unsubscribe() {
        isSubscribed = false
        subscription &+= 1
    }

    /// Whether a timer of this subscription still counts.
    func isWanted(_ subscription: UInt32) -> Bool { isSubscribed && self.subscription == subscription }

    func allows(_ command: InputCommand) -> Bool {
        switch command {
        case .read: range.canRead
        case .subscribe, .unsubscribe: range.canSubscribe
        }
    }

    /// What the sensor shows. `charge` and `position` are what the rest of the device knows.
    mutating func values(at now: Instant, charge: Int32, position: Int32) -> [Int32] {
        switch range.type {
        case .battery: [charge]
        case .position, .depth: [position]
        case .rssi, .button, .pressure: script.values(range, at: now, &random)
        }
    }

    /// The reading to send to subscribers, or nil when there is nothing new: buttons, batteries and signal strengths
    /// report only when they change, and a button does not report that it was released before anybody pressed it.
    mutating func reading(at now: Instant, charge: Int32, position: Int32) -> [Int32]? {
        let values = values(at: now, charge: charge, position: position)
        switch range.type {
        case .pressure, .position, .depth: return values
        case .battery, .rssi:
            if values == lastSent { return nil }
        case .button:
            if values == lastSent || (lastSent.isEmpty && values == [range.ranges[0].lowerBound]) { return nil }
        }
        lastSent = values
        return values
    }
}

/// The part of a sensor that plays by itself.
private enum SensorScript {
    /// Shows what the device knows, no script. No case turns into another.
    case none
    /// Walks by up to 2 dB a second.
    case signal(Int32, at: Instant)
    /// Pressed now and then, for a short while.
    case button(isPressed: Bool, until: Instant)
    /// Squeezes and rests in turn; all channels together, each with a share of its own.
    case pressure(channels: [Int32], isSqueezed: Bool, until: Instant)

    init(_ range: InputRange) {
        switch range.type {
        case .battery, .position, .depth: self = .none
        case .rssi: self = .signal(-60, at: .zero)
        case .button: self = .button(isPressed: false, until: .never)
        case .pressure: self = .pressure(channels: range.ranges.map(\.lowerBound), isSqueezed: false, until: .never)
        }
    }

    /// Begins again for a subscription. The signal goes on, it is there without one.
    mutating func restart(_ range: InputRange, at now: Instant, _ random: inout SeededRandom) {
        switch self {
        case .none, .signal: break
        case .button: self = .button(isPressed: false, until: now + Self.untilPressed(&random))
        case .pressure:
            let channels = range.ranges.map(\.lowerBound)
            self = .pressure(channels: channels, isSqueezed: false, until: now + random.interval(.milliseconds(500), .seconds(2)))
        }
    }

    mutating func values(_ range: InputRange, at now: Instant, _ random: inout SeededRandom) -> [Int32] {
        switch self {
        case .none: return range.ranges.map(\.lowerBound)
        case .signal(let level, let since):
            let level = Self.walk(level, seconds: (now - since).nanoseconds / 1_000_000_000, within: range.ranges[0], &random)
            self = .signal(level, at: since + .seconds((now - since).nanoseconds / 1_000_000_000))
            return [level]
        case .button(var isPressed, var until):
            if until <= now {
                isPressed.toggle()
                until = now + (isPressed ? random.interval(.milliseconds(150), .milliseconds(800)) : Self.untilPressed(&random))
                self = .button(isPressed: isPressed, until: until)
            }
            return [isPressed ? range.ranges[0].upperBound : range.ranges[0].lowerBound]
        case .pressure(var channels, var isSqueezed, var until):
            if until <= now {
                isSqueezed.toggle()
                until = now + random.interval(.seconds(1), .seconds(5))
            }
            for (index, bounds) in range.ranges.enumerated() {
                channels[index] = Self.press(channels[index], isSqueezed: isSqueezed, within: bounds, &random)
            }
            self = .pressure(channels: channels, isSqueezed: isSqueezed, until: until)
            return channels
        }
    }

    private static func untilPressed(_ random: inout SeededRandom) -> Interval { random.interval(.milliseconds(500), .seconds(4)) }

    /// One step of up to 2 for every second gone by, 60 at most.
    private static func walk(_ level: Int32, seconds: Int64, within bounds: ClosedRange<Int32>, _ random: inout SeededRandom) -> Int32 {
        let lowest = max(bounds.lowerBound, -90)
        let highest = max(min(bounds.upperBound, -40), lowest)
        var level = level
        for _ in 0..<min(max(seconds, 0), 60) {
            level = min(max(level + random.integer(in: -2...2), lowest), highest)
        }
        return min(max(level, lowest), highest)
    }

    /// A quarter of the way to the value of a squeeze, or of rest; with some noise.
    private static func press(
        _ value: Int32, isSqueezed: Bool, within bounds: ClosedRange<Int32>, _ random: inout SeededRandom
    ) -> Int32 {
        let width = Int64(bounds.upperBound) - Int64(bounds.lowerBound)
        let goal =
            Int64(bounds.lowerBound) + width * (isSqueezed ? Int64(random.integer(in: 60...95)) : Int64(random.integer(in: 2...8))) / 100
        let next = Int64(value) + (goal - Int64(value)) / 4
        return Int32(min(max(next, Int64(bounds.lowerBound)), Int64(bounds.upperBound)))
    }
}
