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
    /// The index that clients shall know it by.
    var index: UInt32?
    var displayName: String?
    /// Denied beats allowed. When any device is allowed by name, the others are not connected.
    var isDenied = false
    var isAllowed = false
    /// Milliseconds; with a settings entry that has none, the transport's gap counts and not the model's.
    var gapMilliseconds: UInt32?
    var perOutput: [OutputPlace: OutputSetting] = [:]
}
