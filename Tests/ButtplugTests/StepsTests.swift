// Fractions of old versions → steps, in plain IEEE-754 double arithmetic.

import Testing

@testable import Buttplug

@Suite struct StepsTests {
    @Test(
        "Held outputs round up, and only a millionth or less is zero",
        arguments: [
            (0.5, 127, 64), (0.1, 127, 13), (0.51, 20, 11), (1, 20, 20), (0.25, 99, 25), (0.5, 80, 40), (0, 20, 0), (0.0000009, 20, 0),
            (0.000001, 20, 1), (0.000002, 20, 1), (0.07, 100, 8), (0.14, 100, 15), (0.28, 100, 29), (0.55, 100, 56), (0.56, 100, 57),
            (0.05, 20, 1), (1, 1, 1), (0.5, 1, 1),
        ] as [(Double, Int32, Int32)])
    func held(fraction: Double, steps: Int32, value: Int32) {
        #expect(Steps.held(fraction, of: steps) == value)
    }

    @Test(
        "A position rounds up without a threshold",
        arguments: [(0, 1000, 0), (0.0000001, 1000, 1), (0.3, 1000, 300), (0.0005, 1000, 1), (1, 1000, 1000), (0.07, 100, 8)]
            as [(Double, Int32, Int32)])
    func position(fraction: Double, steps: Int32, value: Int32) {
        #expect(Steps.position(fraction, of: steps) == value)
    }

    @Test(
        "A move with a duration rounds down",
        arguments: [(0.5, 1000, 500), (0.29, 100, 28), (0.9999, 1000, 999), (1, 1000, 1000), (0, 1000, 0)] as [(Double, Int32, Int32)])
    func move(fraction: Double, steps: Int32, value: Int32) {
        #expect(Steps.move(fraction, of: steps) == value)
    }

    @Test("The longest range does not overflow")
    func longest() {
        #expect(Steps.held(1, of: .max) == .max)
        #expect(Steps.position(1, of: .max) == .max)
        #expect(Steps.move(1, of: .max) == .max)
    }
}
