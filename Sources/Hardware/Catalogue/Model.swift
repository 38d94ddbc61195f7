// A model of a device: what its outputs and sensors are, and in which order a protocol sees them.
// Must not know how it is driven.

import Buttplug

/// One output of a model, as the device counts.
struct ModelOutput: Hashable, Sendable {
    /// The feature's index on the wire.
    var feature: UInt32
    var type: OutputType
    /// The values that the device takes.
    var range: ClosedRange<Int32>
    /// Milliseconds; only for `hwPositionWithDuration`.
    var duration: ClosedRange<Int32>?
}

/// One sensor of a model.
struct ModelInput: Hashable, Sendable {
    /// The feature's index on the wire.
    var feature: UInt32
    var range: InputRange
}

/// What the catalogue knows of one model.
struct Model: Hashable, Sendable {
    /// As people know it: "Lovense Edge".
    var name: String
    /// The protocol that drives it: "lovense".
    var protocolName: String
    /// What the device calls itself within its protocol; nil for one that the catalogue knows only by its protocol.
    var identifier: String?
    /// How this model differs from others of its protocol: "dual-rotator".
    var variant: String?
    /// Least time between two packets; nil: the transport's.
    var gapMilliseconds: UInt32?
    /// One per slot of `OutputState`, in order of feature, then of type. At most 32.
    var outputs: [ModelOutput] = []
    var inputs: [ModelInput] = []
    /// What features are for, by index, where that is known.
    var descriptions: [UInt32: String] = [:]

    /// How many outputs are of a type.
    func slots(of type: OutputType) -> Int { outputs.count { $0.type == type } }
}
