// The simulated kinds of device, as a table: the five of the reference server under its names, then this project's own.
// Must not know anything but features; a new kind is a new row.

import Buttplug

/// The rows of `Archetype.all`.
enum ArchetypeTable {
    static let rows: [Archetype] = reference + own

    /// The reference server's simulated devices (protocol note "Simulated devices"): same names, ranges and descriptions.
    private static let reference: [Archetype] = [
        Archetype(
            key: "simulated-1vibe", aliases: ["1vibe"], identityKey: "1vibe", name: "Simulated 1-Motor Vibrator",
            features: features([.output("Motor", .init(.vibrate, steps: 100))])),
        Archetype(
            key: "simulated-2vibe", aliases: ["2vibe"], identityKey: "2vibe", name: "Simulated 2-Motor Vibrator",
            features: features([
                .output("Motor 1", .init(.vibrate, steps: 100)),
                .output("Motor 2", .init(.vibrate, steps: 100)),
            ])),
        Archetype(
            key: "simulated-rotator", aliases: ["rotator"], identityKey: "rotator", name: "Simulated Rotator",
            features: features([.output("Rotation Motor", .init(.rotate, steps: 100, isSigned: true))])),
        Archetype(
            key: "simulated-oscillator", aliases: ["oscillator"], identityKey: "oscillator", name: "Simulated Oscillator",
            features: features([.output("Oscillation Motor", .init(.oscillate, steps: 100))])),
        Archetype(
            key: "simulated-stroker", aliases: ["stroker"], identityKey: "stroker", name: "Simulated Stroker",
            features: features([.axis("Linear Axis", steps: 1000)])),
    ]

    private static let own: [Archetype] = [
        Archetype(
            key: "plug", name: "Simulated Plug",
            features: features([.output("Motor", .init(.vibrate, steps: 20)), .battery])),
        Archetype(
            key: "rabbit", name: "Simulated Rabbit",
            features: features([
                .output("Motor", .init(.vibrate, steps: 20)),
                .output("Rotation Motor", .init(.rotate, steps: 20, isSigned: true)),
                .battery,
            ])),
        Archetype(
            key: "dual", name: "Simulated Dual",
            features: features([
                .output("Motor 1", .init(.vibrate, steps: 100)),
                .output("Motor 2", .init(.vibrate, steps: 100)),
                .battery,
            ])),
        Archetype(
            key: "triple", name: "Simulated Triple",
            features: features([
                .output("Motor 1", .init(.vibrate, steps: 100)),
                .output("Motor 2", .init(.vibrate, steps: 100)),
                .output("Motor 3", .init(.vibrate, steps: 100)),
            ])),
        Archetype(
            key: "stroker-batt", name: "Simulated Battery Stroker",
            features: features([.axis("Linear Axis", steps: 100), .battery, .positionSensor(steps: 100)])),
        Archetype(
            key: "osr", aliases: ["multi-axis"], name: "Simulated OSR",
            features: features([
                .axis("Stroke (L0)", steps: 9999), .axis("Surge (L1)", steps: 9999), .axis("Sway (L2)", steps: 9999),
                .axis("Twist (R0)", steps: 9999), .axis("Roll (R1)", steps: 9999), .axis("Pitch (R2)", steps: 9999),
                .output("Vibrator 1 (V0)", .init(.vibrate, steps: 9999)),
                .output("Vibrator 2 (V1)", .init(.vibrate, steps: 9999)),
                .output("Valve (A0)", .init(.constrict, steps: 9999)),
            ])),
        Archetype(
            key: "machine", name: "Simulated Machine",
            features: features([.output("Oscillation Motor", .init(.oscillate, steps: 100))])),
        Archetype(
            key: "max", name: "Simulated Max",
            features: features([
                .output("Motor", .init(.vibrate, steps: 20)),
                .output("Air Pump", .init(.constrict, steps: 3)),
                .battery,
            ])),
        Archetype(
            key: "heater", name: "Simulated Heater",
            features: features([
                .output("Motor", .init(.vibrate, steps: 255)),
                .output("Heater", .init(.temperature, steps: 1)),
                .output("Light", .init(.led, steps: 1)),
                .output("Nozzle", .init(.spray, steps: 1)),
            ])),
        Archetype(
            key: "wand-button", name: "Simulated Wand",
            features: features([.output("Motor", .init(.vibrate, steps: 100)), .button, .battery, .signalStrength])),
        Archetype(
            key: "kegel", name: "Simulated Kegel",
            features: features([.pressure(channels: 4), .battery])),
        Archetype(
            key: "wide", name: "Simulated Wide",
            features: features((1...32).map { .output("Motor \($0)", .init(.vibrate, steps: 100)) })),
        Archetype(key: "empty", name: "Simulated Empty", features: []),
    ]

    /// Numbers the features in their order.
    private static func features(_ rows: [Row]) -> [Feature] {
        rows.enumerated().map { index, row in
            Feature(index: UInt32(index), description: row.description, outputs: row.outputs, inputs: row.inputs)
        }
    }
}

/// A feature that does not know its index yet.
private struct Row {
    var description: String
    var outputs: [OutputRange] = []
    var inputs: [InputRange] = []

    static func output(_ description: String, _ range: OutputRange) -> Row { Row(description: description, outputs: [range]) }

    /// Something that goes to a position, at once or within a time of up to 100 s.
    static func axis(_ description: String, steps: Int32) -> Row {
        Row(
            description: description,
            outputs: [.init(.position, steps: steps), .init(.hwPositionWithDuration, steps: steps, duration: 0...100_000)])
    }

    static let battery = sensor("Battery", .init(.battery, ranges: [0...100], canRead: true, canSubscribe: true))
    static let signalStrength = sensor("Signal Strength", .init(.rssi, ranges: [-128...0], canRead: true, canSubscribe: true))
    static let button = sensor("Button", .init(.button, ranges: [0...1], canSubscribe: true))

    static func pressure(channels: Int) -> Row {
        sensor("Pressure", .init(.pressure, ranges: .init(repeating: 0...2000, count: channels), canSubscribe: true))
    }

    static func positionSensor(steps: Int32) -> Row {
        sensor("Position", .init(.position, ranges: [0...steps], canRead: true, canSubscribe: true))
    }

    private static func sensor(_ description: String, _ range: InputRange) -> Row { Row(description: description, inputs: [range]) }
}
