// The kinds of simulated devices: what clients see of each, in full.

import Buttplug
import Testing

@testable import Devices

@Suite struct ArchetypeTests {
    /// One line per feature: outputs as `Type steps` (± when signed), inputs as `type ranges r/s`.
    private func lines(_ key: String) -> [String] {
        guard let archetype = Archetype.named(key) else { return ["none"] }
        return archetype.features.map { feature in
            let outputs = feature.outputs.map { output in
                let duration = output.duration.map { "/\($0.lowerBound)-\($0.upperBound)" } ?? ""
                return "\(output.type.name) \(output.isSigned ? "±" : "")\(output.steps)\(duration)"
            }
            let inputs = feature.inputs.map { input in
                let ranges = input.ranges.map { "\($0.lowerBound)..\($0.upperBound)" }.joined(separator: " ")
                return "\(input.type.name) \(ranges) \(input.canRead ? "r" : "")\(input.canSubscribe ? "s" : "")"
            }
            return "\(feature.index) \(feature.description): " + (outputs + inputs).joined(separator: ", ")
        }
    }

    @Test("The reference server's five simulated devices have its names, ranges and descriptions")
    func reference() {
        #expect(
            Archetype.all.prefix(5).map(\.name) == [
                "Simulated 1-Motor Vibrator", "Simulated 2-Motor Vibrator", "Simulated Rotator", "Simulated Oscillator",
                "Simulated Stroker",
            ])
        #expect(
            Archetype.all.prefix(5).map(\.key) == [
                "simulated-1vibe", "simulated-2vibe", "simulated-rotator", "simulated-oscillator", "simulated-stroker",
            ])
        #expect(lines("simulated-1vibe") == ["0 Motor: Vibrate 100"])
        #expect(lines("simulated-2vibe") == ["0 Motor 1: Vibrate 100", "1 Motor 2: Vibrate 100"])
        #expect(lines("simulated-rotator") == ["0 Rotation Motor: Rotate ±100"])
        #expect(lines("simulated-oscillator") == ["0 Oscillation Motor: Oscillate 100"])
        #expect(lines("simulated-stroker") == ["0 Linear Axis: Position 1000, HwPositionWithDuration 1000/0-100000"])
    }

    @Test("Every other kind has the features of the design's table")
    func own() {
        let battery = "Battery: Battery 0..100 rs"
        #expect(lines("plug") == ["0 Motor: Vibrate 20", "1 \(battery)"])
        #expect(lines("rabbit") == ["0 Motor: Vibrate 20", "1 Rotation Motor: Rotate ±20", "2 \(battery)"])
        #expect(lines("dual") == ["0 Motor 1: Vibrate 100", "1 Motor 2: Vibrate 100", "2 \(battery)"])
        #expect(lines("triple") == ["0 Motor 1: Vibrate 100", "1 Motor 2: Vibrate 100", "2 Motor 3: Vibrate 100"])
        #expect(
            lines("stroker-batt") == [
                "0 Linear Axis: Position 100, HwPositionWithDuration 100/0-100000", "1 \(battery)", "2 Position: Position 0..100 rs",
            ])
        #expect(lines("machine") == ["0 Oscillation Motor: Oscillate 100"])
        #expect(lines("max") == ["0 Motor: Vibrate 20", "1 Air Pump: Constrict 3", "2 \(battery)"])
        #expect(lines("heater") == ["0 Motor: Vibrate 255", "1 Heater: Temperature 1", "2 Light: Led 1", "3 Nozzle: Spray 1"])
        #expect(
            lines("wand-button") == [
                "0 Motor: Vibrate 100", "1 Button: Button 0..1 s", "2 \(battery)", "3 Signal Strength: Rssi -128..0 rs",
            ])
        #expect(lines("kegel") == ["0 Pressure: Pressure 0..2000 0..2000 0..2000 0..2000 s", "1 \(battery)"])
        #expect(lines("wide") == (0..<32).map { "\($0) Motor \($0 + 1): Vibrate 100" })
        #expect(lines("empty").isEmpty)
        let axis = "Position 9999, HwPositionWithDuration 9999/0-100000"
        #expect(
            lines("osr") == [
                "0 Stroke (L0): \(axis)", "1 Surge (L1): \(axis)", "2 Sway (L2): \(axis)", "3 Twist (R0): \(axis)", "4 Roll (R1): \(axis)",
                "5 Pitch (R2): \(axis)", "6 Vibrator 1 (V0): Vibrate 9999", "7 Vibrator 2 (V1): Vibrate 9999",
                "8 Valve (A0): Constrict 9999",
            ])
    }

    @Test("No two kinds share a key, an alias, a name or an identity, and outputs are in the order of their types")
    func consistent() {
        let keys = Archetype.all.flatMap { [$0.key] + $0.aliases }
        #expect(Set(keys).count == keys.count)
        #expect(Set(Archetype.all.map(\.name)).count == 18)
        #expect(Set(Archetype.all.map(\.identityKey)).count == 18)
        for feature in Archetype.all.flatMap(\.features) {
            #expect(feature.outputs.map(\.type.rawValue) == feature.outputs.map(\.type.rawValue).sorted())
            #expect(!feature.outputs.isEmpty || !feature.inputs.isEmpty)
        }
    }

    @Test("An alias means the kind it stands for, and case does not matter")
    func aliases() {
        #expect(Archetype.named("stroker")?.key == "simulated-stroker")
        #expect(Archetype.named("multi-axis")?.key == "osr")
        #expect(Archetype.named("Rabbit")?.key == "rabbit")
        #expect(Archetype.named("rabb") == nil)
    }
}
