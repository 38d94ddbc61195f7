// The devices of the tests.

import Buttplug

extension DeviceDescription {
    /// Two motors, the first with a battery to read and to subscribe to.
    static func twoMotors(_ identity: String = "test:two", name: String = "Two Motors", gap: UInt32 = 0) -> DeviceDescription {
        DeviceDescription(
            identity: identity, name: name, messageGapMilliseconds: gap,
            features: [
                Feature(
                    index: 0, outputs: [OutputRange(.vibrate, steps: 100)],
                    inputs: [InputRange(.battery, ranges: [0...100], canRead: true, canSubscribe: true)]),
                Feature(index: 1, outputs: [OutputRange(.vibrate, steps: 100)]),
            ])
    }

    /// One rotating output with direction, and no sensor.
    static func rotator(_ identity: String = "test:rotator") -> DeviceDescription {
        DeviceDescription(
            identity: identity, name: "Rotator", features: [Feature(index: 0, outputs: [OutputRange(.rotate, steps: 100, isSigned: true)])])
    }

    /// One axis.
    static func stroker(_ identity: String = "test:stroker") -> DeviceDescription {
        DeviceDescription(
            identity: identity, name: "Stroker",
            features: [
                Feature(
                    index: 0,
                    outputs: [
                        OutputRange(.position, steps: 1_000), OutputRange(.hwPositionWithDuration, steps: 1_000, duration: 0...60_000),
                    ])
            ])
    }
}
