// What readings and subscriptions are known by.
// Must not know who wants them.

import Buttplug

/// One sensor of one device.
public struct SensorKey: Hashable, Sendable {
    public var device: UInt32
    public var feature: UInt32
    public var type: InputType

    public init(device: UInt32, feature: UInt32, type: InputType) {
        self.device = device
        self.feature = feature
        self.type = type
    }
}
