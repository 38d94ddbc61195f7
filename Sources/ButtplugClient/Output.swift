// What a feature can be told to do, in the words of an application, and how that becomes steps.
// Must not know messages.

import Buttplug

/// The kinds of output there are (spec v4, Output Types).
public typealias OutputType = Buttplug.OutputType
/// The kinds of sensor there are (spec v4, Input Types).
public typealias InputType = Buttplug.InputType
/// One output of a feature, with its range.
public typealias OutputRange = Buttplug.OutputRange
/// One sensor of a feature, with its ranges.
public typealias InputRange = Buttplug.InputRange

/// How much: a fraction of the feature's range, or its steps. A literal like `0.5` is a fraction.
public enum Level: Hashable, Sendable, ExpressibleByFloatLiteral {
    /// 0…1, or -1…1 where the range is signed (rotation with a direction). Rounded away from zero, so that anything is at least one step.
    case fraction(Double)
    /// Whole steps of the feature's range.
    case steps(Int)

    /// A fraction.
    public init(floatLiteral value: Double) { self = .fraction(value) }
}

/// What a feature is to do.
public enum Output: Hashable, Sendable {
    /// Vibrate until told otherwise.
    case vibrate(Level)
    /// Negative is counter-clockwise, where the feature can do that.
    case rotate(Level)
    /// Move back and forth, this fast, until told otherwise.
    case oscillate(Level)
    /// Squeeze this much until told otherwise.
    case constrict(Level)
    /// Spray once.
    case spray(Level)
    /// Heat, or cool where the range is signed, until told otherwise.
    case temperature(Level)
    /// Shine this brightly until told otherwise.
    case led(Level)
    /// Go to a position at once.
    case position(Level)
    /// Go to a position within a time.
    case move(to: Level, over: Duration)

    /// The kind of output a feature must have for this.
    public var type: OutputType {
        switch self {
        case .vibrate: .vibrate
        case .rotate: .rotate
        case .oscillate: .oscillate
        case .constrict: .constrict
        case .spray: .spray
        case .temperature: .temperature
        case .led: .led
        case .position: .position
        case .move: .hwPositionWithDuration
        }
    }

    /// How much of it.
    public var level: Level {
        switch self {
        case .vibrate(let level), .rotate(let level), .oscillate(let level), .constrict(let level), .spray(let level),
            .temperature(let level), .led(let level), .position(let level), .move(let level, _):
            level
        }
    }
}

/// An output for one feature; made by `DeviceFeature.command`, carried out by `ButtplugClient.run`.
public struct FeatureCommand: Hashable, Sendable {
    /// What is driven.
    public let feature: DeviceFeature
    /// What it is to do.
    public let output: Output

    /// The same as `feature.command(output)`.
    public init(_ feature: DeviceFeature, _ output: Output) {
        self.feature = feature
        self.output = output
    }

    /// The command in the feature's own steps.
    func checked() throws(ClientError) -> CheckedCommand {
        guard let range = feature.range(output.type) else { throw .unsupported("\(feature) has no output \(output.type.name)") }
        var duration: UInt32 = 0
        if case .move(_, let over) = output {
            let milliseconds = over.components.seconds * 1000 + over.components.attoseconds / 1_000_000_000_000_000
            let allowed = range.duration.map { Int64($0.lowerBound)...Int64($0.upperBound) } ?? 0...Int64(Int32.max)
            guard allowed.contains(milliseconds) else {
                throw .outOfRange("\(feature) moves within \(allowed.lowerBound) to \(allowed.upperBound) ms, not \(milliseconds)")
            }
            duration = UInt32(milliseconds)
        }
        return CheckedCommand(
            device: feature.device, feature: feature.index, type: range.type, value: try steps(range), duration: duration)
    }

    private func steps(_ range: OutputRange) throws(ClientError) -> Int32 {
        let low = range.isSigned ? -Int(range.steps) : 0
        switch output.level {
        case .steps(let steps):
            guard steps >= low, steps <= Int(range.steps) else {
                throw .outOfRange("\(range.type.name) of \(feature) takes \(low) to \(range.steps) steps, not \(steps)")
            }
            return Int32(steps)
        case .fraction(let fraction):
            guard fraction >= (range.isSigned ? -1 : 0), let steps = ClientSession.steps(fraction: fraction, of: range.steps) else {
                throw .outOfRange("\(range.type.name) of \(feature) takes \(range.isSigned ? "-1" : "0") to 1, not \(fraction)")
            }
            return steps
        }
    }
}

/// A command that is in range.
struct CheckedCommand {
    var device: UInt32
    var feature: UInt32
    var type: OutputType
    var value: Int32
    var duration: UInt32
}
