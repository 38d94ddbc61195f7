// What an application implements to bring its own device: four small functions, called on the loop.
// Must not know tickets or requests; `DriverBackend` turns those into calls.

import Buttplug

/// A device of the application's own. All calls come on the loop of the server's world and must not block.
public protocol DeviceDriver: AnyObject {
    /// What clients see. Read once, when the server starts.
    var device: DeviceDescription { get }
    /// Puts an output to a value, in steps of its range. `duration` in milliseconds, only for `hwPositionWithDuration`, else 0.
    /// - Returns: false when the device refuses; clients get a device error.
    func write(_ output: OutputType, _ value: Int32, duration: UInt32, feature: UInt32) -> Bool
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
