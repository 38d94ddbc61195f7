// The devices of the tests.
// Must stay simple: each shows one difference between the versions.

import Buttplug

enum Fixtures {
    /// Vibrates, rotates in both directions, has a battery and a signal sensor.
    static let rabbit = DeviceInfo(
        index: 0,
        description: DeviceDescription(
            identity: "rabbit", name: "Example Rabbit",
            features: [
                Feature(index: 0, outputs: [OutputRange(.vibrate, steps: 20)]),
                Feature(index: 1, description: "Shaft", outputs: [OutputRange(.rotate, steps: 20, isSigned: true)]),
                Feature(
                    index: 2, description: "battery Level",
                    inputs: [
                        InputRange(.battery, ranges: [0...100], canRead: true),
                        InputRange(.rssi, ranges: [-128...0], canRead: true),
                    ]),
            ]))

    /// Two axes, the second of which has index 3; each moves at once and with a duration. A display name with a quote; a gap.
    static let stroker = DeviceInfo(
        index: 4,
        description: DeviceDescription(
            identity: "stroker", name: "Example Stroker", displayName: "Desk \"unit\"", messageGapMilliseconds: 50,
            features: [
                Feature(
                    index: 0, description: "Axis",
                    outputs: [
                        OutputRange(.position, steps: 1000), OutputRange(.hwPositionWithDuration, steps: 1000, duration: 0...100_000),
                    ]),
                Feature(index: 3, outputs: [OutputRange(.hwPositionWithDuration, steps: 99)]),
            ]))

    /// Two vibrators around a constrictor that also vibrates, sensors of every kind.
    static let wand = DeviceInfo(
        index: 70,
        description: DeviceDescription(
            identity: "wand", name: "Wand",
            features: [
                Feature(index: 0, outputs: [OutputRange(.vibrate, steps: 100)]),
                Feature(index: 1, outputs: [OutputRange(.vibrate, steps: 10), OutputRange(.constrict, steps: 3)]),
                Feature(index: 5, description: "Tip", outputs: [OutputRange(.vibrate, steps: 127)]),
                Feature(
                    index: 6, description: "Grip",
                    inputs: [
                        InputRange(.button, ranges: [0...1], canSubscribe: true),
                        InputRange(.pressure, ranges: [0...4095, 0...255], canRead: true, canSubscribe: true),
                        InputRange(.depth, ranges: [0...10], canRead: true, canSubscribe: true),
                    ]),
                Feature(index: 9, description: "nothing"),
            ]))

    /// A device without outputs.
    static let empty = DeviceInfo(index: 7, description: DeviceDescription(identity: "empty", name: "", features: []))

    static let all = [rabbit, stroker, wand]
}
