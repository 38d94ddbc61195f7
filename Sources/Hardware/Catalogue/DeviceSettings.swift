// What a user has set for one device.
// Must not know where that is written.

import Buttplug

/// Which output of a device.
struct OutputPlace: Hashable, Sendable {
    /// The feature's index on the wire.
    var feature: UInt32
    var type: OutputType
}

struct OutputSetting: Hashable, Sendable {
    /// In the device's own numbers; nil: all that the model has.
    var limits: ClosedRange<Int32>?
    var isReversed = false
    var isDisabled = false
}

struct DeviceSettings: Hashable, Sendable {
    /// The least time between two packets.
    enum Gap: Hashable, Sendable {
        case models
        case transports
        case milliseconds(UInt32)
    }

    /// The index that clients shall know it by, unless they know it by another one already.
    var index: UInt32?
    var displayName: String?
    var gap = Gap.models
    var perOutput: [OutputPlace: OutputSetting] = [:]
}
