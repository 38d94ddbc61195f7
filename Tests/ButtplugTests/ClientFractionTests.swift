// Fractions ↔ steps on the client side: the percent rule, and the inverse of what a server of version 3 computes.

import Host
import Testing

@testable import Buttplug

@Suite struct ClientFractionTests {
    @Test(
        "A fraction of a range is rounded to steps away from zero, and a value outside -1...1 gives none",
        arguments: [
            (0.5, 20, 10), (0.51, 20, 11), (1, 20, 20), (0, 20, 0), (0.000001, 20, 0), (0.0000011, 20, 1), (0.05, 20, 1), (0.07, 100, 8),
            (-0.5, 20, -10), (-0.51, 20, -11), (-1, 20, -20), (-0.01, 20, -1), (1, .max, .max), (-1, .max, -.max), (1.001, 20, nil),
            (-1.001, 20, nil), (.nan, 20, nil), (.infinity, 20, nil),
        ] as [(Double, Int32, Int32?)])
    func percent(fraction: Double, steps: Int32, value: Int32?) {
        #expect(ClientSession.steps(fraction: fraction, of: steps) == value)
    }

    @Test(
        "Fractions are written as people write them where six digits are exact, and with fifteen where they are not",
        arguments: [
            (0, 20, "0", "0"), (20, 20, "1", "1"), (10, 20, "0.5", "0.5"), (1, 20, "0.05", "0.05"), (3, 4, "0.75", "0.75"),
            (7, 100, "0.06999", "0.07"), (29, 100, "0.29", "0.29001"), (1, 3, "0.333", "0.333666666666666"),
            (1, 1_000_000, "0.000001", "0.000001"),
        ] as [(Int32, Int32, String, String)])
    func digits(step: Int32, steps: Int32, up: String, down: String) {
        #expect(Self.text(ClientFraction(roundedUpTo: step, of: steps)) == up)
        #expect(Self.text(ClientFraction(cutOffTo: step, of: steps)) == down)
    }

    @Test("Every step of every range up to 1000 is recovered from the written fraction, with the server's own rounding and with any other")
    func everyStep() {
        for steps in Int32(1)...1_000 {
            for step in 0...steps {
                let up = Self.read(ClientFraction(roundedUpTo: step, of: steps))
                let down = Self.read(ClientFraction(cutOffTo: step, of: steps))
                let isRight =
                    Steps.held(up, of: steps) == step && Steps.position(up, of: steps) == step && Steps.move(down, of: steps) == step
                    && Int32((up * Double(steps)).rounded()) == step && Int32((down * Double(steps)).rounded()) == step
                if !isRight { Issue.record("\(step) of \(steps): \(up), \(down)") }
            }
        }
    }

    @Test("Any step of any longer range is recovered; in the first millionth of the longest range it is at least not zero")
    func longRanges() {
        var dice = Dice(seed: 31)
        for round in 0..<20_000 {
            let steps = Int32.random(in: 1_000...(round % 2 == 0 ? 1_000_000 : .max), using: &dice)
            let step = round % 5 == 0 ? steps - .random(in: 0...3, using: &dice) : .random(in: 1...steps, using: &dice)
            let up = Self.read(ClientFraction(roundedUpTo: step, of: steps))
            let down = Self.read(ClientFraction(cutOffTo: step, of: steps))
            #expect(Steps.move(down, of: steps) == step, "\(step) of \(steps)")
            if step > steps / 1_000_000 { #expect(Steps.held(up, of: steps) == step, "\(step) of \(steps)") }
            #expect(Steps.held(up, of: steps) > 0, "\(step) of \(steps)")
        }
        for steps in [Int32(999_999), 1_000_000, 2_000_000, .max] {
            #expect(Steps.held(Self.read(ClientFraction(roundedUpTo: 1, of: steps)), of: steps) > 0)
        }
    }

    private static func text(_ fraction: ClientFraction) -> String {
        Frames.written {
            let start = $0.begin()
            $0.append(fraction)
            $0.end(start)
        }.joined()
    }

    /// The step that a server's reader makes of the written fraction.
    private static func read(_ fraction: ClientFraction) -> Double {
        var buffer = MessageBuffer(capacity: 64)
        buffer.append(fraction)
        let run = buffer.run(0, buffer.count)
        var reader = JSONReader(UnsafeRawBufferPointer(run.bytes).bytes)
        return (try? reader.double()) ?? .nan
    }
}
