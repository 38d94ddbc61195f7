// Ceilings apply to the name that people see, and a limit that fits no device is reported.

import Buttplug
import Host
import Testing

@testable import Router

@Suite struct LimitNameTests {
    private func toy(_ identity: String, _ shown: String?) -> DeviceDescription {
        var toy = DeviceDescription.twoMotors(identity)
        toy.displayName = shown
        return toy
    }

    private func settings(_ lanes: [(device: String?, output: OutputType?, feature: UInt32?)], _ access: DeviceAccess? = nil)
        -> RouterSettings
    {
        var settings = RouterSettings()
        for lane in lanes {
            var rule = LaneRule()
            rule.device = lane.device
            rule.output = lane.output
            rule.feature = lane.feature
            rule.ceiling = Fraction(0.5)
            settings.arbitration.lanes.append(rule)
        }
        if let access { settings.rules.rules = [Rule(devices: access)] }
        return settings
    }

    private func told(_ router: TestRouter) -> [String] {
        router.events.compactMap { event in
            if case .limitFitsNothing(let limit) = event.event { "\(limit): \(limit.pattern)" } else { nil }
        }
    }

    @Test("of two equal toys the one with the matching display name has the ceiling, also after a rename") func ceilings() {
        let router = TestRouter(settings([("Left*", nil, nil)]))
        router.appear(0, toy("a", "Left one"))
        router.appear(1, toy("b", "Right one"))
        router.open("A")
        router.forget()
        router.output("A", 2, 0, 0, "Vibrate", 100)
        router.output("A", 3, 1, 0, "Vibrate", 100)
        #expect(router.backend.writes.map(\.write.value) == [50, 100])
        router.vanish(1)
        router.appear(1, toy("b", "Left two"))
        router.vanish(0)
        router.appear(0, toy("a", "Right two"))
        router.forget()
        router.output("A", 4, 0, 0, "Vibrate", 100)
        router.output("A", 5, 1, 0, "Vibrate", 100)
        #expect(router.backend.writes.map(\.write.value) == [100, 50])
    }

    @Test("patterns that fit no device are reported once each, after devices have come, and listed until they fit") func unmet() {
        let access = DeviceAccess(allow: [Glob("*")], deny: [Glob("Nothing*")])
        let router = TestRouter(
            settings([("Two*", nil, nil), ("Left*", nil, nil), ("Two*", .position, nil), ("Two*", .vibrate, 7), (nil, .led, nil)], access))
        router.advance(10_000)
        #expect(told(router).isEmpty)
        router.appear(0, toy("a", nil))
        #expect(told(router).isEmpty)
        router.advance(250)
        let expected = [
            "[[rule]] 1, devices.deny: Nothing*", "[[arbitration.lane]] 2, device: Left*",
            "[[arbitration.lane]] 3, device with its feature or output: Two*",
            "[[arbitration.lane]] 4, device with its feature or output: Two*",
        ]
        #expect(told(router) == expected)
        router.appear(1, .rotator())
        router.advance(10_000)
        #expect(told(router) == expected)
        #expect(router.runner.unmetLimits.map { "\($0): \($0.pattern)" } == expected)
        router.appear(2, toy("c", "Left one"))
        #expect(router.runner.unmetLimits.count == 3)
        router.vanish(2)
        #expect(router.runner.unmetLimits.count == 3)
    }

    @Test("for a new configuration only its new patterns are reported, at once if devices are there") func reload() {
        let router = TestRouter(settings([("Left*", nil, nil)]))
        router.appear(0, toy("a", nil))
        router.advance(1_000)
        #expect(told(router).count == 1)
        router.forget()
        router.runner.settingsChanged(settings([("Two*", nil, nil), ("Left*", nil, nil), ("Right*", nil, nil)]))
        router.advance(1_000)
        #expect(told(router) == ["[[arbitration.lane]] 3, device: Right*"])
    }
}
