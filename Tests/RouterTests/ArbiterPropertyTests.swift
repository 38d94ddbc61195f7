// Random events for an arbiter alone, and what must hold after each of them.

import Host
import Testing

@testable import Router

@Suite struct ArbiterPropertyTests {
    static func settings(_ mix: Mix?) -> ArbitrationSettings {
        var settings = ArbitrationSettings()
        var rule = LaneRule()
        rule.mix = mix
        rule.output = mix == nil ? nil : .vibrate
        settings.lanes = mix == nil ? [] : [rule]
        return settings
    }

    @Test(
        "With devices that refuse, delay or answer late every promise holds: on rest, the fold, values, answers, and the devices' final values",
        arguments: [nil, .latest, .average, .exclusive] as [Mix?], [0, 100] as [UInt32])
    func stories(mix: Mix?, gap: UInt32) {
        for seed in 1...100 {
            var world = ArbiterWorld(seed: UInt64(seed), settings: Self.settings(mix), gap: gap)
            for _ in 0..<400 { world.step() }
            world.settle()
            let unanswered = world.answers.enumerated().filter { $0.element != 1 }.map { $0.offset }
            #expect(world.problems.isEmpty, "seed \(seed): \(world.problems.prefix(3))")
            #expect(unanswered.isEmpty, "seed \(seed): commands answered not once: \(unanswered.prefix(5))")
        }
    }
}
