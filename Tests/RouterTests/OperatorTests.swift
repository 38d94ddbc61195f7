// What the operator does: the latched stop, reloads, kicks, and the router's end.
// Must not know the operator's interface.

import Host
import Testing

@testable import Router

@Suite struct OperatorTests {
    private func router(_ settings: RouterSettings = RouterSettings(), backends: Int = 1) -> TestRouter {
        let router = TestRouter(settings, backends: backends)
        router.appear(0, .twoMotors())
        router.open("A")
        router.advance(1_000)
        router.forget()
        return router
    }

    @Test("an operator's verb takes effect without any other event") func wakes() {
        let router = router()
        router.output("A", 2, 0, 0, "Vibrate", 50)
        router.forget()
        router.runner.raiseEmergencyStop()
        router.advance(0)
        #expect(router.takenWrites() == ["0.0 Vibrate 0", "0.1 Vibrate 0"])
    }

    @Test("the emergency stop survives a restart, stops every backend, and only the operator clears it") func latched() {
        let before = router()
        before.runner.raiseEmergencyStop()
        before.host.turn()
        #expect(before.events.contains { if case .stateChanged = $0.event { true } else { false } })
        #expect(before.runner.state.isStopped)

        let after = TestRouter(state: before.runner.state, backends: 2)
        #expect(after.takenRequests() == ["stop outputs"])
        #expect(after.takenRequests(backend: 1) == ["stop outputs"])
        after.appear(0, .twoMotors())
        after.open("A")
        after.forget()
        after.output("A", 2, 0, 0, "Vibrate", 50)
        #expect(after.taken("A") == ["Ok 2"])
        #expect(after.takenWrites().isEmpty)
        after.runner.clearEmergencyStop()
        after.host.turn()
        after.output("A", 3, 0, 0, "Vibrate", 50)
        #expect(after.takenWrites() == ["0.0 Vibrate 50"])
        #expect(!after.runner.state.isStopped)
    }

    @Test("a reload gives sessions their new rule, but not another ping time") func reload() {
        let router = router()
        var settings = RouterSettings()
        settings.rules.fallback = Rule(maxPingTime: 500, rateLimit: 1)
        settings.rules.fallback.rights.gain = Fraction(0.5)
        router.runner.settingsChanged(settings)
        router.host.turn()
        router.output("A", 2, 0, 0, "Vibrate", 50)
        router.output("A", 3, 0, 0, "Vibrate", 80)
        #expect(router.takenWrites() == ["0.0 Vibrate 25"])
        router.advance(5_000)
        #expect(router.closes.isEmpty)
        router.open("B")
        router.advance(600)
        #expect(router.closes.map(\.session) == ["B"])
    }

    @Test("a kicked session is told after its replies, and its outputs go to zero") func kick() {
        let router = router()
        router.output("A", 2, 0, 0, "Vibrate", 50)
        router.forget()
        router.post("A", #"[{"Ping":{"Id":3}}]"#)
        router.runner.kick(router.id("A"))
        router.host.turn()
        #expect(router.taken("A") == ["Ok 3"])
        #expect(router.closes.map(\.reason) == [.kicked])
        #expect(router.takenWrites() == ["0.0 Vibrate 0"])
        router.runner.kick(router.id("A"))
        router.host.turn()
        #expect(router.closes.count == 1)
    }

    @Test("the router's end sets everything to zero and stops it, waits for the devices, then closes and reports it") func end() {
        let router = router()
        var ended = 0
        router.runner.onEnded = { ended += 1 }
        router.connect("Late")
        router.output("A", 2, 0, 0, "Vibrate", 50)
        router.forget()
        router.backend.faults[[0, 0]] = ScriptedBackend.Fault(latency: .milliseconds(300))
        router.runner.shutDown()
        router.host.turn()
        #expect(router.backend.writes.map(\.write.value) == [0, 0])
        #expect(router.takenRequests() == ["stop outputs"])
        #expect(router.runner.refusal(of: Peer(address: "127.0.0.1", listener: "l")) == .routerEnding)
        router.output("A", 3, 0, 0, "Vibrate", 60)
        #expect(router.taken("A") == ["Ok 3"])
        router.advance(299)
        #expect(router.closes.isEmpty && ended == 0)
        router.advance(1)
        #expect(router.closes.map(\.session).sorted() == ["A", "Late"])
        #expect(router.closes.allSatisfy { $0.reason == .routerEnding })
        #expect(ended == 1)
        #expect(router.backend.writes.allSatisfy { $0.write.value == 0 })
    }

    @Test("the router's end waits two seconds for a device that does not answer, and no longer") func endTimeout() {
        let router = router()
        router.output("A", 2, 0, 0, "Vibrate", 50)
        router.backend.faults[[0, 0]] = ScriptedBackend.Fault(latency: .seconds(60))
        router.runner.shutDown()
        router.host.turn()
        router.advance(1_999)
        #expect(router.closes.isEmpty)
        router.advance(1)
        #expect(router.closes.map(\.reason) == [.routerEnding])
    }

    @Test("writes reach their device's backend, in order") func backends() {
        let router = router(backends: 2)
        router.appear(0, .rotator(), backend: 1)
        router.forget()
        router.post("A", TestRouter.output(2, 0, 0, "Vibrate", 10))
        router.post("A", TestRouter.output(3, 1, 0, "Rotate", 20))
        router.send("A", TestRouter.output(4, 0, 1, "Vibrate", 30))
        #expect(router.takenWrites() == ["0.0 Vibrate 10", "0.1 Vibrate 30"])
        #expect(router.takenWrites(backend: 1) == ["1.0 Rotate 20"])
        #expect(router.taken("A").sorted() == ["Ok 2", "Ok 3", "Ok 4"])
    }

    @Test("a device whose zeros fail three times in a row is cut off") func cutOff() {
        let router = router()
        router.backend.faults[[0, 0]] = ScriptedBackend.Fault(refusals: 10)
        router.send("A", #"[{"StopCmd":{"Id":2,"DeviceIndex":0,"FeatureIndex":0}}]"#)
        router.advance(1_000)
        #expect(router.backend.requests.map { TestRouter.word($0.request) } == ["cut off 0"])
        #expect(router.events.contains { if case .stopFailed(0, 0) = $0.event { true } else { false } })
    }
}
