// How clients of v0 to v3 count a device's features, and what their fractions come to in steps.
// Must not know the router's dialects: it is written from the protocol, to check them.

import Buttplug

/// One output as an older client can address it.
struct LegacyOutput {
    var feature: UInt32
    var type: OutputType
    var steps: Int32
}

/// A device's outputs in the lists that `ScalarCmd`, `VibrateCmd`, `RotateCmd` and `LinearCmd` count in (`protocol-notes.md` §4).
struct LegacyLayout {
    private(set) var scalar: [LegacyOutput] = []
    private(set) var vibrate: [LegacyOutput] = []
    private(set) var rotate: [LegacyOutput] = []
    private(set) var linear: [LegacyOutput] = []

    /// The order in which a feature's scalar outputs are listed.
    static let order: [OutputType] = [.constrict, .temperature, .led, .oscillate, .position, .rotate, .spray, .vibrate]

    init(_ description: DeviceDescription) {
        for feature in description.features {
            for type in Self.order {
                for output in feature.outputs where output.type == type {
                    let entry = LegacyOutput(feature: feature.index, type: type, steps: output.steps)
                    scalar.append(entry)
                    if type == .vibrate { vibrate.append(entry) }
                    if type == .rotate, output.isSigned { rotate.append(entry) }
                }
            }
            for output in feature.outputs where output.type == .hwPositionWithDuration {
                linear.append(LegacyOutput(feature: feature.index, type: output.type, steps: output.steps))
            }
        }
    }

    /// The steps of a fraction given in hundredths (`protocol-notes.md` §4): up for values, down for moves with a duration.
    static func steps(_ hundredths: Int32, of output: LegacyOutput) -> Int32 {
        let exact = Double(output.steps) * (Double(hundredths) / 100)
        return Int32(output.type == .hwPositionWithDuration ? exact.rounded(.down) : exact.rounded(.up))
    }
}
