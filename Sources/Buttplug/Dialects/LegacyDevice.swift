// A device as spec versions 0 to 3 see it: one list per kind of command, each with its own indices.
// Must not know JSON. The lists follow from the features alone, so they are made once, when the device appears.

/// One entry of a legacy list of outputs.
struct LegacyOutput: Hashable, Sendable {
    /// The feature's index on the wire of v4.
    var feature: UInt32
    var type: OutputType
    /// Upper end of the range: what 1.0 means.
    var steps: Int32
    /// Index in the description's features.
    var index: Int
}

/// One entry of a legacy list of sensors.
struct LegacySensor: Hashable, Sendable {
    var feature: UInt32
    var type: InputType
    var index: Int
    /// Index in the feature's inputs.
    var input: Int
}

/// A device's legacy lists. A command's index refers to the list of its own message.
final class LegacyDevice: Sendable {
    /// ScalarCmd: every output but `HwPositionWithDuration`.
    let scalars: ContiguousArray<LegacyOutput>
    /// VibrateCmd, SingleMotorVibrateCmd.
    let vibrators: ContiguousArray<LegacyOutput>
    /// RotateCmd: rotations that have a direction.
    let rotators: ContiguousArray<LegacyOutput>
    /// LinearCmd: moves with a duration.
    let linears: ContiguousArray<LegacyOutput>
    /// SensorReadCmd.
    let readable: ContiguousArray<LegacySensor>
    /// SensorSubscribeCmd.
    let subscribable: ContiguousArray<LegacySensor>

    /// The order in which the outputs of one feature are listed.
    private static var order: InlineArray<8, OutputType> {
        [.constrict, .temperature, .led, .oscillate, .position, .rotate, .spray, .vibrate]
    }

    init(_ device: DeviceDescription) {
        var scalars: ContiguousArray<LegacyOutput> = []
        var rotators: ContiguousArray<LegacyOutput> = []
        var linears: ContiguousArray<LegacyOutput> = []
        var readable: ContiguousArray<LegacySensor> = []
        var subscribable: ContiguousArray<LegacySensor> = []
        let order = Self.order
        for (index, feature) in device.features.enumerated() {
            func entry(_ output: OutputRange) -> LegacyOutput {
                LegacyOutput(feature: feature.index, type: output.type, steps: output.steps, index: index)
            }
            for i in order.indices {
                for output in feature.outputs where output.type == order[i] { scalars.append(entry(output)) }
            }
            for output in feature.outputs {
                if output.type == .rotate && output.isSigned { rotators.append(entry(output)) }
                if output.type == .hwPositionWithDuration { linears.append(entry(output)) }
            }
            for (i, input) in feature.inputs.enumerated() where input.type.hasLegacyName {
                let sensor = LegacySensor(feature: feature.index, type: input.type, index: index, input: i)
                if input.canRead { readable.append(sensor) }
                if input.canSubscribe { subscribable.append(sensor) }
            }
        }
        self.scalars = scalars
        self.vibrators = scalars.filter { $0.type == .vibrate }
        self.rotators = rotators
        self.linears = linears
        self.readable = readable
        self.subscribable = subscribable
    }
}

extension InputType {
    /// Whether v3 has a name for this sensor.
    var hasLegacyName: Bool { self != .depth && self != .position }
}
