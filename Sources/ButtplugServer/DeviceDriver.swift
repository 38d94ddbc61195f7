// What an application implements to bring its own device: four small functions, called on the loop.
// Must not know tickets or requests; `DriverBackend` turns those into calls.

import Buttplug

/// One output to be set, as a driver gets it.
public struct OutputWrite: Hashable, Sendable {
    /// Which of the device's features.
    public var feature: UInt32
    public var output: OutputType
    /// In steps of the output's range.
    public var value: Int32
    /// In milliseconds; only for `hwPositionWithDuration`, else 0.
    public var duration: UInt32
}

/// A device of the application's own. All calls come on the loop of the server's world and must not block.
public protocol DeviceDriver: AnyObject {
    /// What clients see. Read once, when the server starts.
    var device: DeviceDescription { get }
    /// Puts an output to a value. Writes come in order; of one output the next comes only after the answer to this one.
    /// - Parameters:
    ///   - write: What to set.
    ///   - answer: To be called once, at once or later, from any thread: only then do clients get their answer. A write that is not answered
    ///     within two seconds has failed, and `.refused` and `.unreachable` have too: clients get a device error, and a zero is tried again.
    func write(_ write: OutputWrite, answer: @escaping @Sendable (WriteOutcome) -> Void)
    /// Reads a sensor, one value per axis; nil when that is not possible now.
    func read(_ input: InputType, feature: UInt32) -> [Int32]?
    /// A subscription begins, or ends: then `report` is nil. In between call it, from any thread, whenever there is something new.
    /// - Returns: false when the sensor cannot be subscribed.
    func subscribe(_ input: InputType, feature: UInt32, report: (@Sendable ([Int32]) -> Void)?) -> Bool
}

extension DeviceDriver {
    /// No sensors.
    public func read(_ input: InputType, feature: UInt32) -> [Int32]? { nil }
    /// No subscriptions.
    public func subscribe(_ input: InputType, feature: UInt32, report: (@Sendable ([Int32]) -> Void)?) -> Bool { false }
}
