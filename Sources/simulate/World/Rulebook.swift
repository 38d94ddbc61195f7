// The operator's side of a simulated world: which client gets which rule, how lanes mix, and what a reload changes.
// Must not know clients beyond their names.

import Buttplug
import Devices
import Host
import Router

/// Settings for a run. Reloads switch between three variants.
enum Rulebook {
    static let variants = 3

    /// - Parameter asksConsent: Many rules ask the operator, a few let nobody in; which ones, a reload changes.
    static func settings(_ variant: Int, asksConsent: Bool = false) -> RouterSettings {
        var settings = RouterSettings()
        settings.rules = RuleTable(rules(variant))
        settings.arbitration.lanes = lanes(variant)
        guard asksConsent else { return settings }
        settings.limits.consents = 3
        settings.limits.consentTimeout = .seconds(15)
        settings.rules.fallback.admit = variant == 1 ? .always : .ask
        for index in settings.rules.rules.indices {
            let place = (index + variant * 2) % 6
            settings.rules.rules[index].admit = place == 0 ? .never : place < 4 ? .ask : .always
        }
        return settings
    }

    private static func rules(_ variant: Int) -> [Rule] {
        func rule(_ name: String, _ change: (inout Rule) -> Void) -> Rule {
            var rule = Rule(match: RuleMatch(client: Glob(name + "-*")))
            change(&rule)
            return rule
        }
        return [
            rule("observer") { $0.rights.role = variant == 1 ? .controller : .observer },
            rule("low") { $0.rights.priority = variant == 2 ? 100 : 50 },
            rule("high") { $0.rights.priority = variant == 1 ? 100 : 150 },
            rule("quiet") { $0.rights.gain = Fraction(variant == 2 ? 0.25 : 0.5) },
            rule("capped") { $0.rights.cap = Fraction(variant == 1 ? 0.6 : variant == 2 ? 0.04 : 0.3) },
            rule("global") { $0.rights.stopScope = .global },
            rule("panic") { $0.rights.stopScope = .estop },
            rule("muted") { $0.rights.mute = variant != 1 },
            rule("pinger") { $0.maxPingTime = 1_000 },
            rule("silent") { $0.maxPingTime = 2_000 },
            rule("limited") { $0.rateLimit = variant == 2 ? 20 : 5 },
            rule("denied") {
                $0.devices = DeviceAccess(
                    deny: variant == 1 ? [Glob("Simulated Plug*")] : [Glob("Simulated Rabbit*"), Glob("Simulated Dual*")])
            },
        ]
    }

    private static func lanes(_ variant: Int) -> [LaneRule] {
        func lane(_ device: String, _ feature: UInt32? = nil, _ change: (inout LaneRule) -> Void) -> LaneRule {
            var rule = LaneRule()
            rule.device = device
            rule.feature = feature
            change(&rule)
            return rule
        }
        return [
            lane("Simulated Plug*") { $0.ceiling = Fraction(variant == 1 ? 0.3 : 0.5) },
            lane("Simulated Dual*", 0) { $0.mix = .latest },
            lane("Simulated Dual*", 1) { $0.mix = .sum },
            lane("Simulated Triple*", 0) { $0.mix = .average },
            lane("Simulated Triple*", 1) { $0.mix = .exclusive },
            lane("Simulated Triple*", 2) {
                $0.mix = .exclusive
                $0.onConflict = .error
            },
            lane("Simulated Machine*") { $0.slew = Fraction(0.25) },
            lane("Simulated Oscillator*") { $0.slew = Fraction(0.5) },
            lane("Simulated Battery Stroker*") { $0.maxDurationMilliseconds = 5_000 },
            lane("Simulated 2-Motor*", 1) { $0.ceiling = Fraction(variant == 2 ? 0.01 : 0.8) },
        ]
    }

    // MARK: Devices

    /// One feature that oscillates and moves, and one with two held types: they exist, and no simulated archetype has them.
    static let combo = Archetype(
        key: "combo", name: "Simulated Combo",
        features: [
            Feature(
                index: 0, description: "Shaft",
                outputs: [
                    OutputRange(.oscillate, steps: 100), OutputRange(.hwPositionWithDuration, steps: 1000, duration: 0...100_000),
                ])
        ])
    static let duo = Archetype(
        key: "duo", name: "Simulated Duo",
        features: [
            Feature(
                index: 0, description: "Head",
                outputs: [OutputRange(.vibrate, steps: 100), OutputRange(.rotate, steps: 100, isSigned: true)]),
            Feature(index: 1, description: "Light", outputs: [OutputRange(.led, steps: 50)]),
        ])

    private static let order = [
        "rabbit", "plug", "stroker", "dual", "combo", "triple", "machine", "heater", "duo", "kegel", "max", "2vibe", "wand-button",
        "osr", "stroker-batt", "1vibe", "rotator", "oscillator", "wide", "empty",
    ]

    /// `count` devices of all kinds, some with a message gap.
    static func devices(_ count: Int) -> [SimulatedDeviceSpec] {
        (0..<count).map { index in
            let key = order[index % order.count]
            let archetype = key == "combo" ? combo : key == "duo" ? duo : Archetype.named(key)!
            var spec = SimulatedDeviceSpec(archetype)
            spec.messageGapMilliseconds = [0, 50, 0, 100, 0, 200, 0][index % 7]
            spec.readingInterval = .milliseconds(200)
            return spec
        }
    }
}
