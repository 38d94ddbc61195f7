// Output commands and stops as their sender sees them: the order of errors, one reply per message, rates.
// Must not know how values mix; the arbitration cases do.

import Buttplug
import Host
import Testing

@testable import Router

@Suite struct OutputTests {
    private func router(_ change: (inout RouterSettings) -> Void = { _ in }) -> TestRouter {
        var settings = RouterSettings()
        change(&settings)
        let router = TestRouter(settings)
        router.appear(0, .twoMotors())
        router.appear(1, .rotator())
        router.appear(2, .stroker())
        router.open("A")
        router.advance(1_000)
        router.forget()
        return router
    }

    // MARK: Errors

    @Test(
        "a command for something that does not exist, or a value out of range, is Error 4 with the reference's form",
        arguments: [
            (TestRouter.output(2, 9, 0, "Vibrate", 1), #"{"ButtplugDeviceError":{"DeviceNotAvailable":9}}"#),
            (TestRouter.output(2, 0, 7, "Vibrate", 1), #"{"ButtplugDeviceError":{"DeviceFeatureIndexError":[2,7]}}"#),
            (TestRouter.output(2, 0, 0, "Rotate", 1), #"{"ButtplugDeviceError":{"MessageNotSupported":"#),
            (TestRouter.output(2, 0, 0, "Vibrate", 101), #"{"ButtplugDeviceError":{"DeviceStepRangeError":[0,101]}}"#),
            (TestRouter.output(2, 0, 0, "Vibrate", -1), #"{"ButtplugDeviceError":{"DeviceStepRangeError":[0,-1]}}"#),
            (TestRouter.output(2, 1, 0, "Rotate", -101), #"{"ButtplugDeviceError":{"DeviceStepRangeError":[0,-101]}}"#),
        ]) func invalid(_ text: String, _ expected: String)
    {
        let router = router()
        router.send("A", text)
        #expect(router.lastError("A").hasPrefix(expected))
        #expect(router.taken("A") == ["Error 4 2"])
        #expect(router.takenWrites().isEmpty)
    }

    @Test("errors come in their order: device and value, duration, observer, denied device, rate") func order() {
        let router = router {
            var rule = Rule(match: RuleMatch(client: Glob("Limited")), devices: DeviceAccess(deny: [Glob("Rotator")]), rateLimit: 1)
            $0.rules.rules = [rule]
            rule.match = RuleMatch(client: Glob("Observer"))
            rule.rights.role = .observer
            $0.rules.rules.append(rule)
            var lane = LaneRule()
            lane.maxDurationMilliseconds = 5_000
            $0.arbitration.lanes = [lane]
        }
        router.open("Observer")
        router.open("Limited")
        let wrong = TestRouter.output(2, 1, 0, "Rotate", 500)
        let denied = TestRouter.output(3, 1, 0, "Rotate", 50)
        let long = TestRouter.output(4, 2, 0, "HwPositionWithDuration", 500, duration: 6_000)
        for text in [wrong, denied, long] { router.send("Observer", text) }
        #expect(router.taken("Observer") == ["Error 4 2", "Error 3 3", "Error 4 4"])
        for text in [wrong, denied, long] { router.send("Limited", text) }
        #expect(router.lastError("Limited").hasPrefix("router.duration"))
        #expect(router.taken("Limited") == ["Error 4 2", "Error 3 3", "Error 4 4"])
        router.send("Observer", denied)
        #expect(router.lastError("Observer").hasPrefix("router.denied.observer: "))
        router.send("Limited", denied)
        #expect(router.lastError("Limited").hasPrefix("router.denied.device: "))
    }

    @Test("when a device refuses, is late or leaves, the waiting session gets Error 4") func deviceErrors() {
        let router = router()
        router.backend.faults[[0, 0]] = ScriptedBackend.Fault(refusals: 1)
        router.output("A", 2, 0, 0, "Vibrate", 50)
        #expect(router.taken("A") == ["Error 4 2"])
        router.backend.faults[[0, 0]] = ScriptedBackend.Fault(latency: .seconds(10), isOnce: true)
        router.output("A", 3, 0, 0, "Vibrate", 60)
        router.advance(1_999)
        #expect(router.taken("A").isEmpty)
        router.advance(1)
        #expect(router.taken("A") == ["Error 4 3"])
        router.backend.faults[[0, 1]] = ScriptedBackend.Fault(latency: .seconds(1))
        router.output("A", 4, 0, 1, "Vibrate", 60)
        router.vanish(0)
        #expect(router.taken("A") == ["Error 4 4", "DeviceList 0"])
    }

    @Test("commands of one frame are carried out in order, each with its own reply") func frame() {
        let router = router()
        let all = [
            TestRouter.output(2, 0, 0, "Vibrate", 10), TestRouter.output(3, 9, 0, "Vibrate", 10), TestRouter.output(4, 0, 1, "Vibrate", 20),
        ]
        router.send("A", "[" + all.map { String($0.dropFirst().dropLast()) }.joined(separator: ",") + "]")
        #expect(router.taken("A").sorted() == ["Error 4 3", "Ok 2", "Ok 4"])
        #expect(router.takenWrites() == ["0.0 Vibrate 10", "0.1 Vibrate 20"])
    }

    // MARK: Legacy messages with several parts

    private func scalar(_ id: Int, _ parts: [(Int, Double)]) -> String {
        let list = parts.map { #"{"Index":\#($0.0),"Scalar":\#($0.1),"ActuatorType":"Vibrate"}"# }.joined(separator: ",")
        return #"[{"ScalarCmd":{"Id":\#(id),"DeviceIndex":0,"Scalars":[\#(list)]}}]"#
    }

    @Test("several parts get one Ok, when the last of them is settled") func parts() {
        let router = router()
        router.open("Old", version: 3)
        router.backend.faults[[0, 1]] = ScriptedBackend.Fault(latency: .milliseconds(200))
        router.send("Old", scalar(2, [(0, 0.5), (1, 0.25)]))
        #expect(router.takenWrites() == ["0.0 Vibrate 50", "0.1 Vibrate 25"])
        router.advance(199)
        #expect(router.taken("Old").isEmpty)
        router.advance(1)
        #expect(router.taken("Old") == ["Ok 2"])
        router.send("Old", scalar(3, [(0, 0.5), (1, 0.25)]))
        #expect(router.taken("Old") == ["Ok 3"])
    }

    @Test("with one bad part nothing of the message is carried out") func badPart() {
        let router = router()
        router.open("Old", version: 3)
        router.send("Old", scalar(2, [(0, 0.5), (7, 0.25)]))
        #expect(router.taken("Old") == ["Error 4 2"])
        #expect(router.takenWrites().isEmpty)
    }

    @Test("the first error of a part is the only reply, for any outcome of the others") func failingPart() {
        let router = router()
        router.open("Old", version: 3)
        router.backend.faults[[0, 0]] = ScriptedBackend.Fault(latency: .milliseconds(100), refusals: 1)
        router.backend.faults[[0, 1]] = ScriptedBackend.Fault(latency: .milliseconds(200), refusals: 1)
        router.send("Old", scalar(2, [(0, 0.5), (1, 0.25)]))
        router.advance(1_000)
        #expect(router.taken("Old") == ["Error 4 2"])
    }

    @Test("after a session that ends while parts wait nothing is left") func partsAfterEnd() {
        let router = router()
        router.open("Old", version: 3)
        router.backend.faults[[0, 0]] = ScriptedBackend.Fault(latency: .milliseconds(100))
        router.send("Old", scalar(2, [(0, 0.5), (1, 0.25)]))
        router.close("Old")
        router.open("New", version: 3)
        router.advance(500)
        router.backend.faults = [:]
        router.send("New", scalar(2, [(0, 0.5), (1, 0.25)]))
        router.advance(500)
        #expect(router.taken("New") == ["Ok 2"])
    }

    @Test("after a refused part the zeros are carried out, and nothing else") func zerosAfterARefusal() {
        let router = router { settings in
            var lane = LaneRule()
            lane.feature = 0
            lane.output = .vibrate
            lane.mix = .exclusive
            lane.onConflict = .error
            settings.arbitration.lanes = [lane]
        }
        router.open("Old", version: 3)
        router.send("Old", scalar(2, [(1, 0.8)]))
        router.output("A", 2, 0, 0, "Vibrate", 10)
        router.forget()
        router.send("Old", scalar(3, [(0, 0.5), (1, 0)]))
        #expect(router.taken("Old") == ["Error 3 3"])
        #expect(router.takenWrites() == ["0.1 Vibrate 0"])
    }

    // MARK: Stops

    @Test("a panic button stops everything, also when it names a device that is not there") func panicButton() {
        let router = router { $0.rules.fallback.rights.stopScope = .estop }
        router.output("A", 2, 0, 0, "Vibrate", 50)
        router.forget()
        router.send("A", #"[{"StopCmd":{"Id":3,"DeviceIndex":9}}]"#)
        #expect(router.taken("A") == ["Error 4 3"])
        #expect(router.takenWrites().contains("0.0 Vibrate 0"))
        router.output("A", 4, 0, 0, "Vibrate", 50)
        #expect(router.takenWrites().isEmpty)
    }

    @Test("a stop of a device or feature that does not exist is Error 4; a feature without a device stops everything") func stops() {
        let router = router()
        router.send("A", #"[{"StopCmd":{"Id":2,"DeviceIndex":9}}]"#)
        router.send("A", #"[{"StopCmd":{"Id":3,"DeviceIndex":0,"FeatureIndex":9}}]"#)
        #expect(router.taken("A") == ["Error 4 2", "Error 4 3"])
        #expect(router.takenWrites().isEmpty)
        router.send("A", #"[{"StopCmd":{"Id":4,"FeatureIndex":9}}]"#)
        #expect(router.taken("A") == ["Ok 4"])
        #expect(router.takenWrites() == ["0.0 Vibrate 0", "0.1 Vibrate 0", "1.0 Rotate 0"])
    }

    // MARK: Rates

    private func limited(_ rate: UInt32) -> TestRouter { router { $0.rules.fallback.rateLimit = rate } }

    @Test("above its rate a session's newest command per lane waits for a token and is Ok at once") func waits() {
        let router = limited(2)
        router.output("A", 2, 0, 0, "Vibrate", 10)
        router.output("A", 3, 0, 0, "Vibrate", 20)
        router.output("A", 4, 0, 0, "Vibrate", 30)
        router.output("A", 5, 0, 0, "Vibrate", 40)
        #expect(router.taken("A") == ["Ok 2", "Ok 3", "Ok 4", "Ok 5"])
        #expect(router.takenWrites() == ["0.0 Vibrate 10", "0.0 Vibrate 20"])
        router.advance(499)
        #expect(router.takenWrites().isEmpty)
        router.advance(1)
        #expect(router.takenWrites() == ["0.0 Vibrate 40"])
        router.advance(5_000)
        #expect(router.takenWrites().isEmpty)
        #expect(router.taken("A").isEmpty)
    }

    @Test("zeros and stops pass at any rate, and remove the command that waits") func zerosPass() {
        let router = limited(2)
        for (id, value) in [(2, 10), (3, 20), (4, 30), (5, 0)] { router.output("A", id, 0, 0, "Vibrate", value) }
        #expect(router.takenWrites() == ["0.0 Vibrate 10", "0.0 Vibrate 20", "0.0 Vibrate 0"])
        router.output("A", 6, 0, 1, "Vibrate", 30)
        router.send("A", #"[{"StopCmd":{"Id":7}}]"#)
        #expect(router.taken("A") == (2...7).map { "Ok \($0)" })
        router.forget()
        router.advance(5_000)
        #expect(router.takenWrites().isEmpty)
    }

    @Test("a command that waits for a token ends with its session, its device, or an emergency stop", arguments: [0, 1, 2])
    func waitingEnds(_ way: Int) {
        let router = limited(1)
        router.output("A", 2, 0, 0, "Vibrate", 10)
        router.output("A", 3, 0, 1, "Vibrate", 20)
        switch way {
        case 0: router.close("A")
        case 1:
            router.vanish(0)
            router.appear(0, .twoMotors())
        default:
            router.runner.raiseEmergencyStop()
            router.host.turn()
            router.runner.clearEmergencyStop()
            router.host.turn()
        }
        router.forget()
        router.advance(4_000)
        #expect(router.takenWrites().isEmpty)
    }

    @Test("a command that waits for a token goes on when a reload takes the rate away or raises it", arguments: [nil, 1_000])
    func rateChanges(_ rate: UInt32?) {
        let router = limited(1)
        router.output("A", 2, 0, 0, "Vibrate", 80)
        router.output("A", 3, 0, 0, "Vibrate", 20)
        #expect(router.taken("A") == ["Ok 2", "Ok 3"])
        #expect(router.takenWrites() == ["0.0 Vibrate 80"])
        var settings = RouterSettings()
        settings.rules.fallback.rateLimit = rate
        router.runner.settingsChanged(settings)
        router.advance(1)
        #expect(router.takenWrites() == ["0.0 Vibrate 20"])
    }

    @Test("far above its rate a session's commands are refused, and it is closed when it goes on") func exhausted() {
        let router = limited(2)
        var replies: [String] = []
        for n in 0..<100 where router.closes.isEmpty {
            router.output("A", n + 2, 0, 0, "Vibrate", n % 100 + 1)
            replies += router.taken("A")
            router.advance(20)
        }
        #expect(replies.first == "Ok 2")
        #expect(replies.contains { $0.hasPrefix("Error 3") })
        #expect(router.closes.map(\.reason) == [.rateLimited])
    }

    // MARK: Late answers

    @Test("an answer that has been read counts, also when its time ends in the same turn") func lateAnswer() {
        let router = router()
        router.backend.holds = true
        router.send("A", TestRouter.output(2, 0, 0, "Vibrate", 50))
        router.advance(100)
        #expect(router.taken("A").isEmpty && router.host.alarmAt != .never)
        router.backend.arrive()
        router.host.advance(to: router.host.alarmAt)
        #expect(router.taken("A") == ["Ok 2"])
        router.advance(10_000)
        #expect(router.backend.writes.count == 1)
    }
}
